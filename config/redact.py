"""Secrets that stand in a file, left out of all that is printed or kept."""

import re

_VALUE = r"""\s*:[ ]+)                     # password:
        (?!["']?\$\{)                      # ${file:…} is none itself
        (?P<value>"[^"\n]*"|'[^'\n]*'|"""
_SECRET = re.compile(
    rf"""(?P<key>\b\w*(?:password|token|secret)["']?{_VALUE}[^\s,}}#{{\[][^,}}#\n]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_ANYTHING_LIKE_IT = re.compile(
    rf"""(?P<key>\b\w*(?:pas+w(?:or)?d|pwd|token|secret)["']?{_VALUE}
        \[[^\]\n]*\]? | \{{[^}}\n]*\}}? | [^\s,}}#{{\[][^,}}#\n]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN = re.compile(r"message-id|plus")
_IN_ADDRESS = re.compile(r"(?P<before>://[^\s:/@]+:)[^\s@/]+(?=@)")


def redacted(text: str) -> str:
    """Return YAML text with ``•••`` where a secret stands; it is YAML still."""
    return without_passwords(_SECRET.sub(_hidden, text))


def shown(line: str) -> str:
    """Return a line as it may be printed: misspelt keys and lists may hold a secret as well."""
    return without_passwords(_ANYTHING_LIKE_IT.sub(_hidden, line))


def without_passwords(text: str) -> str:
    """Return a sentence with ``•••`` for the password of an address in it."""
    return _IN_ADDRESS.sub(r"\g<before>•••", text)


def _hidden(found: re.Match[str]) -> str:
    kept = found["value"] if _PLAIN.fullmatch(found["value"].strip()) else "•••"
    return f"{found['key']}{kept}"
