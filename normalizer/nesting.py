"""HTML over which a parser would need minutes: found before any parser sees it."""

import re
from html import unescape

_DEEP = 2_000
_TAGS = 150_000
_CROWDED = 2_000
"""Attributes of one element: parsers compare each with all before it."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_WHOLE_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?P<attributes>(?:{_ATTRIBUTE})*+)")
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


def too_much(html: str) -> bool:
    """Say whether parsers would need far more for ``html`` than its length lets expect."""
    return html.count("<") > _TAGS or too_deep(html) or too_crowded(html)


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


def too_crowded(html: str) -> bool:
    """Say whether an element has thousands of attributes."""
    if len(html) < 2 * _CROWDED:
        return False
    return any(
        match.end() - match.start() > 2 * _CROWDED
        and sum(1 for _ in _ONE_ATTRIBUTE.finditer(match["attributes"])) > _CROWDED
        for match in _WHOLE_TAG.finditer(html)
    )


def without_tags(html: str) -> str:
    """Return the text between the tags: the last resort."""
    return unescape(_MARKUP.sub(" ", _BREAKS.sub("\n", html))).strip()
