"""HTML over which a parser would need minutes: found before any parser sees it."""

import re
from dataclasses import dataclass, field
from html import unescape

_DEEP = 2_000
_TAGS = 150_000
_MANY = 20_000
_FEW = 600
"""Tags that can't do harm, whatever they are."""
_ALIKE = 3
_LONG = 400_000
_ATTRIBUTES = 150_000
_CROWDED = 2_000
"""Attributes of one element: parsers compare each with all before it."""
_REFERENCES = 5_000
_REFERENCE_WORK = 30_000_000_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_WHOLE_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?P<attributes>(?:{_ATTRIBUTE})*+)")
_MARKUP = re.compile(r"<[^<>]{0,5000}>")
_BREAKS = re.compile(r"<(?:br|p|div|tr|li)\b[^<>]{0,500}>", re.IGNORECASE)
_FORMAT = re.compile(
    r"<(/?)(b|big|code|em|font|i|s|small|strike|strong|tt|u)(?![a-z0-9:-])([^<>]{0,200}+)",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"&#(?:x[0-9a-f]{99,}|[0-9]{99,});?", re.IGNORECASE)
"""Of no letter; Python refuses to read the longest."""
_EMPTY = {
    "area", "base", "br", "col", "embed", "frame", "hr", "image", "img", "input", "link", "meta",
    "param", "source", "track", "wbr",
}  # fmt: skip
_END_EACH_OTHER = {
    "p": {"p"}, "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "tr": {"tr"},
    "td": {"td", "th"}, "th": {"td", "th"},
}  # fmt: skip
"""Elements that end where one of their like begins."""
_CELLS = {"tr", "td", "th"}
_SCOPES = {"applet", "button", "caption", "marquee", "object", "table", "template"}
"""What holds an element open that would end outside."""
_BARRIERS = _SCOPES | {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "html", "iframe", "li", "main", "nav", "ol", "p", "pre", "section", "select",
    "summary", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
"""Elements that the end of a ``</span>`` does not reach through."""
_OF_LISTS = _BARRIERS - {"address", "div", "p"}
"""What holds an item of a list open."""
_FAR = 30
"""Open elements that are looked at for the one that ends."""


def too_much(html: str) -> bool:
    """Say whether parsers would need far more for ``html`` than its length lets expect."""
    tags = html.count("<")
    if tags > _TAGS or too_crowded(html):
        return True
    return tags > _FEW and (too_formatted(html) or too_deep(html, tags))


def too_deep(html: str, tags: int) -> bool:
    """Say whether ``html`` opens far more elements than it closes."""
    if tags < _DEEP:
        return False
    if tags > _MANY:  # only so many can be so deep that a parser takes long
        elements = _Elements()
        return any(elements.depth(match) > _DEEP for match in _TAG.finditer(html))
    depth = 0
    for match in _TAG.finditer(html):
        name = match[2].lower()
        if name in _EMPTY or name in _END_EACH_OTHER or name == "option":
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _DEEP:
            return True
    return False


@dataclass(slots=True)
class _Elements:
    """The elements that are open, or more: roughly as parsers see them."""

    _open: list[str] = field(default_factory=list)

    def depth(self, tag: re.Match[str]) -> int:
        """Take in the next tag; return how many elements are open behind it."""
        name = tag[2].lower()
        if tag[1]:
            self._ended(name)
        elif name not in _EMPTY:
            self._begun(name)
        return len(self._open)

    def _begun(self, name: str) -> None:
        if name in _CELLS and "table" not in self._open[-_FAR:]:
            return
        if alike := _END_EACH_OTHER.get(name):
            holds = _SCOPES if name == "p" or name in _CELLS else _OF_LISTS
            for at in self._near():
                if self._open[at] in alike:
                    del self._open[at:]
                    break
                if self._open[at] in holds:
                    break
        self._open.append(name)

    def _ended(self, name: str) -> None:
        for at in self._near():
            if self._open[at] == name:
                del self._open[at:]
                break
            if name not in _BARRIERS and self._open[at] in _BARRIERS:
                break

    def _near(self) -> range:
        last = len(self._open) - 1
        return range(last, max(-1, last - _FAR), -1)


def too_formatted(html: str) -> bool:
    """Say whether formatting is left open so often that parsers begin it anew for ever.

    ``<b>`` and its like stay open over the end of what is around them: parsers make a new one in
    every paragraph that follows.
    """
    work, formats, before = 0, _Formats(), 0
    for match in _FORMAT.finditer(html):
        if formats.count:
            work += formats.count * html.count("<", before, match.start())
        name, before = match[2].lower(), match.end()
        formats.closed(name) if match[1] else formats.opened(name, match[3])
        if work > _TAGS:
            return True
    return work + formats.count * html.count("<", before) > _TAGS


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
    return unescaped(_MARKUP.sub(" ", _BREAKS.sub("\n", html))).strip()


def unescaped(text: str) -> str:
    """Return the letters that references such as ``&amp;`` stand for; no number makes it raise."""
    return unescape(_LONG_NUMBER.sub("\ufffd", text))
