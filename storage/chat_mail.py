"""Going on by mail: answers that a visitor of the web chat has not seen in time."""

import json
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
    mails = 0
    for inquiry in inquiries:
        theirs = [row for row in unseen if row["inquiry"] == inquiry]
        mails += await _mail(tx, visitor, theirs, by, now)
    await tx.run("webchat.nothing_to_mail", visitor=visitor.id, seq=visitor.last_seq)
    return mails


async def _mail(
    tx: Transaction, visitor: Visitor, unseen: Sequence[Row], by: ChannelName, now: datetime
) -> bool:
    """Say once more, in one mail, what was said; its reader may answer it. False: there is nowhere.

    To an address that was proved to be the visitor's when it was written, if there is one; else to
    the one they gave for this chat, which makes it no other person's than before.
    """
    inquiry, last = unseen[0]["inquiry"], unseen[-1]
    proved = await _proved(tx, unseen)
    if proved is None and not visitor.email:
        return False
    to, address = proved or await _given(tx, visitor, inquiry, now)
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
    return True


async def _proved(tx: Transaction, unseen: Sequence[Row]) -> tuple[ContactPointId, str] | None:
    """Return a mail address that each of the answers might fall back to, and still may."""
    frozen = [set(json.loads(row["fallbacks"])) for row in unseen]
    for row in await tx.all("answers.reaches", contact_point=unseen[-1]["contact_point"]):
        if row["contact"] == "mail" and all(row["id"] in one for one in frozen):
            return row["id"], row["address"]
    return None


async def _given(
    tx: Transaction, visitor: Visitor, inquiry: InquiryId, now: datetime
) -> tuple[ContactPointId, str]:
    """Let the address that the visitor gave take part: by their wish, whoever they are."""
    who = Party(visitor.email, visitor.name)
    language = visitor.language
    reached = await find_or_add(tx, "mail", who, language=language, hearsay=True, now=now)
    await tx.run(
        "opening.add_participant",
        inquiry=inquiry,
        contact_point=reached.id,
        role="confirmed",
        now=now,
    )
    return reached.id, visitor.email
