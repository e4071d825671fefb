"""Words that are changed after they were dealt with: do they say something else? Pure."""

from inquiry.folding import fold
from inquiry.understood import Message


def says_more(before: str, message: Message) -> bool:
    """Does a changed message say something else? Case, accents and punctuation are no matter.

    Who takes all words out says nothing.
    """
    if not message.new_text.strip():
        return False
    old, new = _words(before), _words(message.new_text)
    # Behind the words of an album stand those of its further pieces.
    return old[: len(new)] != new if message.album else old != new


def _words(text: str) -> list[str]:
    return [word for each in fold(text).split() if (word := each.strip(".,;:!?…()\"'"))]
