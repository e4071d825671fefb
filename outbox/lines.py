"""Text that is safe in one header line: subjects and names."""

import re

CONTROLS = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029\ufeff]+")
PREFIXES = re.compile(
    r"^(?:(?:re|sv|aw|odp|vs|ha|fw|fwd|vl|edasi|на|отв)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)


def one_line(text: str, limit: int) -> str:
    """Return ``text`` without line breaks and control characters, at most ``limit`` long."""
    line = CONTROLS.sub(" ", text).strip()
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def answer_subject(subject: str, reference: str) -> str:
    """Return ``Re: <subject> [<reference>]``, neither half of it twice."""
    mark = f"[{reference}]"
    bare = PREFIXES.sub("", one_line(subject, 200).replace(mark, " ").strip())
    return " ".join(filter(None, ("Re:", " ".join(bare.split()), mark)))
