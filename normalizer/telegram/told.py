"""What a person would read in a Telegram message, also where it holds no text."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from inquiry.untrusted import Object, objects, string
from normalizer.telegram.reading import full_name


def words_of(message: Object) -> Iterator[str]:
    """Yield what a person would read in the message."""
    yield _linked(message, "text", "entities")
    for kind, describe in DESCRIBED.items():
        inner = message.get(kind)
        if isinstance(inner, dict) or (isinstance(inner, list) and inner):
            yield describe(inner if isinstance(inner, dict) else largest(inner))
            break
    yield _linked(message, "caption", "caption_entities")


def largest(pictures: list[Any]) -> Object:
    """Return the last of the sizes in which a picture is there."""
    return pictures[-1] if isinstance(pictures[-1], dict) else {}


def _linked(message: Object, name: str, entities: str) -> str:
    """Return a text; where a link hides behind words, it is shown after the text."""
    text = string(message, name)
    links = [
        string(entity, "url")
        for entity in objects(message, entities, 100)
        if entity.get("type") == "text_link"
    ]
    return "\n".join((text, *(f"<{url}>" for url in dict.fromkeys(links) if url not in text)))


def _contact(contact: Object) -> str:
    return f"[contact] {full_name(contact)} {string(contact, 'phone_number')}".rstrip()


def _location(location: Object) -> str:
    return f"[location] {location.get('latitude')}, {location.get('longitude')}"


def _venue(venue: Object) -> str:
    return f"[place] {string(venue, 'title')}, {string(venue, 'address')}"


def _contents(name: str, title: str, entries: str) -> Callable[[Object], str]:
    """Return what tells a title and the entries below it."""

    def described(holder: Object) -> str:
        lines = [f"- {string(entry, 'text')}" for entry in objects(holder, entries, 50)]
        return "\n".join((f"[{name}] {string(holder, title)}".rstrip(), *lines))

    return described


def _sticker(sticker: Object) -> str:
    return string(sticker, "emoji") or "[sticker]"


def _dice(dice: Object) -> str:
    return f"{string(dice, 'emoji')} {dice.get('value')}"


def _file(word: str) -> Callable[[Object], str]:
    return lambda file: f"[{word}] {string(file, 'file_name')}".rstrip()


DESCRIBED: Mapping[str, Callable[[Object], str]] = {
    "photo": _file("photo"),
    "video": _file("video"),
    "animation": _file("animation"),
    "audio": _file("audio"),
    "voice": _file("voice message"),
    "video_note": _file("video message"),
    "document": _file("file"),
    "sticker": _sticker,
    "contact": _contact,
    "venue": _venue,
    "location": _location,
    "poll": _contents("poll", "question", "options"),
    "checklist": _contents("list", "title", "tasks"),
    "dice": _dice,
    "story": _file("story"),
    "paid_media": _file("paid pictures"),
    "game": _contents("game", "title", ""),
    "invoice": _contents("invoice", "title", ""),
}
"""How each thing that is not text is told in words."""
