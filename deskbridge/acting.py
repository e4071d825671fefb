"""What the command line may do to a desk: one table, for the running service or in its place."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from config.configuration import Configuration
from deskbridge import wiring
from deskbridge.endings import DONE, INVALID, NOTHING_THERE, PROBLEM, TRY_AGAIN, WRONG_USAGE
from deskbridge.importing import Importing, Stopped, Wanted, told
from inquiry.errors import BridgeError, ConfigError, Conflict, NotFound, TemporaryFailure
from inquiry.journey import (
    ArrivalId,
    ChannelName,
    ContactPointId,
    DispatchId,
    InquiryId,
    QueueName,
    SpecialistName,
)
from inquiry.words import Priority, State
from specialists import deciding
from specialists.acts import answering, handover, joining, marks, notes, progress
from specialists.acts.words import NoWords
from specialists.deciding import DECISIONS
from storage import credentials, dispatches, history, joins, quarantine
from storage.database import Database, Transaction
from storage.dispatches import CANCEL, HOLD, RELEASE, RETRY, Act, Mark
from storage.inquiries import reading, transitions
from storage.inquiries.shown import Shown
from storage.migrate import check_tables
from storage.opening import DeskInUse, alone, open_database
from web.words import reached

log = logging.getLogger(__name__)

OPERATOR = "operator"
"""Who acts where no specialist is named."""
NOBODY = "none"

Asked = Mapping[str, Any]


class WrongUsage(BridgeError):
    """What was asked for makes no sense on this desk."""


def _nothing() -> None:
    """Wake nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The desk that is acted upon."""

    db: Database
    configuration: Configuration
    now: datetime
    arrivals_bell: Callable[[], None] = field(default=_nothing)
    answers_bell: Callable[[], None] = field(default=_nothing)
    outbox_bell: Callable[[], None] = field(default=_nothing)
    importing: Importing = field(default_factory=Importing)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an act ended: an exit code, and a sentence to print."""

    code: int
    said: str


async def answer(where: Where, asked: Asked) -> str:
    """Answer the customer."""
    inquiry = await _inquiry(where, asked)
    channel = asked.get("channel")
    if channel and channel not in where.configuration.channels:
        raise WrongUsage(_unknown("channel", channel, where.configuration.channels))
    whom = await _reached_by(where, inquiry, ChannelName(channel)) if channel else None
    at_once = bool(asked.get("at_once"))
    await answering.answer(
        where.db,
        inquiry=inquiry,
        specialist=_specialist(where, asked["by"]),
        text=asked["text"],
        then=_state(asked.get("then") or State.WAITING_FOR_CUSTOMER),
        seen_event=asked.get("seen"),
        undo_by={} if at_once else wiring.undo_times(where.configuration),
        channel=ChannelName(channel) if channel else None,
        contact_point=whom,
        now=where.now,
    )
    where.answers_bell()
    return "answered" if at_once else "answered; it leaves when the undo time has passed"


async def note(where: Where, asked: Asked) -> str:
    """Write a note."""
    inquiry, by = await _inquiry(where, asked), _specialist(where, asked["by"])
    await notes.note(where.db, inquiry=inquiry, specialist=by, text=asked["text"], now=where.now)
    return "noted"


async def assign(where: Where, asked: Asked) -> str:
    """Make somebody responsible, or nobody."""
    inquiry, by = await _inquiry(where, asked), _specialist(where, asked["by"])
    to = None if asked["to"] == NOBODY else _specialist(where, asked["to"])
    await handover.assign(where.db, inquiry=inquiry, specialist=by, to=to, now=where.now)
    return f"assigned to {to}" if to else "given back to its queue"


async def move(where: Where, asked: Asked) -> str:
    """Hand over to another queue."""
    inquiry, by = await _inquiry(where, asked), _specialist(where, asked["by"])
    queue = QueueName(asked["queue"])
    if queue not in where.configuration.queues:
        raise WrongUsage(_unknown("queue", queue, where.configuration.queues))
    await handover.move(where.db, inquiry=inquiry, specialist=by, queue=queue, now=where.now)
    return f"moved to {queue}"


async def prioritise(where: Where, asked: Asked) -> str:
    """Say how pressing it is."""
    inquiry, by = await _inquiry(where, asked), _specialist(where, asked["by"])
    priority = Priority(asked["priority"])
    await marks.prioritise(
        where.db, inquiry=inquiry, specialist=by, priority=priority, now=where.now
    )
    return f"priority is {priority}"


async def set_state(where: Where, asked: Asked) -> str:
    """Resolve, close, reopen."""
    inquiry, by = await _inquiry(where, asked), _specialist(where, asked["by"])
    to = _state(asked["state"])
    if to is State.OPEN:
        await progress.reopen(where.db, inquiry=inquiry, specialist=by, now=where.now)
    else:
        await progress.set_state(where.db, inquiry=inquiry, specialist=by, to=to, now=where.now)
    return f"{asked['reference']} is {to}"


async def dispatch(what: Act, where: Where, asked: Asked) -> str:
    """Decide about a dispatch."""
    number = DispatchId(int(asked["dispatch"]))
    by = _by(where, asked)
    await where.db.write(lambda tx: dispatches.act(tx, number, what, by=by, now=where.now))
    where.outbox_bell()
    return f"dispatch {number} is {what.to}"


async def decide(where: Where, asked: Asked) -> str:
    """Decide about many dispatches as they were seen; says in JSON about which."""
    decision = str(asked["decision"])
    if decision not in DECISIONS:
        raise WrongUsage(_unknown("decision", decision, DECISIONS))
    try:
        marks = [Mark.parse(word) for word in str(asked["marks"]).split()]
    except ValueError as wrong:
        raise WrongUsage(str(wrong)) from None
    by = _by(where, asked)
    made = await deciding.decide(where.db, decision, marks, by=by, now=where.now)
    where.outbox_bell()
    return json.dumps({"done": made.done, "left": made.left})


async def from_quarantine(
    what: Callable[[Transaction, ArrivalId], Awaitable[bool]], where: Where, asked: Asked
) -> str:
    """Take an arrival out of quarantine."""
    arrival = ArrivalId(int(asked["arrival"]))
    if not await where.db.write(lambda tx: what(tx, arrival)):
        raise NotFound(f"arrival {arrival} is not in quarantine")
    where.arrivals_bell()
    return f"arrival {arrival} is on its way again"


async def password(where: Where, asked: Asked) -> str:
    """Give a specialist a new password."""
    who = _specialist(where, asked["who"])
    try:
        await credentials.set_password(where.db, who, asked["password"], now=where.now)
    except ValueError as wrong:
        raise WrongUsage(str(wrong)) from wrong
    return f"{who} has a new password"


async def import_customers(where: Where, asked: Asked) -> str:
    """Read a file of customers in place of what was read before."""
    wanted = Wanted(
        file=Path(asked["file"]),
        customers=where.configuration.customers,
        allow_errors=bool(asked.get("allow_errors")),
    )
    imported = await where.importing.run(where.db, wanted)
    return "\n".join((*told(imported.problems), imported.sentence))


async def join_customers(where: Where, asked: Asked) -> str:
    """Say that two contact points are one person."""
    one, other = await _points(where, asked["one"], asked["other"])
    by = _specialist(where, asked["by"]) if asked.get("by") else ""
    number = await joining.join(
        where.db, one.id, other.id, inquiry=None, specialist=by, now=where.now
    )
    named = [reached(each.address, each.contact) for each in (one, other)]
    return f"{' and '.join(named)} are one person now: join {number}"


async def part_customers(where: Where, asked: Asked) -> str:
    """Undo a join."""
    by = _specialist(where, asked["by"]) if asked.get("by") else ""
    await joining.part(where.db, int(asked["join"]), specialist=by, now=where.now)
    return f"join {asked['join']} is undone"


async def _points(where: Where, *written: str) -> list[joins.Point]:
    async def look(tx: Transaction) -> list[joins.Point]:
        found = [(each, await joins.called(tx, each)) for each in written]
        for each, point in found:
            if point is None:
                raise NotFound(f"nobody has written from {each}")
        return [point for _, point in found if point]

    return await where.db.read(look)


ACTS: Mapping[str, Callable[[Where, Asked], Awaitable[str]]] = {
    "answer": answer,
    "note": note,
    "assign": assign,
    "move": move,
    "priority": prioritise,
    "state": set_state,
    "retry": partial(dispatch, RETRY),
    "cancel": partial(dispatch, CANCEL),
    "hold": partial(dispatch, HOLD),
    "release": partial(dispatch, RELEASE),
    "decide": decide,
    "reprocess": partial(from_quarantine, quarantine.retry),
    "admit": partial(from_quarantine, quarantine.release),
    "password": password,
    "import-customers": import_customers,
    "join-customers": join_customers,
    "part-customers": part_customers,
}
"""Everything that changes a desk from the command line, by the word in the socket's path."""


async def carry_out(where: Where, name: str, asked: Asked) -> Outcome:
    """Do one act; whatever goes wrong is a sentence and an exit code."""
    try:
        return Outcome(DONE, await ACTS[name](where, asked))
    except NotFound as missing:
        return Outcome(NOTHING_THERE, str(missing))
    except (WrongUsage, NoWords) as wrong:
        return Outcome(WRONG_USAGE, str(wrong))
    except ConfigError as refused:
        return Outcome(INVALID, "\n".join((*told(refused.problems), "nothing was imported")))
    except Conflict as conflict:
        return Outcome(PROBLEM, str(conflict))
    except (TemporaryFailure, DeskInUse, Stopped) as trouble:
        return Outcome(TRY_AGAIN, str(trouble))


def routes(where_now: Callable[[datetime], Where]) -> list[web.AbstractRouteDef]:
    """Return what the running service answers on its local socket."""

    async def act(request: web.Request) -> web.Response:
        name = request.match_info["act"]
        if name not in ACTS:
            return web.json_response({"code": WRONG_USAGE, "said": f"no act {name}"}, status=404)
        where = where_now(datetime.now(UTC))
        outcome = await carry_out(where, name, json.loads(await request.read()))
        log.info("command line: %s: %s", name, outcome.said)
        return web.json_response({"code": outcome.code, "said": outcome.said})

    return [web.post("/act/{act}", act)]


async def carry_out_directly(
    configuration: Configuration, name: str, asked: Asked, **more: Any
) -> Outcome:
    """Do one act while no service runs; on SQLite none can start meanwhile.

    ``more`` is for :class:`Where`.
    """
    desk = configuration.desk
    try:
        with alone(desk.data_dir) if desk.storage == "sqlite" else nullcontext():
            async with open_database(desk.storage, desk.data_dir) as db:
                await check_tables(db)
                now = datetime.now(UTC)
                where = Where(db=db, configuration=configuration, now=now, **more)
                return await carry_out(where, name, asked)
    except (TemporaryFailure, DeskInUse) as trouble:
        return Outcome(TRY_AGAIN, str(trouble))


async def _inquiry(where: Where, asked: Asked) -> InquiryId:
    async def look(tx: Transaction) -> InquiryId:
        return await transitions.by_reference(tx, asked["reference"])

    return await where.db.read(look)


async def _reached_by(where: Where, inquiry: InquiryId, channel: ChannelName) -> ContactPointId:
    """Return whom a chosen channel reaches: who wrote last before all others."""

    async def look(tx: Transaction) -> Shown:
        return await reading.shown(tx, await reading.reference_of(tx, inquiry))

    it, contact = await where.db.read(look), wiring.contacts(where.configuration)[channel]
    known = sorted((*it.people, *it.contact_points), key=lambda one: one.id != it.used_last)
    for one in known:
        if one.contact == contact:
            return one.id
    raise Conflict(f"{channel} reaches nobody of {it.reference}: there is no {contact} address")


def _by(where: Where, asked: Asked) -> str:
    """Return who acts, as history names them."""
    return history.specialist(_specialist(where, asked["by"])) if asked.get("by") else OPERATOR


def _specialist(where: Where, name: str) -> SpecialistName:
    if name not in where.configuration.specialists:
        raise WrongUsage(_unknown("specialist", name, where.configuration.specialists))
    return SpecialistName(name)


def _state(word: str) -> State:
    try:
        return State(word)
    except ValueError:
        raise WrongUsage(_unknown("state", word, dict.fromkeys(map(str, State)))) from None


def _unknown(what: str, word: str, known: Mapping[Any, Any]) -> str:
    names = sorted(map(str, known))
    close = get_close_matches(word, names, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"
    return f"no {what} {word!r}; {hint}"
