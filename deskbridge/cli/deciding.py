"""``deskbridge outbox decide``: about many that wait for a person, told first and then done."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import json_option, leave
from deskbridge.cli.reaching import carried_out, desk, look
from deskbridge.cli.replay import Last
from deskbridge.endings import NOTHING_THERE, WRONG_USAGE

if TYPE_CHECKING:
    from specialists.deciding import Plan
    from storage.database import Transaction
    from storage.undecided import Choice

DECISIONS = ("send-again", "arrived", "give-up")
STATES = ("doubtful", "dead", "held")
MOST_LISTED = 20


@click.command("decide")
@config_option
@click.argument("decision", type=click.Choice(DECISIONS))
@click.argument("dispatches", type=int, nargs=-1)
@click.option("--channel", default="", help="Only those by this channel.")
@click.option("--state", default="", type=click.Choice(("", *STATES)), help="Only those.")
@click.option("--reason", default="", help="Only those whose reason has this in it.")
@click.option("--older", type=Last(), help="Only those older than 30m, 2h, 1d.")
@click.option("--newer", type=Last(), help="Only those of the last 30m, 2h, 1d.")
@click.option("--all", "everything", is_flag=True, help="All that wait for a person.")
@click.option("--by", default="", help="The specialist who decides; else the operator.")
@click.option("--do", is_flag=True, help="Do it; else it is only told what would happen.")
@json_option
def decide(
    config: Path | None,
    decision: str,
    dispatches: tuple[int, ...],
    by: str,
    do: bool,
    as_json: bool,
    **narrowed: Any,
) -> None:
    """Decide about many dispatches that are doubtful, dead or held.

    Without --do nothing happens: it tells what would. With it exactly that is done, but for those
    that somebody has decided about meanwhile.

    \b
    deskbridge outbox decide send-again --channel bot --older 1h
    deskbridge outbox decide send-again --channel bot --older 1h --do
    deskbridge outbox decide give-up 17 18 21 --do
    """
    from specialists import deciding
    from storage import undecided

    choice = _choice(dispatches, **narrowed)

    async def work(tx: "Transaction") -> "Plan":
        chosen = [one for one in await undecided.undecided(tx) if choice.means(one)]
        return deciding.plan(decision, chosen)

    configuration = desk(config)
    plan = look(configuration, work)
    if not plan.goes and not plan.left:
        leave(NOTHING_THERE, "nothing that waits for a person matches")
    made: Mapping[str, Any] = {}
    if not as_json:
        _tell(plan)
    if do and plan.goes:
        marks = " ".join(str(one.mark) for one in plan.goes)
        asked = {"decision": decision, "marks": marks, "by": by}
        code, said = carried_out(configuration, "decide", asked)
        if code:
            leave(code, said)
        made = json.loads(said)
    if as_json:
        click.echo(json.dumps(_document(plan, made), ensure_ascii=False, indent=2))
    elif do:
        _tell_done(decision, made)
    else:
        click.echo("nothing was done: add --do", err=True)


def _choice(
    dispatches: Sequence[int],
    *,
    channel: str,
    state: str,
    reason: str,
    older: timedelta | None,
    newer: timedelta | None,
    everything: bool,
) -> "Choice":
    from inquiry.journey import DispatchId
    from storage.undecided import Choice

    if not any((dispatches, channel, state, reason, older, newer, everything)):
        leave(WRONG_USAGE, "say which: numbers, --channel, --state, --reason, --older, or --all")
    now = datetime.now(UTC)
    return Choice(
        channel=channel,
        state=state,
        reason=reason,
        before=now - older if older else None,
        since=now - newer if newer else None,
        only=frozenset(map(DispatchId, dispatches)) if dispatches else None,
    )


def _tell(plan: "Plan") -> None:
    from deskbridge.cli.printing import table, when

    for number, sentence in plan.told:
        click.echo(f"{number} will be {sentence}")
    for number, sentence in plan.told_left:
        click.echo(f"{number} stay as they are, {sentence}")
    if plan.later:
        click.echo(f"{plan.later} more than are decided about at once: say it again for them")
    if plan.goes:
        rows = [
            (one.id, one.channel, one.state, when(one.created_at), one.reason or "–")
            for one in plan.goes[:MOST_LISTED]
        ]
        table(("id", "channel", "state", "since", "reason"), rows)
    if len(plan.goes) > MOST_LISTED:
        click.echo(f"and {len(plan.goes) - MOST_LISTED} more")


def _tell_done(decision: str, made: Mapping[str, Any]) -> None:
    done, left = len(made.get("done", ())), len(made.get("left", ()))
    click.echo(f"{decision}: {done} done")
    if left:
        click.echo(f"{left} left alone: something had become of them meanwhile")


def _document(plan: "Plan", made: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "decision": plan.decision,
        "would": [{"number": number, "what": what} for number, what in plan.told],
        "dispatches": [one.id for one in plan.goes],
        "not_possible": [one.id for one in plan.left],
        "later": plan.later,
        "done": made.get("done", []),
        "left_alone": made.get("left", []),
    }
