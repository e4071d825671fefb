"""HTML that runs nothing and loads nothing: remote pictures wait until somebody asks for them."""

import re
from collections.abc import Callable

import nh3

from normalizer.html.nesting import too_many_references, too_much
from normalizer.limits import HTML_BYTES

REMOTE = "remote:"
"""Stands before the address of a picture that is not loaded."""

_IMAGE = re.compile(r"<(?:img|image)\b", re.IGNORECASE)
_STYLES = {
    "color", "background-color", "display", "visibility", "max-height", "opacity", "overflow",
    "font-weight", "font-style", "font-size", "font-family", "text-align", "text-decoration",
    "border", "border-left", "border-top", "border-collapse", "padding", "padding-left",
    "margin", "margin-left", "width", "vertical-align", "white-space",
}  # fmt: skip
_ATTRIBUTES = {
    tag: set(names) - {"cite"}
    for tag, names in nh3.ALLOWED_ATTRIBUTES.items()
    if tag not in ("img", "a")
} | {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height", "title"},
    "font": {"color"},
    "*": {"style", "dir", "lang", "align"},
}
_TAGS = (nh3.ALLOWED_TAGS | {"font"}) - {"map", "area"}
_UNSEEN = re.compile(r"[\x00-\x20\x7f]+")
"""What browsers leave out of an address before they look at its scheme."""
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|pjpeg|gif|webp|bmp|x-ms-bmp|avif)[;,]")
_LOADS = re.compile(
    r"(?:url|src|image|image-set|cross-fade|element|expression)\s*\(", re.IGNORECASE
)
_ODD_LINK = re.compile(r"https?:(?!//)", re.IGNORECASE)
"""Browsers take it for a path on the page's own host."""
_SUSPECT = re.compile(
    rf"""style="[^"]*?{_LOADS.pattern}|href="(?:{_ODD_LINK.pattern}|[^"]*[\x00-\x1f])""",
    re.IGNORECASE,
)
"""In HTML that was cleaned, and so is written in one way only."""


def _filter(_tag: str, name: str, value: str) -> str | None:
    """Look at one attribute; None takes it away."""
    if name == "style":
        return None if _LOADS.search(value) else value
    if name not in ("src", "href"):
        return value
    address = _UNSEEN.sub("", value[:100]).lower()
    if name == "href":
        odd = address.startswith(("data:", "cid:", "remote:")) or _ODD_LINK.match(address)
        return None if odd else value
    value = value.strip()
    if address.startswith(("cid:", REMOTE)):
        return value
    return value if _PICTURE.match(address) else REMOTE + value


def _at_the_desk(address: str) -> str | None:
    """Drop links to a path: in a mail they lead nowhere, on our pages to ourselves."""
    return address if address.lstrip().startswith("//") else None


def _cleaner(schemes: set[str], attribute_filter: Callable[..., str | None] | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "head", "noscript", "template", "iframe"},
        attributes=_ATTRIBUTES,
        attribute_filter=attribute_filter,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel", *schemes},
        url_relative=_at_the_desk,
        link_rel="noopener noreferrer nofollow",
    )


_PLAIN = _cleaner(set(), None)
_WITH_PICTURES = _cleaner({"cid", "data"}, _filter)
"""Asks us about every attribute, which takes its time."""
_ONCE_MORE = _cleaner({"cid", "data", REMOTE.rstrip(":")}, _filter)


def clean_html(html: str) -> str:
    """Return sanitised HTML, or "" where there is too much of it."""
    if len(html) > HTML_BYTES or too_much(html) or too_many_references(html):
        return ""
    cleaned = (_WITH_PICTURES if _IMAGE.search(html) else _PLAIN).clean(html)
    if _SUSPECT.search(cleaned):
        cleaned = _ONCE_MORE.clean(cleaned)
    return cleaned if len(cleaned) <= HTML_BYTES else ""
