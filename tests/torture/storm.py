"""``python -m tests.torture.storm``: the same stories by every channel at once, and kills.

Customers ask, write on, change what they said, send files, are answered twice and say thanks: by
mail, form, Telegram, Slack both ways, the chat and a webhook. The bridge is killed every few
seconds, every channel misbehaves by chance. Afterwards each message has to be once in the right
inquiry, each answer with its customer, in order, once unless marked. Exit 1 if anything is not so.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.storm.run import Plan, Report, Storm
from tests.storm.world import world


def main() -> int:
    """Let it blow as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--seconds", type=float, default=60, help="longer where it is slow to start again"
    )
    parser.add_argument("--customers", type=int, default=20)
    parser.add_argument("--kill-every", type=float, default=5)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    options = parser.parse_args()
    plan = Plan(
        customers=options.customers,
        seconds=options.seconds,
        kill_every=options.kill_every,
        seed=options.seed,
    )
    databases = ["sqlite", "postgres"] if options.database == "both" else [options.database]
    return max(_on(database, plan) for database in databases)


def _on(database: str, plan: Plan) -> int:
    folder = Path(tempfile.mkdtemp(prefix="deskbridge-storm-"))
    print(f"{plan.customers} customers on {database}, seed {plan.seed}, in {folder}", flush=True)
    began = time.monotonic()
    report = asyncio.run(_storm(database, plan, folder))
    _print(report, time.monotonic() - began)
    if report.violations:
        print(f"everything is kept in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


async def _storm(database: str, plan: Plan, folder: Path) -> Report:
    async with world(folder, database=database) as everything:
        return await Storm(everything, plan).run()


def _print(report: Report, seconds: float) -> None:
    print(f"{report.kills} kills, {report.at_failpoints} of them at failpoints, in {seconds:.0f} s")
    for channel, count in sorted(report.said.items()):
        print(f"  {channel:12} {count} messages seen accepted")
    print(f"{report.rounds} stories in {report.topics} inquiries, {report.answers} answers given")
    print(
        f"{report.delivered} deliveries; {report.repeated} answers came twice and are marked, "
        f"{report.sent_again} in doubt were sent again by a specialist"
    )
    print(f"{report.suspects.total()} messages were in quarantine and were tried again")
    for reason, count in report.suspects.items():
        print(f"  {count:5} {reason}")
    print(f"violations: {len(report.violations)}")
    for violation in report.violations[:50]:
        print(f"  {violation.invariant}: {violation.what}")


if __name__ == "__main__":
    sys.exit(main())
