"""format=flowed (RFC 3676): soft line ends undone, per depth of quoting."""

import re

_QUOTES = re.compile(r">*")


def unflow(text: str, *, delsp: bool) -> str:
    """Join the lines that were only wrapped."""
    paragraphs: list[str] = []
    joins, depth_before = False, -1
    for line in text.split("\n"):
        depth, body = _parts(line)
        if joins and depth == depth_before and body != "-- ":
            paragraphs[-1] += body
        else:
            paragraphs.append(f"{'>' * depth} {body}" if depth else body)
        joins = body.endswith(" ") and body != "-- "
        if joins and delsp:
            paragraphs[-1] = paragraphs[-1][:-1]
        depth_before = depth
    return "\n".join(line if line == "-- " else line.rstrip(" ") for line in paragraphs)


def _parts(line: str) -> tuple[int, str]:
    match = _QUOTES.match(line)
    depth = match.end() if match else 0
    body = line[depth:]
    return depth, body.removeprefix(" ")
