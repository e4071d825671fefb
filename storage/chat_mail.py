"""Going on by mail: answers that a visitor of the web chat has not seen in time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from inquiry.journey import ChannelName, ContactPointId, InquiryId
from inquiry.understood import Party
from storage import chats, history
from storage.chats import Visitor
from storage.customers import find_or_add
from storage.database import Row, Transaction
from storage.fallbacks import Saying, say_again

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
    """Say once more, in one mail, what was said; its reader may answer it.

    To an address that is proved to be the visitor's, if there is one; else to the one they gave
    for this chat, which makes it no other person's than before.
    """
    inquiry, last = unseen[0]["inquiry"], unseen[-1]
    to, address = await _address(tx, visitor, inquiry, last["contact_point"], now)
    saying = Saying(
        inquiry=inquiry,
        of=tuple(one["message"] for one in unseen),
        text="\n\n".join(one["text"] for one in unseen),
        subject=last["subject"],
        language=last["language"],
        specialist=last["specialist"],
    )
    message = await say_again(tx, saying, to, by, now=now)
    await history.add(
        tx, inquiry, "continued-by-mail", history.DESK, now=now, message=message, to=address
    )


async def _address(
    tx: Transaction,
    visitor: Visitor,
    inquiry: InquiryId,
    contact_point: ContactPointId,
    now: datetime,
) -> tuple[ContactPointId, str]:
    for row in await tx.all("answers.reaches", contact_point=contact_point):
        if row["contact"] == "mail":
            return row["id"], row["address"]
    who = Party(visitor.email, visitor.name)
    language = visitor.language
    reached = await find_or_add(tx, "mail", who, language=language, hearsay=True, now=now)
    # By the visitor's own wish, whoever they are: no join has to do with it.
    await tx.run(
        "opening.add_participant",
        inquiry=inquiry,
        contact_point=reached.id,
        role="confirmed",
        now=now,
    )
    return reached.id, visitor.email
