"""Text or HTML alone, without a mail around it."""

from inquiry.journey import Envelope
from inquiry.understood import Known, Message
from normalizer.charsets import clean, decode
from normalizer.html.clean import clean_html
from normalizer.html.page import Line
from normalizer.html.text import html_lines
from normalizer.language import languages_of
from normalizer.limits import TEXT_CHARACTERS
from normalizer.separate import plain_lines, separate


def understand_text(raw: bytes, envelope: Envelope, known: Known) -> Message:
    """Make a message of a plain text."""
    return _message(plain_lines(clean(decode(raw))[:TEXT_CHARACTERS]), "", envelope, known)


def understand_html(raw: bytes, envelope: Envelope, known: Known) -> Message:
    """Make a message of an HTML page."""
    html = clean(decode(raw))
    return _message(html_lines(html)[0], clean_html(html), envelope, known)


def _message(lines: list[Line], html: str, _envelope: Envelope, known: Known) -> Message:
    text = "\n".join(line.text for line in lines).strip()
    parts = separate(lines, known.sent_texts)
    language, guess = languages_of(parts.new_text or text, known)
    return Message(
        text=text,
        new_text=parts.new_text,
        quoted_text=parts.quoted_text,
        signature=parts.signature,
        html=html,
        language=language,
        language_guess=guess,
    )
