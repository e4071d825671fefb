"""New words, quotes and signature apart; every line goes to exactly one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from normalizer.html_text import Line, Mark


@dataclass(frozen=True, slots=True)
class Separated:
    """Together, these are the whole text."""

    new_text: str
    signature: str
    quoted_text: str


def separate(lines: Sequence[Line], sent_texts: Sequence[str] = ()) -> Separated:
    """Tell the sender's new words from what they quote and what stands under all their mails."""
    new = [line.text for line in lines if line.mark is Mark.NEW and not line.text.startswith(">")]
    quoted = [line.text for line in lines if line.mark is Mark.QUOTE or line.text.startswith(">")]
    signature = [
        line.text for line in lines if line.mark is Mark.SIGNATURE and not line.text.startswith(">")
    ]
    return Separated(
        "\n".join(new).strip(), "\n".join(signature).strip(), "\n".join(quoted).strip()
    )


def plain_lines(text: str) -> list[Line]:
    """Return the lines of a plain text, about which nothing is known."""
    return [Line(line) for line in text.split("\n")]
