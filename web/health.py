"""For programs that watch the desk: is it alive, is it ready, and the numbers."""

from collections.abc import Mapping
from importlib.metadata import version

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from inquiry.errors import TemporaryFailure
from inquiry.words import ArrivalState, OutboxState
from storage import arrivals
from storage.database import Database, Row, Transaction, moment
from web.desk import Desk
from web.pages import desk_of

METRICS = "text/plain; version=0.0.4; charset=utf-8"
STORED = ("states", "outbox_states", "channels")
UNSETTLED = (ArrivalState.WAITING, ArrivalState.UNDERSTOOD, ArrivalState.QUARANTINED)


async def alive(_request: web.Request) -> web.StreamResponse:
    """Say that the loop turns."""
    return web.Response(text="ok\n")


async def ready(request: web.Request) -> web.StreamResponse:
    """Say whether mail may be sent here. A dead channel is no reason against it."""
    checks = {"database": await _database(desk_of(request))}
    right = all(why == "ok" for why in checks.values())
    text = "".join(f"{name}: {why}\n" for name, why in checks.items())
    if "verbose" not in request.query:
        text = "ready\n" if right else "not ready\n"
    return web.Response(status=200 if right else 503, text=text)


async def metrics(request: web.Request) -> web.StreamResponse:
    """Send the numbers: those that the program counts, and those that stand in the database."""
    desk = desk_of(request)
    counted = generate_latest(desk.metrics)
    stored = generate_latest(_gauges(await _numbers(desk.db), desk))
    return web.Response(body=counted + stored, headers={"Content-Type": METRICS})


async def _database(desk: Desk) -> str:
    if desk.db.broken:
        return "broken"
    try:
        await desk.db.write(lambda tx: tx.run("credentials.forget_old_links", now=desk.now()))
    except TemporaryFailure:
        return "unavailable"
    return "ok" if await desk.db.has_room() else "full"


async def _numbers(db: Database) -> Mapping[str, list[Row]]:
    async def look(tx: Transaction) -> dict[str, list[Row]]:
        found = {name: await tx.all(f"reading.{name}") for name in STORED}
        counts = await arrivals.counts(tx)
        return found | {"arrivals": [{"state": s, "count": n} for s, n in counts.items()]}

    return await db.read(look)


def _gauges(numbers: Mapping[str, list[Row]], desk: Desk) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"deskbridge_{name}", text, labels, registry=registry)

    inquiries = gauge("inquiries", "Inquiries.", "queue", "state")
    for row in numbers["states"]:
        inquiries.labels(row["queue"], row["state"]).set(row["count"])
    waiting = gauge("arrivals", "Arrivals that are no messages yet.", "state")
    for state in UNSETTLED:
        waiting.labels(state).set(_count(numbers["arrivals"], state))
    dispatches = gauge("outbox_messages", "Dispatches that have not ended well.", "state")
    for row in numbers["outbox_states"]:
        dispatches.labels(row["state"]).set(row["count"])
    overdue = gauge("outbox_oldest_seconds", "How long the oldest dispatch is overdue.")
    due = _row(numbers["outbox_states"], OutboxState.WAITING)
    late = (desk.now() - moment(due["oldest"])).total_seconds() if due else 0
    overdue.set(max(late, 0))
    last = gauge(
        "channel_last_receive_timestamp_seconds", "When something last came in.", "channel"
    )
    for row in numbers["channels"]:
        last.labels(row["channel"]).set(moment(row["last_in"]).timestamp())
    up = gauge("channel_up", "Does the channel work?", "channel")
    for name, works in desk.channel_up().items():
        up.labels(name).set(works)
    if loaded := desk.loaded():
        gauge("config_last_reload_successful", "Is what the files say in force?").set(
            loaded.successful
        )
        gauge(
            "config_last_reload_success_timestamp_seconds", "When what is in force was loaded."
        ).set(loaded.in_force_since.timestamp())
        if loaded.customers is not None:
            gauge(
                "customers_import_successful", "Is what the file of customers says in force?"
            ).set(not loaded.customers)
    gauge("build_info", "The program.", "version").labels(version("deskbridge")).set(1)
    return registry


def _row(rows: list[Row], state: str) -> Row | None:
    return next((row for row in rows if row["state"] == state), None)


def _count(rows: list[Row], state: str) -> int:
    row = _row(rows, state)
    return int(row["count"]) if row else 0
