"""What has to hold for everything that is understood."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass

from channels.webhook.shape import Malformed, read
from inquiry.data import understood_as_text, understood_from_text
from inquiry.journey import WEBHOOK, Envelope
from inquiry.understood import Edit, Known, Message, Report, Understood
from normalizer.normalize import normalize
from normalizer.scan import scan
from storage.database import clean, storable

ENVELOPE = Envelope(mail_from="kari@fjell.example", rcpt_to=("help@desk.nordlys.example",))
DESK = Known(
    languages=("nb", "pl", "et", "ru", "en"),
    own_addresses=frozenset({"help@desk.nordlys.example"}),
    sent_texts=("We have sent you a new password.\nPlease write if it doesn't work.",),
)
_REFUSED = re.compile("[\x00\ud800-\udfff]")
MAY_GIVE_UP = ("RecursionError", "JSONDecodeError")
"""Over JSON that is none, or too deep, nothing can be understood."""


class LawBroken(AssertionError):
    """Something was lost, can't be stored or is different the second time."""


def check(media_type: str, raw: bytes) -> str:
    """Understand, and check every law; return what it was found to be.

    1. nothing raises, and understanding never gives up over a fault of ours
    2. both databases can store it as it is, and it comes back the same
    3. text = new words + signature + quotes: no word is lost or doubled
    4. the same bytes are understood alike twice
    5. the channel of a webhook takes an event, or refuses it in a sentence
    """
    scan(media_type, raw, ENVELOPE)
    if media_type == WEBHOOK:
        with suppress(Malformed):  # what the channel does before it takes an event
            read(raw)
    found = normalize(media_type, raw, ENVELOPE, DESK)
    message = message_of(found)
    if message is not None:
        _no_fault(media_type, message)
        _no_word_is_lost(message)
    _can_be_stored(found)
    if normalize(media_type, raw, ENVELOPE, DESK) != found:
        raise LawBroken("understood differently the second time")
    return type(found).__name__.lower()


def message_of(found: Understood) -> Message | None:
    """Return the message in whatever was understood."""
    if isinstance(found, Report | Edit):
        return found.message
    return found if isinstance(found, Message) else None


def _no_fault(media_type: str, message: Message) -> None:
    if "internal failure" not in message.too_complex:
        return
    if "json" not in media_type:
        raise LawBroken(message.too_complex)


def _no_word_is_lost(message: Message) -> None:
    parts = f"{message.new_text}\n{message.signature}\n{message.quoted_text}"
    if sorted(parts.split()) != sorted(message.text.split()):
        raise LawBroken(f"{message.text!r} became {parts!r}")


def _can_be_stored(found: Understood) -> None:
    text = understood_as_text(found)
    for value in (text, *_texts(found)):
        if _REFUSED.search(value) or storable(value) != value or clean(value) != value:
            raise LawBroken(f"no database stores {value[:200]!r}")
    if "\\u0000" in text:
        raise LawBroken("PostgreSQL refuses this JSON")
    if understood_as_text(understood_from_text(text)) != text:
        raise LawBroken("comes back from the database as something else")


def _texts(value: object) -> Iterator[str]:
    """Yield every text in it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        yield from _texts([*value, *value.values()])
    elif is_dataclass(value):
        for each in fields(value):
            yield from _texts(getattr(value, each.name))
