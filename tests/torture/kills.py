"""``python -m tests.torture.kills``: kill the bridge at every failpoint, at any call or moment.

Messages pour in by SMTP, IMAP, the form, Telegram, Slack, the chat and a webhook all the while;
afterwards each one that was accepted has to be here exactly once. Prints what it has seen; exit 1
if a promise was broken.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from inquiry.failpoints import REGISTRY
from tests.harness.campaign import Blow, Report, blows
from tests.harness.scene import scene

ENOUGH = 2
"""Rounds for each failpoint; then each has to have killed."""

ELSEWHERE = frozenset({"commands.claimed", "commands.said"})
"""Nobody asks a bot for anything here: at these tests/journeys/test_telegram.py kills."""


def main() -> int:
    """Run the campaign that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="", help="names of failpoints, with commas")
    parser.add_argument("--check-every", type=int, default=10)
    options = parser.parse_args()
    databases = ["sqlite", "postgres"] if options.database == "both" else [options.database]
    return max(_on(database, options) for database in databases)


def _on(database: str, options: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="deskbridge-kills-"))
    print(f"{options.rounds} kills on {database}, seed {options.seed}, in {folder}")
    began = time.monotonic()
    report = asyncio.run(_campaign(database, options, folder))
    missed = _failpoints(options) - set(report.hits)
    _print(report, missed, time.monotonic() - began)
    if report.violations or (missed and options.rounds >= ENOUGH * len(_failpoints(options))):
        print(f"everything is kept in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


async def _campaign(database: str, options: argparse.Namespace, folder: Path) -> Report:
    names = _failpoints(options)
    async with scene(folder, database=database, durable=True) as campaign:
        traced = shutil.which("strace") is not None
        plan = blows(sorted(names), options.rounds, seed=options.seed, traced=traced)
        report = await campaign.run(plan, check_every=options.check_every)
        if not report.violations and options.rounds >= ENOUGH * len(names):
            missed = [Blow(name) for name in sorted(names - set(report.hits))]
            report = await campaign.run(missed, check_every=options.check_every)
        return report if report.violations else await campaign.settle()


def _failpoints(options: argparse.Namespace) -> set[str]:
    return set(filter(None, options.only.split(","))) or set(REGISTRY - ELSEWHERE)


def _print(report: Report, missed: set[str], seconds: float) -> None:
    print(f"{report.kills} kills in {seconds:.0f} s, {report.hits.total()} of them at these places")
    for name in sorted(report.hits):
        print(f"  {name:22} {report.hits[name]}")
    print(f"failpoints that never killed: {', '.join(sorted(missed)) or 'none'}")
    for channel, count in sorted(report.accepted.items()):
        print(f"  {channel:12} {count} messages seen accepted")
    print(f"here: {report.arrivals} arrivals, {report.quarantined.total()} of them in quarantine")
    for reason, count in report.quarantined.most_common(10):
        print(f"  {count:5} {reason}")
    states = ", ".join(f"{count} {state}" for state, count in report.dispatches.items())
    print(f"outbox: {states or 'empty'}; {report.deliveries} deliveries")
    print(f"violations: {len(report.violations)}")
    for violation in report.violations[:50]:
        print(f"  {violation.invariant}: {violation.what}")


if __name__ == "__main__":
    sys.exit(main())
