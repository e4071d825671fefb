"""HTML to text that a person can read; what the markup says of quotes and signatures is kept."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from normalizer.html.nesting import too_much, without_tags
from normalizer.html.page import Line, Mark, Page
from normalizer.html.signs import (
    BLOCKS,
    PARAGRAPHS,
    SKIPPED,
    alternative,
    fills_cell,
    is_hidden,
    is_ruled,
    is_tight,
    link_of,
    mark_of,
)
from normalizer.limits import HTML_BYTES, HTML_DEPTH, LINES, TEXT_CHARACTERS


def html_lines(html: str) -> tuple[list[Line], bool]:
    """Return the readable lines of ``html``, and whether it was too much to read all of it."""
    if too_much(html):
        whole = without_tags(html[:HTML_BYTES])
        return [Line(line) for line in whole.split("\n", LINES)], True
    parser = LexborHTMLParser(html[:HTML_BYTES])
    page, cut = Page(), len(html) > HTML_BYTES
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


def _walk(top: LexborNode, page: Page) -> bool:
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
        elif tag in SKIPPED or tag == "-comment" or is_hidden(node):
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


def _open(node: LexborNode, page: Page) -> None:
    tag = node.tag or ""
    if tag == "br":
        page.end_line(force=True)
    elif tag in ("td", "th"):
        if page.words and page.words[-1] == " ":
            page.words.pop()
        if page.words and not page.words[-1].endswith((" ", "\t")):
            page.words.append("\t")
    elif tag == "img":
        page.write(alternative(node))
    elif tag in BLOCKS and not fills_cell(node, tag):
        _open_block(node, tag, page)
    if (mark := mark_of(node, tag)) > page.mark:
        page.end_line()
        page.mark = mark


def _open_block(node: LexborNode, tag: str, page: Page) -> None:
    if tag in PARAGRAPHS and not is_tight(node, in_list=bool(page.lists)):
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
        case "div" if is_ruled(node):
            _rule(page)


def _rule(page: Page) -> None:
    page.write("_" * 32)
    page.end_line()


def _bullet(page: Page) -> None:
    if not page.lists:
        page.words.append("- ")
        return
    indent, number = "  " * (min(len(page.lists), 10) - 1), page.lists[-1]
    page.words.append(f"{indent}{number}. " if number else f"{indent}- ")
    if number:
        page.lists[-1] += 1


def _close(node: LexborNode, page: Page) -> None:
    tag = node.tag or ""
    if tag == "a":
        page.write(link_of(node))
    elif tag in BLOCKS and not fills_cell(node, tag):
        page.end_line()
        if tag in PARAGRAPHS and not is_tight(node, in_list=bool(page.lists)):
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
