"""Going on by mail: answers that a visitor of the web chat has not seen in time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from inquiry.journey import ChannelName, MessageId
from inquiry.understood import Party
from inquiry.words import Purpose
from storage import answers, chats, history
from storage.chats import Visitor
from storage.customers import find_or_add
from storage.database import Row, Transaction

TOO_LATE = timedelta(days=7)
"""Who leaves an address only then gets no old answers by mail: they are in the transcript."""


async def go_on(tx: Transaction, channel: ChannelName, by: ChannelName, *, now: datetime) -> int:
    """Let what was not seen in time go by the mail channel ``by``; return how many mails."""
    left = await tx.all("webchat.left", channel=channel, now=now, oldest=now - TOO_LATE)
    mails = 0
    for row in left:
        if visitor := await chats.by_id(tx, row["id"]):
            mails += await _go_on(tx, visitor, by, now)
    return mails


async def _go_on(tx: Transaction, visitor: Visitor, by: ChannelName, now: datetime) -> int:
    unseen = await tx.all("webchat.unseen", visitor=visitor.id)
    inquiries = list(dict.fromkeys(row["inquiry"] for row in unseen))
    for inquiry in inquiries:
        await _mail(tx, visitor, [row for row in unseen if row["inquiry"] == inquiry], by, now)
    await tx.run("webchat.nothing_to_mail", visitor=visitor.id, seq=visitor.last_seq)
    return len(inquiries)


async def _mail(
    tx: Transaction, visitor: Visitor, unseen: Sequence[Row], by: ChannelName, now: datetime
) -> None:
    """Say once more, in one mail, what was said; its reader may answer it."""
    inquiry, last = unseen[0]["inquiry"], unseen[-1]
    who = Party(visitor.email, visitor.name)
    reached = await find_or_add(tx, "mail", who, language=visitor.language, now=now)
    await tx.run(
        "opening.add_participant",
        inquiry=inquiry,
        contact_point=reached.id,
        role="confirmed",
        now=now,
    )
    row = await tx.one(
        "answers.add_out_message",
        inquiry=inquiry,
        purpose=Purpose.ANSWER,
        channel=by,
        contact_point=reached.id,
        specialist=last["specialist"],
        subject=last["subject"],
        text="\n\n".join(one["text"] for one in unseen),
        language=last["language"],
        message_id="",
        conversation="",
        now=now,
    )
    assert row
    message = MessageId(row["id"])
    for one in unseen:
        await tx.run("webchat.copy_files", message=message, of=one["message"])
    await answers.add(
        tx,
        inquiry=inquiry,
        contact_point=reached.id,
        purpose=Purpose.ANSWER,
        channel=by,
        message=message,
        now=now,
    )
    await history.add(
        tx, inquiry, "continued-by-mail", history.DESK, now=now, message=message, to=visitor.email
    )
