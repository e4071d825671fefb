"""Names whose capitals count, written so that they differ where case is not looked at.

Addresses of customers are compared without case. Another system may well call two people ``aB1``
and ``Ab1``: they become ``a^b1`` and ``^ab1``, and neither ever gets the other's answers.
"""

import re

_MARKED = re.compile(r"\^(?:\(([0-9a-f]+)\)|(.))", re.DOTALL)


def spelled(name: str) -> str:
    """Return a name that no other name is equal to, case aside."""
    return "".join(map(_letter, name))


def as_written(spelled_name: str) -> str:
    """Return the name again."""
    return _MARKED.sub(_plain, spelled_name)


def _letter(letter: str) -> str:
    if letter == "^":
        return "^^"
    small = letter.casefold()
    if small == letter:
        return letter
    return f"^{small}" if small.isascii() and small.upper() == letter else f"^({ord(letter):x})"


def _plain(marked: re.Match[str]) -> str:
    if marked[1]:
        return chr(int(marked[1], 16))
    return "^" if marked[2] == "^" else marked[2].upper()
