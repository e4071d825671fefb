"""An answer as Slack's markup, cut into what fits one message."""

import re
from collections.abc import Iterator

from channels.pieces import cut

LONGEST = 4000
"""Letters after escaping; Slack cuts longer ones where it likes."""
_LOUD = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_LINK = re.compile(r"\[(?P<words>[^\[\]\n|]{1,300})\]\((?P<target>https?://[^\s()<>|]{1,2000})\)")
_BOLD = re.compile(r"(?<!\*)\*\*(?=[^\s*])([^*\n]{1,1000})(?<!\s)\*\*(?!\*)")
QUIET = "@\N{WORD JOINER}"
"""An at sign that wakes nobody."""


def pieces(text: str, limit: int = LONGEST) -> Iterator[str]:
    """Cut a text into messages, at paragraphs, lines or words where that is possible."""
    return map(marked_up, cut(text, _fitting, limit))


def marked_up(text: str) -> str:
    """Return the text as mrkdwn: nothing in it is a mention, ``**bold**`` and links are shown."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _LOUD.sub(QUIET, text)
    text = _LINK.sub(r"<\g<target>|\g<words>>", text)
    return _BOLD.sub(r"*\1*", text)


def _fitting(text: str, limit: int) -> int:
    """Return how many letters surely fit: what is escaped, or kept quiet, grows."""
    length = 0
    for count, letter in enumerate(text):
        length += {"&": 5, "<": 4, ">": 4, "@": 2}.get(letter, 1)
        if length > limit:
            return count
    return len(text)
