"""What only messengers do: albums, edits that overtake, replies, groups that move.

A messenger's message is known by its channel, its conversation and its number in there.
"""

from dataclasses import dataclass
from datetime import datetime

from channels.contract import Kept
from inquiry.journey import ArrivalId, ChannelName, ContactPointId, InquiryId, MessageId
from inquiry.understood import Message
from inquiry.words import State
from storage import history
from storage.database import Transaction
from storage.inquiries import opening

KEPT = 5000
"""Messages that are compared with what the other side still has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The first message of an album, which has become one of an inquiry."""

    message: MessageId
    inquiry: InquiryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A message as it stood before it was changed, and where."""

    message: MessageId
    inquiry: InquiryId
    state: State
    text: str


async def before(tx: Transaction, channel: ChannelName, edited: Message) -> Before | None:
    """Return the message that a change is newer than; None if there is none."""
    row = await tx.one(
        "chats.before",
        channel=channel,
        conversation=edited.conversation,
        remote_id=edited.remote_id,
        written_at=edited.sent_at,
    )
    if row is None:
        return None
    state, text = State(row["state"]), row["new_text"]
    return Before(message=row["id"], inquiry=row["inquiry"], state=state, text=text)


async def leave(tx: Transaction, left: Before) -> None:
    """Let a message stay as it is: who speaks of it from now on means another one."""
    await tx.run("chats.leave", id=left.message)
    await tx.run("chats.leave_parts", id=left.message)


async def is_here(tx: Transaction, channel: ChannelName, message: Message) -> bool:
    """Has this message become one of an inquiry, by an edit that was faster?"""
    row = await tx.one(
        "chats.known",
        channel=channel,
        conversation=message.conversation,
        remote_id=message.remote_id,
        written_at=message.sent_at,
    )
    return row is not None


async def begun(
    tx: Transaction, channel: ChannelName, message: Message, writer: ContactPointId
) -> Begun | None:
    """Return the message that an album's further piece belongs to."""
    row = await tx.one(
        "chats.album",
        channel=channel,
        conversation=message.conversation,
        album=message.album,
        contact_point=writer,
    )
    return None if row is None else Begun(message=row["id"], inquiry=row["inquiry"])


async def join(tx: Transaction, begun_: Begun, arrival: ArrivalId, piece: Message) -> None:
    """Add a piece to its album: its file, and its words unless they only name the file."""
    words = "" if piece.wordless else piece.text
    await tx.run(
        "chats.add_part",
        message=begun_.message,
        arrival=arrival,
        remote_id=piece.remote_id,
        text=words,
    )
    if words:
        await tx.run("chats.add_words", message=begun_.message, words=f"\n\n{words}")
    for query in ("chats.share_fetches", "chats.share_attachments"):
        await tx.run(query, message=begun_.message, arrival=arrival)


async def edit(
    tx: Transaction, channel: ChannelName, edited: Message, arrival: ArrivalId, *, now: datetime
) -> bool:
    """Change a message or a piece of one where its author changed it; False if it is not here."""
    found = await opening.edit_message(tx, channel, edited, now=now)
    if found:
        await _add_parts_again(tx, found[1])
    else:
        found = await _edit_part(tx, channel, edited)
        if found is None:
            return False
        inquiry, message = found
        await history.add(tx, inquiry, "edited", history.CUSTOMER, now=now, message=message)
    await _add_new_files(tx, found[1], arrival)
    return True


async def withdraw(
    tx: Transaction, channel: ChannelName, conversation: str, remote_id: str, *, now: datetime
) -> bool:
    """Mark a message that its author has deleted; False if it is not here, or marked already."""
    row = await tx.one(
        "chats.withdraw",
        channel=channel,
        conversation=conversation,
        remote_id=remote_id,
        now=now,
    )
    if row is None:
        return False
    inquiry = InquiryId(row["inquiry"])
    await history.add(tx, inquiry, "deleted", history.CUSTOMER, now=now, message=row["id"])
    return True


async def kept(tx: Transaction, *, channel: ChannelName, since: str) -> list[Kept]:
    """Return a channel's newest messages with ids from ``since`` on; see Inlet."""
    rows = await tx.all("chats.kept", channel=channel, since=since, most=KEPT)
    return [Kept(**row) for row in rows]


async def _add_parts_again(tx: Transaction, message: MessageId) -> None:
    """The words of an album's first piece are new: those of the others stand behind them."""
    if parts := await tx.all("chats.words_of_parts", message=message):
        words = "".join(f"\n\n{part['text']}" for part in parts)
        await tx.run("chats.add_words", message=message, words=words)


async def _edit_part(
    tx: Transaction, channel: ChannelName, edited: Message
) -> tuple[InquiryId, MessageId] | None:
    part = await tx.one(
        "chats.part",
        channel=channel,
        conversation=edited.conversation,
        remote_id=edited.remote_id,
    )
    if part is None:
        return None
    words = "" if edited.wordless else edited.text
    await tx.run("chats.set_part", id=part["id"], text=words)
    whole = _replaced(part["whole"], part["text"], words)
    await tx.run("chats.set_words", message=part["message"], words=whole)
    return part["inquiry"], part["message"]


async def _add_new_files(tx: Transaction, message: MessageId, arrival: ArrivalId) -> None:
    """Let a message that was changed have the files that the change brought, the old ones too."""
    await tx.run("chats.take_new_fetches", message=message, arrival=arrival)
    await tx.run("chats.drop_known_fetches", arrival=arrival)


async def answered(
    tx: Transaction, channel: ChannelName, conversation: str, remote_id: str
) -> InquiryId | None:
    """Return the inquiry of the message, theirs or ours, that somebody replies to."""
    row = await tx.one(
        "chats.answered", channel=channel, conversation=conversation, remote_id=remote_id
    )
    return None if row is None else InquiryId(row["inquiry"])


async def move(tx: Transaction, channel: ChannelName, old: str, new: str) -> None:
    """Let all that was said in a conversation, and in its topics, go on in another."""
    if old and new and old != new:
        for query in ("chats.move_inquiries", "chats.forget_parts", "chats.move_messages"):
            await tx.run(query, channel=channel, old=old, new=new)


def _replaced(whole: str, old: str, new: str) -> str:
    if old and old in whole:
        return whole.replace(old, new, 1).strip()
    return f"{whole}\n\n{new}".strip() if new else whole
