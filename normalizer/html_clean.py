"""HTML that runs nothing and loads nothing: remote pictures wait until somebody asks for them."""

import re
from collections.abc import Callable

import nh3

from normalizer.limits import HTML_BYTES
from normalizer.nesting import too_much

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
    tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items() if tag not in ("img", "a")
} | {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height", "title"},
    "*": {"style", "dir", "lang", "align"},
}
_TAGS = (nh3.ALLOWED_TAGS | {"font"}) - {"map", "area"}


def _filter(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if value.startswith(("cid:", "data:image/")) else REMOTE + value
    if name == "href" and value.lower().startswith(("data:", "cid:")):
        return None
    return value


def _cleaner(schemes: set[str], attribute_filter: Callable[..., str | None] | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "head", "noscript", "template", "iframe"},
        attributes=_ATTRIBUTES,
        attribute_filter=attribute_filter,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel", *schemes},
        link_rel="noopener noreferrer nofollow",
    )


_PLAIN = _cleaner(set(), None)
_WITH_PICTURES = _cleaner({"cid", "data"}, _filter)
"""Asks us about every attribute, which takes its time."""


def clean_html(html: str) -> str:
    """Return sanitised HTML, or "" where there is too much of it."""
    if len(html) > HTML_BYTES or too_much(html):
        return ""
    return (_WITH_PICTURES if _IMAGE.search(html) else _PLAIN).clean(html)
