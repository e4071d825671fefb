"""What a tag and its attributes say: a block, something hidden, a quote, a signature, a target."""

import re
from urllib.parse import quote

from selectolax.lexbor import LexborNode

from normalizer.html.page import BLANKS, Mark

PARAGRAPHS = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table", "hr"]
)
BLOCKS = PARAGRAPHS | frozenset(
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
SKIPPED = frozenset(
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


def is_hidden(node: LexborNode) -> bool:
    """Does the markup keep it from being seen?"""
    attributes = node.attributes
    if not attributes:
        return False
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and _HIDDEN.search(style[:2000]))


def is_ruled(node: LexborNode) -> bool:
    """Is there a line above it, as Outlook draws before what it quotes?"""
    return bool(_RULED.search((node.attributes.get("style") or "")[:500]))


def fills_cell(node: LexborNode, tag: str) -> bool:
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


def is_tight(node: LexborNode, *, in_list: bool) -> bool:
    """Does this paragraph stand without air, as Outlook writes them?"""
    if node.tag in ("ul", "ol", "table"):
        return in_list or node.tag == "table"
    attributes = node.attributes
    return "Mso" in (attributes.get("class") or "") or bool(
        _TIGHT.search((attributes.get("style") or "")[:500])
    )


def mark_of(node: LexborNode, tag: str) -> Mark:
    """Say whether mail programs mark it so as a quote or a signature."""
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


def alternative(node: LexborNode) -> str:
    """Return what stands for a picture that came along."""
    text = (node.attributes.get("alt") or "").strip()
    source = node.attributes.get("src") or ""
    return f"[{text[:200]}]" if text and source.startswith("cid:") else ""


def link_of(node: LexborNode) -> str:
    """Return where a link goes, as it is shown behind its words; "" if they say so already."""
    target = (node.attributes.get("href") or "").strip()
    if not target.lower().startswith(("http://", "https://", "ftp://")) or len(target) > 2000:
        return ""
    target = "".join(c if c.isprintable() else quote(c) for c in target)
    shown = BLANKS.sub(" ", node.text(deep=True)[:2000]).strip()
    bare = target.partition("://")[2].rstrip("/")
    said = not bare or bare in shown.rstrip("/") or not shown or _same_address(shown, bare)
    return "" if said else f" <{target}>"


def _same_address(shown: str, bare: str) -> bool:
    return shown.partition("://")[2].rstrip("/") == bare or shown.rstrip("/") == bare.removeprefix(
        "www."
    )
