"""Nothing is written without words."""

from inquiry.errors import BridgeError


class NoWords(BridgeError):
    """An answer or a note without a text."""


def words_in(text: str, what: str) -> str:
    """Return a text as it is kept. Raises NoWords."""
    if not text.strip():
        raise NoWords(f"{what} needs words")
    return text.strip("\n").rstrip()
