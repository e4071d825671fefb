"""HTML to text that a person can read; what the markup says of quotes and signatures is kept."""

import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from normalizer.limits import HTML_BYTES, HTML_DEPTH, LINES, TEXT_CHARACTERS
from normalizer.nesting import too_much, without_tags

_PARAGRAPHS = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table", "hr"]
)
_BLOCKS = _PARAGRAPHS | frozenset(
    [
        "div",
        "tr",
        "li",
        "dt",
        "dd",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "nav",
        "address",
        "center",
        "form",
        "fieldset",
        "figure",
        "figcaption",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "body",
        "html",
        "details",
        "summary",
        "option",
    ]
)
_SKIPPED = frozenset(
    [
        "head",
        "style",
        "script",
        "title",
        "meta",
        "link",
        "template",
        "object",
        "embed",
        "annotation",
        "defs",
        "desc",
        "metadata",
        "iframe",
        "audio",
        "video",
        "select",
        "canvas",
        "map",
    ]
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = re.compile(
    r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden|mso-hide\s{0,9}:\s{0,9}all"
    r"|(?:font-size|max-height|opacity)\s{0,9}:\s{0,9}0(?:px|pt|em|%)?\s{0,9}(?:;|!|$)",
    re.IGNORECASE,
)
_RULED = re.compile(r"border-top(?:-style)?\s{0,9}:[^;]{0,40}solid", re.IGNORECASE)
_TIGHT = re.compile(r"margin(?:-bottom|-top)?\s{0,9}:\s{0,9}0", re.IGNORECASE)
_QUOTE = re.compile(
    r"yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|appendonsend"
    r"|divrplyfwdmsg|outlookmessageheader|tutanota_quote|ymail_android_signature_quote"
    r"|gmail_attr|mail-quote-collapse|replyforwardblock"
)
_SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|protonmail_signature|mobile_signature|ms-outlook-mobile-signature"
    r"|composer_signature|-default-signature|(?:^| )(?:ydp\w{1,12})?signature(?: |$)"
)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u2060\ufeff\u00ad\u034f"), None)


class Mark(IntEnum):
    """What the markup says a line is."""

    NEW = 0
    QUOTE = 1
    SIGNATURE = 2


class Line(NamedTuple):
    text: str
    mark: Mark = Mark.NEW


@dataclass(slots=True)
class _Page:
    """The lines so far, and the one being written."""

    lines: list[Line] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    mark: Mark = Mark.NEW
    depth: int = 0
    """How many quotes we are in."""
    pre: int = 0
    size: int = 0
    lists: list[int] = field(default_factory=list)

    def write(self, text: str) -> None:
        if not self.pre:
            text = _BLANKS.sub(" ", text)
            if not self.words or self.words[-1].endswith((" ", "\n", "\t")):
                text = text.lstrip(" ")
        if text:
            self.size += len(text)
            self.words.append(text)

    def end_line(self, *, force: bool = False) -> None:
        if not self.words and not force:
            return
        prefix = "> " * min(self.depth, 20)
        whole = "".join(self.words).translate(_INVISIBLE)
        for line in whole.split("\n", max(0, LINES - len(self.lines))):
            self.lines.append(Line(prefix + line.replace("\xa0", " ").rstrip(), self.mark))
        self.words.clear()

    def drop_bare_marks(self) -> None:
        """Take back the blank lines at the end of a quote."""
        while self.lines and self.lines[-1].text and not self.lines[-1].text.strip("> "):
            self.lines.pop()

    def blank(self) -> None:
        """Leave one blank line, never two."""
        self.end_line()
        if self.lines and self.lines[-1].text.strip("> "):
            self.lines.append(Line(("> " * min(self.depth, 20)).rstrip(), self.mark))


def html_lines(html: str) -> tuple[list[Line], bool]:
    """Return the readable lines of ``html``, and whether it was too much to read all of it."""
    if too_much(html):
        whole = without_tags(html[:HTML_BYTES])
        return [Line(line) for line in whole.split("\n", LINES)], True
    parser = LexborHTMLParser(html[:HTML_BYTES])
    page, cut = _Page(), len(html) > HTML_BYTES
    body = parser.body
    if body is not None:
        cut |= _walk(body, page)
    page.end_line()
    while page.lines and not page.lines[-1].text.strip():
        page.lines.pop()
    return page.lines, cut


def html_text(html: str) -> str:
    """Return the readable text of ``html``."""
    return "\n".join(line.text for line in html_lines(html)[0])


def _walk(top: LexborNode, page: _Page) -> bool:
    """Visit every visible node, opening and closing; never by recursion."""
    waiting: list[tuple[LexborNode, bool, Mark]] = [(top, False, Mark.NEW)]
    level, cut = 0, False
    while waiting:
        node, closing, mark = waiting.pop()
        if closing:
            level -= 1
            _close(node, page)
            page.mark = mark
            continue
        if page.size > TEXT_CHARACTERS or len(page.lines) > LINES:
            return True
        tag = node.tag
        if tag == "-text":
            page.write(node.text_content or "")
        elif tag in _SKIPPED or tag == "-comment" or _hidden(node):
            continue
        else:
            waiting.append((node, True, page.mark))
            level += 1
            _open(node, page)
            if level > HTML_DEPTH:
                page.write(node.text(deep=True, separator=" ")[:TEXT_CHARACTERS])
                cut = True
                continue
            children = list(_children(node))
            waiting += [(child, False, page.mark) for child in reversed(children)]
    return cut


def _children(node: LexborNode) -> list[LexborNode]:
    found, child = [], node.first_child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and _HIDDEN.search(style[:2000]))


def _open(node: LexborNode, page: _Page) -> None:
    tag = node.tag or ""
    if tag == "br":
        page.end_line(force=True)
    elif tag in ("td", "th"):
        if page.words and page.words[-1] == " ":
            page.words.pop()
        if page.words and not page.words[-1].endswith((" ", "\t")):
            page.words.append("\t")
    elif tag == "img":
        page.write(_alternative(node))
    elif tag in _BLOCKS and not _fills_cell(node, tag):
        _open_block(node, tag, page)
    if (mark := _mark(node, tag)) > page.mark:
        page.end_line()
        page.mark = mark


def _open_block(node: LexborNode, tag: str, page: _Page) -> None:
    if tag in _PARAGRAPHS and not _is_tight(node, page):
        page.blank()
    else:
        page.end_line()
    match tag:
        case "blockquote":
            page.depth += 1
        case "pre":
            page.pre += 1
        case "ol" | "ul":
            page.lists.append(1 if tag == "ol" else 0)
        case "li":
            _bullet(page)
        case "hr":
            _rule(page)
        case "div" if _RULED.search((node.attributes.get("style") or "")[:500]):
            _rule(page)


def _fills_cell(node: LexborNode, tag: str) -> bool:
    """Is this the only paragraph in one of several cells of a row, as word processors write?"""
    cell = node.parent
    if tag not in ("p", "div") or cell is None or cell.tag not in ("td", "th"):
        return False
    return _only_one(node) and not _only_one(cell)


def _only_one(node: LexborNode) -> bool:
    """Does nothing but white space stand beside it?"""
    for way in ("prev", "next"):
        other = getattr(node, way)
        while other is not None and other.tag == "-text" and not (other.text_content or "").strip():
            other = getattr(other, way)
        if other is not None:
            return False
    return True


def _rule(page: _Page) -> None:
    page.write("_" * 32)
    page.end_line()


def _bullet(page: _Page) -> None:
    if not page.lists:
        page.words.append("- ")
        return
    indent, number = "  " * (min(len(page.lists), 10) - 1), page.lists[-1]
    page.words.append(f"{indent}{number}. " if number else f"{indent}- ")
    if number:
        page.lists[-1] += 1


def _close(node: LexborNode, page: _Page) -> None:
    tag = node.tag or ""
    if tag == "a":
        _link(node, page)
    elif tag in _BLOCKS and not _fills_cell(node, tag):
        page.end_line()
        if tag in _PARAGRAPHS and not _is_tight(node, page):
            page.blank()
        match tag:
            case "blockquote":
                page.drop_bare_marks()
                page.depth -= 1
                page.blank()
            case "pre":
                page.pre -= 1
            case "ol" | "ul":
                page.lists.pop()


def _is_tight(node: LexborNode, page: _Page) -> bool:
    """Does this paragraph stand without air, as Outlook writes them?"""
    if node.tag in ("ul", "ol", "table"):
        return len(page.lists) > 0 or node.tag == "table"
    attributes = node.attributes
    return "Mso" in (attributes.get("class") or "") or bool(
        _TIGHT.search((attributes.get("style") or "")[:500])
    )


def _link(node: LexborNode, page: _Page) -> None:
    """Show where a link goes, if its words don't say so already."""
    target = (node.attributes.get("href") or "").strip()
    if not target.lower().startswith(("http://", "https://", "ftp://")) or len(target) > 2000:
        return
    target = "".join(c if c.isprintable() else quote(c) for c in target)
    shown = _BLANKS.sub(" ", node.text(deep=True)[:2000]).strip()
    bare = target.partition("://")[2].rstrip("/")
    if bare and bare not in shown.rstrip("/") and shown and not _same_address(shown, bare):
        page.write(f" <{target}>")


def _same_address(shown: str, bare: str) -> bool:
    return shown.partition("://")[2].rstrip("/") == bare or shown.rstrip("/") == bare.removeprefix(
        "www."
    )


def _alternative(node: LexborNode) -> str:
    text = (node.attributes.get("alt") or "").strip()
    source = node.attributes.get("src") or ""
    return f"[{text[:200]}]" if text and source.startswith("cid:") else ""


def _mark(node: LexborNode, tag: str) -> Mark:
    if tag not in ("div", "blockquote", "span", "p", "table", "hr", "td"):
        return Mark.NEW
    attributes = node.attributes
    if not attributes:
        return Mark.NEW
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:300].lower()
    if len(names) > 1:
        if _QUOTE.search(names) or (tag == "blockquote" and "gmail_quote" in names):
            return Mark.QUOTE
        if _SIGNATURE.search(names):
            return Mark.SIGNATURE
    return Mark.QUOTE if tag == "blockquote" and attributes.get("type") == "cite" else Mark.NEW
