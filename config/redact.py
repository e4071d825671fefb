"""Secrets that stand in a file, left out of all that is printed or kept."""

import re

_SECRET = re.compile(
    r"""(?P<key>\b\w*(?:password|token|secret)["']?\s*:[ ]+)   # password:
        (?!["']?\$\{)                                          # ${file:…} is none itself
        (?P<value>"[^"\n]*"|'[^'\n]*'|[^\s,}#{\[][^,}#\n]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN = re.compile(r"message-id|plus")
_IN_ADDRESS = re.compile(r"(?P<before>://[^\s:/@]+:)[^\s@/]+(?=@)")


def redacted(text: str) -> str:
    """Return YAML text with ``•••`` where a secret stands."""
    return _IN_ADDRESS.sub(r"\g<before>•••", _SECRET.sub(_hidden, text))


def _hidden(found: re.Match[str]) -> str:
    shown = found["value"] if _PLAIN.fullmatch(found["value"].strip()) else "•••"
    return f"{found['key']}{shown}"
