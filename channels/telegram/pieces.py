"""A text cut into what fits one Telegram message."""

from collections.abc import Iterator

from channels.pieces import cut

LONGEST = 4096


def pieces(text: str, limit: int = LONGEST) -> Iterator[str]:
    """Cut a text into messages, at paragraphs, lines or words where that is possible.

    Telegram counts UTF-16 units: an emoji is two, so 4,096 letters can be 4,097 too many.
    """
    return cut(text, _fitting, limit)


def units(text: str) -> int:
    """Count as Telegram does."""
    return len(text.encode("utf-16-le", errors="replace")) // 2


def _fitting(text: str, limit: int) -> int:
    units = 0
    for count, letter in enumerate(text):
        units += 2 if letter > "\uffff" else 1
        if units > limit:
            return count
    return len(text)
