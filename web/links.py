"""Addresses in what people wrote, as links that can be clicked; all else stays as it was."""

import re

from markupsafe import Markup, escape

TURNS = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
LINK = re.compile(rf"""https?://[^\s<>"'{TURNS}]*[^\s<>"'{TURNS}.,;:!?)\]»”’…]""")
"""As the chat finds them: what ends a sentence does not belong to it, nor what turns letters round,
so that an address would look like another one."""
INSIDE = Markup('<a href="{0}" rel="noreferrer nofollow">{0}</a>')
APART = Markup('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>')


def linked(text: str, *, apart: bool = False) -> Markup:
    """Return a text as HTML with links in it; ``apart`` opens them in a window of their own."""
    link = APART if apart else INSIDE
    parts, at = [], 0
    for found in LINK.finditer(text):
        parts += [escape(text[at : found.start()]), link.format(found[0])]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])
