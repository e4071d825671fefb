"""Codes by which a customer proves to be the same person on another channel.

What is kept of a code is its hash. Each is good once, for a short time; who tries too many wrong
ones is not listened to for a while, and all wrong codes are alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inquiry.codes import hashed, new_code, plain
from inquiry.journey import ChannelName, ContactPointId, InquiryId
from inquiry.words import JoinWay
from storage.database import Row, Transaction

GOOD_FOR = timedelta(minutes=15)
MAIL_GOOD_FOR = timedelta(hours=1)
"""Mail takes its time."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_MADE = 10
"""Codes an hour from the status pages of one contact point."""
MOST_ASKED = 3
"""Codes an hour that one contact point has sent to mail addresses."""
MOST_MAILED = 5
"""Codes a day that one mail address is sent, whoever asks."""
MOST_WRONG = 5
"""Wrong codes an hour of one contact point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a code proves: whoever has it is this contact point, at this inquiry."""

    id: int
    inquiry: InquiryId
    contact_point: ContactPointId
    way: JoinWay


@dataclass(frozen=True, slots=True)
class Where:
    """The chat in which somebody is asked: two bots of one desk are two chats with one person."""

    channel: ChannelName
    conversation: str

    @property
    def values(self) -> Mapping[str, str]:
        return {"channel": self.channel, "conversation": self.conversation}


async def make(
    tx: Transaction, inquiry: InquiryId, contact_point: ContactPointId, *, now: datetime
) -> str | None:
    """Return a code for whoever holds the status link; None where too many were made."""
    row = await tx.one("proofs.made_of", contact_point=contact_point, since=now - HOUR)
    if row and row["count"] >= MOST_MADE:
        return None
    return await _make(tx, inquiry, contact_point, None, GOOD_FOR, now)


async def make_for_mail(
    tx: Transaction,
    inquiry: InquiryId,
    contact_point: ContactPointId,
    *,
    asked_by: ContactPointId,
    now: datetime,
) -> str | None:
    """Return a code to be sent to ``contact_point`` for ``asked_by`` alone; None: too many."""
    asked = await tx.one("proofs.asked_by", contact_point=asked_by, since=now - HOUR)
    mailed = await tx.one("proofs.mailed_to", contact_point=contact_point, since=now - DAY)
    if (asked and asked["count"] >= MOST_ASKED) or (mailed and mailed["count"] >= MOST_MAILED):
        return None
    return await _make(tx, inquiry, contact_point, asked_by, MAIL_GOOD_FOR, now)


async def look(tx: Transaction, code: str, by: ContactPointId, *, now: datetime) -> Proof | None:
    """Return what a code proves when ``by`` uses it; None alike for all that are not good."""
    wrong = await tx.one("proofs.wrong_since", contact_point=by, since=now - HOUR)
    row = await tx.one("proofs.look", code=hashed(plain(code)), by=by, now=now)
    if row is None or (wrong and wrong["count"] >= MOST_WRONG):
        return None
    return _proof(row)


async def use(tx: Transaction, proof: Proof, by: ContactPointId, *, now: datetime) -> bool:
    """Use a code up; False if somebody else was faster."""
    return await tx.one("proofs.use", id=proof.id, by=by, now=now) is not None


async def ask(
    tx: Transaction,
    inquiry: InquiryId,
    holder: ContactPointId,
    by: ContactPointId,
    *,
    code: Proof | None,
    where: Where,
    now: datetime,
) -> bool:
    """Let ``by`` say yes or no to being ``holder``; False if somebody else was faster.

    A ``code`` is used up by it; without one it was the status link. An earlier question in the same
    chat is void.
    """
    if code is None:
        who = {"inquiry": inquiry, "contact_point": holder, "only_by": None}
        # A row like that of a code which nobody has ever seen.
        row = await tx.one(
            "proofs.add",
            code=hashed(plain(new_code())),
            way=JoinWay.LINK,
            now=now,
            expires_at=now,
            **who,
        )
        assert row
        code = Proof(id=row["id"], inquiry=inquiry, contact_point=holder, way=JoinWay.LINK)
    if not await use(tx, code, by, now=now):
        return False
    await ask_no_more(tx, by, where)
    until = now + GOOD_FOR
    await tx.run("proofs.ask", id=code.id, until=until, **where.values)
    return True


async def question(
    tx: Transaction, by: ContactPointId, where: Where, *, now: datetime
) -> Proof | None:
    """Return what ``by`` was asked there and has not answered: for as long as a code is good.

    None once a specialist's answer has gone there since: a yes may be meant for that.
    """
    row = await tx.one("proofs.question", by=by, now=now, **where.values)
    return _proof(row) if row else None


async def ask_no_more(tx: Transaction, by: ContactPointId, where: Where) -> None:
    """The question is answered, or void."""
    await tx.run("proofs.ask_no_more", by=by, **where.values)


async def note_wrong(tx: Transaction, by: ContactPointId, *, now: datetime) -> None:
    """Count a code that was not good."""
    await tx.run("proofs.forget_wrong", before=now - DAY)
    await tx.run("proofs.wrong", contact_point=by, now=now)


async def _make(
    tx: Transaction,
    inquiry: InquiryId,
    contact_point: ContactPointId,
    only_by: ContactPointId | None,
    good_for: timedelta,
    now: datetime,
) -> str:
    who = {"inquiry": inquiry, "contact_point": contact_point, "only_by": only_by}
    await tx.run("proofs.withdraw", now=now, **who)
    code = new_code()
    await tx.run(
        "proofs.add",
        code=hashed(plain(code)),
        way=JoinWay.CODE if only_by is None else JoinWay.MAIL_CODE,
        now=now,
        expires_at=now + good_for,
        **who,
    )
    return code


def _proof(row: Row) -> Proof:
    return Proof(
        id=row["id"],
        inquiry=row["inquiry"],
        contact_point=row["contact_point"],
        way=JoinWay(row["way"]),
    )
