"""The part of placing that is done for messengers before any rule is asked."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from inquiry.journey import ContactPointId, InquiryId
from inquiry.understood import Command, Deletion, Edit, Message, Moved, Press, Understood
from inquiry.words import Audience, State
from router.messengers import albums, changed
from router.messengers.albums import AGAIN, ALBUM, NEAR
from storage import arrivals, commands, history
from storage.arrivals import Claimed
from storage.customers import find, readdress
from storage.database import Transaction
from storage.inquiries import chats, finding, transitions
from storage.inquiries.finding import Placed
from storage.inquiries.opening import Coming

log = logging.getLogger(__name__)

OVERTAKEN = (timedelta(seconds=2), timedelta(minutes=10))
"""When a withdrawal looks again for its message: what was not taken at first is offered again."""
BREATH = timedelta(minutes=2)
"""What one person writes in a channel, each within so long of the last, is said in one breath."""
DEALT_WITH = (State.RESOLVED, State.WAITING_FOR_CUSTOMER)
"""Where nobody of ours looks before the customer says more."""
SOLVED, NOT_YET = "solved", "not-yet"
"""What the buttons below an answer say, before the reference of their inquiry."""


async def place(
    tx: Transaction, one: Claimed, understood: Understood, contact: str, *, now: datetime
) -> Understood | None:
    """Place what no rule is asked about; return what is left to be placed by rules, or None."""
    understood = _dated(understood, one.received_at)
    match understood:
        case Moved():
            await chats.move(tx, one.channel, understood.conversation, understood.to)
            # Who writes in the group's own name has its number for an address.
            await readdress(tx, contact, understood.conversation, understood.to)
        case Command():
            await commands.add(tx, one.id, one.channel, understood, now=now)
        case Press():
            await _press(tx, one, understood, contact, now)
        case Edit(message=message):
            return await _edit(tx, one, message, now)
        case Deletion():
            if not await _withdrawn(tx, one, understood, now):
                return None
        case Message() if understood.conversation and understood.remote_id:
            return await _piece(tx, one, understood, contact, now)
        case _:
            return understood
    await arrivals.done(tx, one, now=now)
    return None


async def _edit(tx: Transaction, one: Claimed, message: Message, now: datetime) -> Message | None:
    """Change a message where it stands; what is closed stays closed, and new words open another."""
    before = await chats.before(tx, one.channel, message)
    more = before is not None and changed.says_more(before.text, message)
    if before and more and before.state is State.CLOSED and message.opens:
        await chats.leave(tx, before)
        return message
    if not await chats.edit(tx, one.channel, message, one.id, now=now) and message.opens:
        return message  # its message never came: then this is the message
    if before and more:
        await _looked_at_again(tx, before.inquiry, now)
    await arrivals.done(tx, one, now=now)
    return None


async def _looked_at_again(tx: Transaction, inquiry: InquiryId, now: datetime) -> None:
    """Let an inquiry that was dealt with be open again, as further words would."""
    standing = await transitions.hold(tx, inquiry)
    if standing.state in DEALT_WITH:
        kind = "reopened" if standing.state is State.RESOLVED else ""
        await transitions.move(tx, standing, State.OPEN, by=history.CUSTOMER, kind=kind, now=now)
        await transitions.count_unanswered(tx, standing, standing.unanswered + 1)


def _dated(understood: Understood, came_at: datetime) -> Understood:
    """Say of what doesn't tell when it was written that it was when it came.

    Else nobody knows which of two changes is the newer, or that a message is older than its change.
    """
    match understood:
        case Edit(message=Message(sent_at=None) as message):
            return replace(understood, message=replace(message, sent_at=came_at))
        case Message(sent_at=None) if understood.conversation and understood.remote_id:
            return replace(understood, sent_at=came_at)
    return understood


async def continued(tx: Transaction, coming: Coming) -> Placed | None:
    """Return the open inquiry that a message in a conversation continues.

    1. that of the message it replies to
    2. the writer's own newest one there
    3. in a thread, that of the thread
    4. of who begins thread after thread, all in one breath, that of the last

    Another's inquiry is continued only in the very place where it is talked about and where
    others read along: there the writer has seen all of it, and gets to see nothing else.
    """
    message, writer = coming.message, coming.contact_point.id
    if replied := await _answered(tx, coming):
        return replied
    here = coming.channel, message.conversation
    own = await finding.latest_in_conversation(tx, coming.channel, writer, message.conversation)
    if own or message.audience is not Audience.THREAD:
        return own
    placed = await finding.latest_in_place(tx, *here)
    if placed:
        return _with_company(placed, writer)
    return await _in_one_breath(tx, coming)


async def _in_one_breath(tx: Transaction, coming: Coming) -> Placed | None:
    """Return the inquiry of what the same person has just begun in the same channel.

    "Hello", "our printer is on fire", and a picture of it: three threads for Slack, one request.
    A reply to oneself that is faster than what it replies to stands for it.
    """
    message, writer = coming.message, coming.contact_point.id
    place, begun = message.conversation.rpartition("/")[0], message.begun_at
    if not place or begun is None:
        return None
    since, until = begun - BREATH, begun + BREATH
    placed = await finding.begun_between(
        tx, coming.channel, writer, place, since=since, until=until
    )
    return placed and replace(placed, in_one_breath=True)


async def _answered(tx: Transaction, coming: Coming) -> Placed | None:
    message, writer = coming.message, coming.contact_point.id
    if not message.in_reply_to:
        return None
    inquiry = await chats.answered(tx, coming.channel, message.conversation, message.in_reply_to)
    placed = await finding.by_id(tx, inquiry) if inquiry else None
    if placed is None or placed.state is State.CLOSED:
        return None
    if writer in placed.participants:
        return placed
    here = coming.channel, message.conversation
    among_others = message.audience is not Audience.ALONE
    if not among_others or not await finding.is_in_place(tx, placed.id, *here):
        return None
    return _with_company(placed, writer)


def _with_company(placed: Placed, writer: ContactPointId) -> Placed:
    return (
        placed if writer in placed.participants else replace(placed, companions=frozenset({writer}))
    )


async def _piece(
    tx: Transaction, one: Claimed, message: Message, contact: str, now: datetime
) -> Message | None:
    """Join it to its album; let it wait where that has not begun."""
    here = await chats.is_here(tx, one.channel, message)
    if not here and not await _joined(tx, one, message, contact):
        if later := await _waits_until(tx, one, message, now):
            await arrivals.put_off(tx, one, later)
            return None
        if message.opens:
            return message
    await arrivals.done(tx, one, now=now)
    return None


async def _joined(tx: Transaction, one: Claimed, message: Message, contact: str) -> bool:
    sender = message.sender if message.album else None
    writer = await find(tx, contact, sender.address) if sender else None
    begun = await chats.begun(tx, one.channel, message, writer.id) if writer else None
    if begun is None:
        return False
    await chats.join(tx, begun, one.id, message)
    return True


async def _waits_until(
    tx: Transaction, one: Claimed, message: Message, now: datetime
) -> datetime | None:
    """Say until when a piece of an album that has not begun waits; None: it may begin it."""
    if message.album and now < one.received_at + ALBUM:
        return one.received_at + ALBUM
    if not albums.may_be_led(message, one.received_at, now):
        return None
    near = await arrivals.near(tx, one, most=NEAR, within=ALBUM)
    return now + AGAIN if albums.is_led(message, near) else None


async def _withdrawn(tx: Transaction, one: Claimed, gone: Deletion, now: datetime) -> bool:
    """Withdraw a message; False while it may still be on its way, and this waits for it."""
    if await chats.withdraw(tx, one.channel, gone.conversation, gone.remote_id, now=now):
        return True
    again = next((at for wait in OVERTAKEN if (at := one.received_at + wait) > now), None)
    if again is None:
        log.info("channel %s: what was withdrawn never came", one.channel)
        return True
    await arrivals.put_off(tx, one, again)
    return False


async def _press(tx: Transaction, one: Claimed, press: Press, contact: str, now: datetime) -> None:
    """Do what a button says, if whoever pressed it takes part: what it says is no proof."""
    what, _, reference = press.value.partition(":")
    who = await find(tx, contact, press.sender.address)
    placed = await finding.by_reference(tx, reference)
    if placed is None or who is None or who.id not in placed.participants:
        log.info("channel %s: a button of nobody's inquiry was pressed", one.channel)
        return
    standing = await transitions.hold(tx, placed.id)
    if what == SOLVED and standing.state.active:
        await transitions.move(
            tx, standing, State.RESOLVED, by=history.CUSTOMER, kind="works", now=now
        )
    elif what == NOT_YET and standing.state is not State.CLOSED:
        if standing.state in (State.RESOLVED, State.WAITING_FOR_CUSTOMER):
            await transitions.move(tx, standing, State.OPEN, by=history.CUSTOMER, kind="", now=now)
        await history.add(tx, placed.id, "not-yet", history.CUSTOMER, now=now)
