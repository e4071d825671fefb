"""HTML over which a parser would need minutes: found before any parser sees it."""

import re
from dataclasses import dataclass, field
from html import unescape

_DEEP = 2_000
_TAGS = 150_000
_FEW = 600
"""Tags that can't do harm, whatever they are."""
_ALIKE = 3
_LONG = 400_000
_ATTRIBUTES = 150_000
_CROWDED = 2_000
"""Attributes of one element: parsers compare each with all before it."""
_REFERENCES = 5_000
_REFERENCE_WORK = 30_000_000_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15}+)([^<>]{0,200}+)")
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_WHOLE_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?P<attributes>(?:{_ATTRIBUTE})*+)")
_MARKUP = re.compile(r"<[^<>]{0,5000}>")
_BREAKS = re.compile(r"<(?:br|p|div|tr|li)\b[^<>]{0,500}>", re.IGNORECASE)
_FORMATTING = frozenset(
    ["b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"]
)
_LONG_NUMBER = re.compile(r"&#(?:x[0-9a-f]{8,}|[0-9]{8,});?", re.IGNORECASE)
"""Of no letter; Python refuses to read the longest."""
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
    """Say whether ``html`` opens far more elements than it closes, or has parsers open them again.

    ``<b>`` and its like stay open over the end of what is around them: parsers make a new one in
    every paragraph that follows.
    """
    if html.count("<") < _FEW:
        return False
    depth = work = 0
    formats = _Formats()
    for match in _TAG.finditer(html):
        name = match[2].lower()
        if name in _FORMATTING:
            formats.closed(name) if match[1] else formats.opened(name, match[3])
        elif not match[1]:
            work += formats.count
        if name not in _ENDS_ITSELF:
            depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _DEEP or work > _TAGS:
            return True
    return False


@dataclass(slots=True)
class _Formats:
    """The formatting elements that a parser keeps open: at most three that are quite alike."""

    count: int = 0
    _open: dict[str, list[str]] = field(default_factory=dict)

    def opened(self, name: str, attributes: str) -> None:
        alike = self._open.setdefault(name, [])
        if self.count < _DEEP and alike[-9:].count(attributes) < _ALIKE:
            alike.append(attributes)
            self.count += 1

    def closed(self, name: str) -> None:
        if self._open.get(name):
            self._open[name].pop()
            self.count -= 1


def too_crowded(html: str) -> bool:
    """Say whether an element has thousands of attributes, or all together have very many."""
    if len(html) < 2 * _CROWDED:
        return False
    total, counts_all = 0, len(html) > _LONG
    for match in _WHOLE_TAG.finditer(html):
        if counts_all or match.end() - match.start() > 2 * _CROWDED:
            here = sum(1 for _ in _ONE_ATTRIBUTE.finditer(match["attributes"]))
            total += here
            if here > _CROWDED or total > _ATTRIBUTES:
                return True
    return False


def too_many_references(html: str) -> bool:
    """Say whether one stretch of text holds so many ``&`` that html5ever needs seconds for it.

    It takes time for each in proportion to the length of the text around it.
    """
    if html.count("&") < _REFERENCES:
        return False
    return sum(text.count("&") * len(text) for text in html.split("<")) > _REFERENCE_WORK


def without_tags(html: str) -> str:
    """Return the text between the tags: the last resort."""
    text = _MARKUP.sub(" ", _BREAKS.sub("\n", html))
    return unescape(_LONG_NUMBER.sub("\ufffd", text)).strip()
