"""Decisions of a stored inquiry: as they were recorded, and what today's rules make of it."""

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from deskbridge.endings import NOTHING_THERE, TRY_AGAIN

if TYPE_CHECKING:
    from config.configuration import Configuration
    from inquiry.understood import Understood
    from router.explain import Trace
    from storage.database import Transaction
    from storage.decisions import Recorded


def explain_stored(
    configuration: "Configuration", reference: str, *, verbose: bool, as_json: bool
) -> str:
    """Return the explanation of every decision about an inquiry, oldest first."""
    recorded = _look_up(configuration, reference)
    if as_json:
        return json.dumps([_as_data(configuration, each) for each in recorded], ensure_ascii=False)
    return "\n\n".join(explained(configuration, each, verbose) for each in recorded)


def _look_up(configuration: "Configuration", reference: str) -> "Sequence[Recorded]":
    from inquiry.errors import BridgeError, NotFound

    try:
        return asyncio.run(_recorded(configuration, reference))
    except NotFound as missing:
        click.echo(str(missing), err=True)
        raise SystemExit(NOTHING_THERE) from missing
    except BridgeError as trouble:
        click.echo(str(trouble), err=True)
        raise SystemExit(TRY_AGAIN) from trouble


async def _recorded(configuration: "Configuration", reference: str) -> "Sequence[Recorded]":
    from inquiry.errors import NotFound
    from storage.decisions import of_inquiry
    from storage.inquiries.transitions import by_reference
    from storage.opening import open_database

    async def read(tx: "Transaction") -> "Sequence[Recorded]":
        return await of_inquiry(tx, await by_reference(tx, reference))

    desk = configuration.desk
    if desk.storage == "sqlite" and not (desk.data_dir / "deskbridge.db").exists():
        raise NotFound(f"there is no inquiry {reference}: nothing is in {desk.data_dir} yet")
    async with open_database(desk.storage, desk.data_dir) as database:
        return await database.read(read)


def explained(configuration: "Configuration", recorded: "Recorded", verbose: bool) -> str:
    """Return one decision: its winners as recorded, then every rule by today's configuration."""
    from deskbridge.cli.explain import told

    decision = recorded.decision
    lines = [
        f"decided {recorded.decided_at:%Y-%m-%d %H:%M:%S} UTC by configuration "
        f"{decision.configuration[:6]} ({_compared(configuration, recorded)})",
        "",
    ]
    for winner in decision.winners:
        why = f"{winner.field:<18} {winner.value:<18} {winner.rule:<22} {winner.place}"
        lines.append(f"  {why}  {winner.because}")
    trace = _trace(configuration, recorded)
    if trace is not None:
        lines += ["", *told(_message(recorded), recorded.facts, trace, verbose=verbose)]
    return "\n".join(lines)


def _compared(configuration: "Configuration", recorded: "Recorded") -> str:
    trace = _trace(configuration, recorded)
    if trace is None:
        return "no message that rules decide about"
    same = {(w.field, w.value) for w in trace.decision.winners} == {
        (w.field, w.value) for w in recorded.decision.winners
    }
    return f"today's rules would decide {'the same' if same else 'otherwise'}"


def _message(recorded: "Recorded") -> "Understood":
    from inquiry.data import understood_from_text

    return understood_from_text(recorded.understood)


def _trace(configuration: "Configuration", recorded: "Recorded") -> "Trace | None":
    from inquiry.understood import Message, Report
    from router.explain import explain

    message = _message(recorded)
    if not isinstance(message, (Message, Report)):
        return None
    return explain(configuration.rules, message, recorded.facts)


def _as_data(configuration: "Configuration", recorded: "Recorded") -> dict[str, Any]:
    from deskbridge.cli.explain import trace_as_data
    from inquiry.data import as_data

    trace = _trace(configuration, recorded)
    return {
        "decided_at": recorded.decided_at.isoformat(),
        "decision": as_data(recorded.decision),
        "facts": as_data(recorded.facts),
        "today": trace_as_data(trace) if trace else None,
    }
