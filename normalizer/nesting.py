"""HTML nested so deeply that a parser would need minutes: found before any parser sees it."""

import re
from html import unescape

_DEEP = 2_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_MARKUP = re.compile(r"<[^<>]{0,5000}>")
_BREAKS = re.compile(r"<(?:br|p|div|tr|li)\b[^<>]{0,500}>", re.IGNORECASE)
_ENDS_ITSELF = frozenset(
    [
        "br",
        "img",
        "hr",
        "input",
        "meta",
        "link",
        "p",
        "li",
        "td",
        "tr",
        "th",
        "col",
        "wbr",
        "option",
        "dt",
        "dd",
    ]
)


def too_deep(html: str) -> bool:
    """Say whether ``html`` opens far more elements than it closes."""
    if html.count("<") < _DEEP:
        return False
    depth = 0
    for match in _TAG.finditer(html):
        if match[2].lower() in _ENDS_ITSELF:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _DEEP:
            return True
    return False


def without_tags(html: str) -> str:
    """Return the text between the tags: the last resort."""
    return unescape(_MARKUP.sub(" ", _BREAKS.sub("\n", html))).strip()
