"""format=flowed (RFC 3676): soft line ends undone, per depth of quoting."""

import re
from io import StringIO

_QUOTES = re.compile(r">*")
_SIGNATURE = "-- "


def unflow(text: str, *, delsp: bool) -> str:
    """Join the lines that were only wrapped, in linear time and without a list of them."""
    written = StringIO()
    joins, depth_before, blanks = False, -1, 0
    for line in StringIO(f"{text}\n"):
        depth, body = _parts(line)
        if not joins or depth != depth_before or body in ("", _SIGNATURE):
            written.write(f"\n{'>' * depth}")
            blanks = 1 if depth else 0  # written only if something stands behind them
        joins, depth_before = body.endswith(" ") and body != _SIGNATURE, depth
        if body == _SIGNATURE and not depth:
            written.write(body)
            continue
        words = body.rstrip(" ")
        if words:
            written.write(f"{' ' * blanks}{words}")
            blanks = 0
        blanks += len(body) - len(words) - (joins and delsp)
    return written.getvalue()[1:]


def _parts(line: str) -> tuple[int, str]:
    match = _QUOTES.match(line)
    depth = match.end() if match else 0
    body = line[depth:].removesuffix("\n")
    return depth, body.removeprefix(" ")
