"""``deskbridge replay``: what would other rules have made of the messages of the last days?"""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskbridge.cli.configuration import config_option, opened
from deskbridge.cli.leaving import json_option, leave
from deskbridge.cli.reaching import check_there, unusable
from deskbridge.endings import NOTHING_THERE, PROBLEM, TRY_AGAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.configuration import Configuration
    from deskbridge.replay import Judge, Outcome, Summary
    from router.compare import Change

_LAST = re.compile(r"([1-9][0-9]{0,4})(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Last(click.ParamType[timedelta]):
    """How far back: ``24h``, ``7d``, ``2w``."""

    name = "time"

    def convert(self, value: object, _param: object, _ctx: object) -> timedelta:
        found = _LAST.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is not a time such as 24h, 7d or 2w")
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command("replay")
@config_option
@click.option("--last", type=Last(), default="7d", show_default=True, help="How far back.")
@click.option("--where", default="", metavar="FIELD[:VALUE]", help="Only changes of this field.")
@click.option("--show", "shown", default="", metavar="REFERENCE", help="All about one inquiry.")
@click.option("--data", type=click.Path(path_type=Path), help="The data_dir to read instead.")
@json_option
def replay(
    config: Path | None,
    last: timedelta,
    where: str,
    shown: str,
    data: Path | None,
    as_json: bool,
) -> None:
    """Decide the messages of the last days again by other rules, and show what would be different.

    Nothing is sent, nothing is changed.

    \b
    deskbridge replay --last 7d -c new/deskbridge.yaml
    deskbridge replay --last 30d -c new/deskbridge.yaml --where queue:invoices

    Ends with 1 if anything would be different, with 0 if nothing would.
    """
    from deskbridge.replay import Judge

    where = _known(where)
    configuration = opened(config, run_tests=False)
    judge = Judge(configuration.rules, configuration.organizations)
    try:
        summary = _run(configuration, judge, last, data, quiet=as_json)
    finally:
        judge.close()
    if shown and shown not in summary.names:
        leave(NOTHING_THERE, f"no message of {shown} was decided in this time")
    different = [one for one in summary.different if _concerns(one, where, shown)]
    if as_json:
        click.echo(json.dumps(_as_data(summary, different, configuration), ensure_ascii=False))
    elif shown:
        _print_one(different, shown)
    else:
        _print(summary, different, configuration, where)
    if different:
        raise SystemExit(PROBLEM)


def _known(where: str) -> str:
    """Return ``FIELD[:VALUE]`` with the field's own name. Refuses what rules don't decide."""
    from router.why_not import BadWish, wish

    if not where:
        return ""
    field, _, value = where.partition(":")
    try:
        return f"{wish(f'{field}=any').field}:{value}".removesuffix(":")
    except BadWish as wrong:
        raise click.UsageError(str(wrong)) from wrong


def _run(
    configuration: "Configuration",
    judge: "Judge",
    last: timedelta,
    data: Path | None,
    *,
    quiet: bool,
) -> "Summary":
    from deskbridge.replay import replay as replayed
    from inquiry.errors import BridgeError, NotFound
    from storage.migrate import check_tables
    from storage.opening import open_database

    desk = configuration.desk
    folder = data or desk.data_dir

    async def work(progress: Callable[[int, int], None]) -> "Summary":
        check_there(configuration, folder)
        async with open_database(desk.storage, folder) as database:
            await check_tables(database)
            since = datetime.now(UTC) - last
            return await replayed(database, judge, since=since, progress=progress)

    try:
        with _progress(quiet=quiet) as progress:
            return asyncio.run(work(progress))
    except NotFound:
        leave(NOTHING_THERE, f"nothing is in {folder} yet: name the desk's own folder with --data")
    except BridgeError as trouble:
        leave(TRY_AGAIN, str(trouble))
    except OSError as trouble:
        leave(TRY_AGAIN, unusable(configuration, trouble))


@contextmanager
def _progress(*, quiet: bool) -> "Iterator[Callable[[int, int], None]]":
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("read only, nothing is sent", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


def _concerns(one: "Outcome", where: str, shown: str) -> bool:
    if shown and one.name != shown:
        return False
    if not where:
        return True
    field, _, value = where.partition(":")
    return any(
        change.field == field and (not value or value in (change.was, change.now))
        for change in one.changes
    )


def _print(
    summary: "Summary", different: "Sequence[Outcome]", configuration: "Configuration", where: str
) -> None:
    from deskbridge.replay import counted

    whole = summary.messages
    share = f" ({len(different) / whole:.1%})" if different else ""
    narrowed = f" in {where}" if where else ""
    click.echo(f"{_spaced(whole)} messages, read only, nothing is sent")
    click.echo(f"{_spaced(len(different))}{share} would be decided differently{narrowed}")
    for change, count in counted(different):
        click.echo(
            f"   {change.field:<12} {_told(change):<36} {_spaced(count):>7}   {_blame(change)}"
        )
    into, out = summary.quarantined()
    unmatched = [
        rule.name for rule in configuration.rules.rules if rule.name not in summary.matched
    ]
    click.echo(f"{into} into quarantine · {out} out of it")
    if unmatched:
        click.echo(f"rules that matched nothing: {', '.join(unmatched)}")
    for fact, count in summary.untold.most_common():
        click.echo(f"not recorded with {_spaced(count)} of them, so no rule matches by it: {fact}")
    if different:
        click.echo(f"one by one: --show {different[0].name}   as data: --json")


def _told(change: "Change") -> str:
    return f"{change.was or '–'} → {change.now or '–'}"


def _blame(change: "Change") -> str:
    if not change.rule:
        return ""
    by = "by" if change.now else "no longer by"
    return f"{by} {change.rule}  ({change.place})"


def _print_one(different: "Sequence[Outcome]", name: str) -> None:
    if not different:
        click.echo(f"{name} would be decided as it was")
    for one in different:
        click.echo(f"{one.name}")
        for change in one.changes:
            click.echo(f"   {change.field:<12} {_told(change)}   {_blame(change)}")
        click.echo(f"   rules that would match: {', '.join(one.matched)}")


def _as_data(
    summary: "Summary", different: "Sequence[Outcome]", configuration: "Configuration"
) -> dict[str, Any]:
    from deskbridge.replay import counted

    into, out = summary.quarantined()
    return {
        "configuration": configuration.hash,
        "messages": summary.messages,
        "different": len(different),
        "changes": [
            {**_change_as_data(change), "place": change.place, "messages": count}
            for change, count in counted(different)
        ],
        "into_quarantine": into,
        "out_of_quarantine": out,
        "rules_that_matched_nothing": _unmatched(summary, configuration),
        "not_recorded": dict(summary.untold),
        "inquiries": [
            {
                "name": one.name,
                "changes": [
                    {"field": c.field, "was": c.was, "now": c.now, "rule": c.rule}
                    for c in one.changes
                ],
            }
            for one in different
        ],
    }


def _change_as_data(change: "Change") -> dict[str, Any]:
    return {"field": change.field, "was": change.was, "now": change.now, "rule": change.rule}


def _unmatched(summary: "Summary", configuration: "Configuration") -> list[str]:
    names = (rule.name for rule in configuration.rules.rules)
    return [name for name in names if name not in summary.matched]


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")
