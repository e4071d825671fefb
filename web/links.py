"""Addresses in what people wrote, as links that can be clicked; all else stays as it was."""

import re

from markupsafe import Markup, escape

LINK = re.compile(r"""https?://[^\s<>"']*[^\s<>"'.,;:!?)\]»”’…]""")
"""As the chat finds them: what ends a sentence does not belong to it."""
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
