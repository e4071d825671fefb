"""How a running desk is doing: what ``deskbridge status`` asks on the local socket."""

from collections import defaultdict
from typing import Any

from aiohttp import web

from deskbridge.bridge import Bridge
from deskbridge.stranded import senders, sentences, waiting
from storage import dispatches, imports
from storage.database import Transaction
from storage.inquiries import reading
from storage.inquiries.shown import Load


def routes(bridge: Bridge) -> list[web.AbstractRouteDef]:
    """Return the one route."""

    async def status(_request: web.Request) -> web.Response:
        return web.json_response(await told(bridge))

    async def importing(_request: web.Request) -> web.Response:
        return web.json_response(bridge.importing.progress)

    return [web.get("/status", status), web.get("/importing", importing)]


async def told(bridge: Bridge) -> dict[str, Any]:
    """Return channels, queues, outbox and trouble as plain data."""

    async def look(tx: Transaction) -> dict[str, Any]:
        counts = await dispatches.counts(tx)
        return {
            "queues": _queues(await reading.load(tx)),
            "outbox": {f"{channel} {state}": number for (channel, state), number in counts.items()},
            "customers": _customers(await imports.newest(tx)),
            "stranded": dict(waiting(counts, senders(bridge.configuration))),
            "waiting for a person": {
                what: number for what, number in (await reading.trouble(tx)).items() if number
            },
        }

    found = await bridge.db.read(look)
    return {
        "desk": bridge.configuration.desk.name,
        "configuration": bridge.configuration.hash,
        "reload": bridge.last_reload.as_data(),
        "channels": {
            name: {
                "kind": entry.kind,
                "up": bridge.pulse.up.get(name, name not in bridge.pulse.trouble),
                "trouble": bridge.pulse.trouble.get(name, ""),
            }
            for name, entry in bridge.configuration.channels.items()
        },
        **found,
        "trouble": {
            **bridge.pulse.trouble,
            **await _storage_trouble(bridge),
            **_reload_trouble(bridge),
            **({"customers": bridge.importing.trouble} if bridge.importing.trouble else {}),
            **{f"outbox of {name}": text for name, text in sentences(found["stranded"]).items()},
        },
    }


def _customers(newest: imports.Import | None) -> dict[str, Any] | None:
    if newest is None:
        return None
    return {
        "file": str(newest.file),
        "imported_at": newest.ended_at.isoformat(),
        "lines": newest.lines,
        "left_out": newest.left_out,
    }


def _reload_trouble(bridge: Bridge) -> dict[str, str]:
    last = bridge.last_reload
    if last.applied:
        return {}
    return {"configuration": "\n".join((last.sentence, *last.shown))}


async def _storage_trouble(bridge: Bridge) -> dict[str, str]:
    if bridge.db.broken:
        return {"storage": bridge.db.broken}
    if not await bridge.db.has_room():
        return {"storage": "the disk is full: nothing is accepted until there is room"}
    return {}


def _queues(load: list[Load]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"open": 0, "new": 0, "unassigned": 0})
    for one in load:
        found[one.queue]["open"] += one.count
        found[one.queue]["new"] += one.new
        found[one.queue]["unassigned"] += 0 if one.assignee else one.count
    return dict(found)
