"""A dispatch cut into the messages that it takes on Telegram."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity, User

from channels.telegram.pieces import pieces, units
from inquiry.errors import PermanentFailure
from inquiry.journey import Dispatch, File

CAPTION = 1024
"""UTF-16 units; what is longer goes before its file as a message of its own."""
BUTTON = 64
"""Bytes that a button can say."""
LARGEST = 50_000_000
"""Bytes of a file that a bot may send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a dispatch goes: a person alone, a group, or a topic in it."""

    chat: str
    topic: int | None = None
    person: str = ""
    """The recipient's number, in a group where a person wrote in their own name."""

    @property
    def group(self) -> bool:
        """Do others read along? The numbers of groups are below zero."""
        return bool(self.person) or self.chat.startswith("-")

    def moved(self, chat: str) -> "Target":
        """Return the same place in a group that has another number now."""
        return replace(self, chat=chat)

    @property
    def conversation(self) -> str:
        return f"{self.chat}/{self.topic}" if self.topic else self.chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message: words, or a file with words below it."""

    text: str = ""
    file: File | None = None
    entities: tuple[MessageEntity, ...] = ()
    buttons: InlineKeyboardMarkup | None = None


def target(dispatch: Dispatch) -> Target:
    """Return where a dispatch goes."""
    chat, _, topic = (dispatch.conversation or dispatch.recipient).partition("/")
    return Target(
        chat=chat,
        topic=int(topic) if topic.isdecimal() else None,
        person=dispatch.recipient if chat != dispatch.recipient else "",
    )


def parts(dispatch: Dispatch, to: Target, words: Mapping[str, str] | None = None) -> list[Part]:
    """Cut a dispatch; the same cut at every attempt. With ``words`` there are buttons below it.

    Raises:
        PermanentFailure: there is nothing in it, or a file is too large.
    """
    for file in dispatch.files:
        if len(file.content) > LARGEST:
            raise PermanentFailure(
                f"{file.filename} is too large for Telegram: {len(file.content) / 1e6:.1f} MB, "
                f"at most {LARGEST // 1_000_000} MB"
            )
    found = list(_cut(dispatch, to))
    if not found:
        raise PermanentFailure("there is nothing to send")
    if words and not to.group and not dispatch.automatic:
        found[-1] = replace(found[-1], buttons=_buttons(words, dispatch.reference))
    return found


def _cut(dispatch: Dispatch, to: Target) -> Iterator[Part]:
    text = dispatch.text
    entities: tuple[MessageEntity, ...] = ()
    if to.group:
        text, entities = _addressed(text, dispatch)
    said, files = list(pieces(text)), list(dispatch.files)
    if files and len(said) == 1 and units(said[0]) <= CAPTION:
        yield Part(text=said.pop(), file=files.pop(0), entities=entities)
    for number, piece in enumerate(said):
        yield Part(text=piece, entities=entities if number == 0 else ())
    for file in files:
        yield Part(file=file)


def _addressed(text: str, dispatch: Dispatch) -> tuple[str, tuple[MessageEntity, ...]]:
    """In a group say whom it is for, so that they are told."""
    name = " ".join(dispatch.recipient_name.split())
    if not name or not dispatch.recipient.isdecimal() or not text.strip():
        return text, ()
    user = User(id=int(dispatch.recipient), first_name=name, is_bot=False)
    mention = MessageEntity(
        type=MessageEntity.TEXT_MENTION, offset=0, length=units(name), user=user
    )
    return f"{name}\n{text.lstrip()}", (mention,)


def _buttons(words: Mapping[str, str], reference: str) -> InlineKeyboardMarkup | None:
    """What a button says comes back when it is pressed."""
    said = {answer: f"{answer}:{reference}" for answer in ("solved", "not-yet")}
    if any(len(data.encode()) > BUTTON for data in said.values()):
        return None
    row = [InlineKeyboardButton(words[one], callback_data=data) for one, data in said.items()]
    return InlineKeyboardMarkup([row])
