"""The two mail servers that the intake benchmark compares, each a process of its own."""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.mail_load import RECIPIENT
from channels.contract import Premises
from channels.smtp.channel import Settings, open_channel
from inquiry.journey import ChannelName
from storage.intake import Intake
from storage.migrate import migrate
from storage.opening import open_database


class ThrowsAway:
    """The handler of the reference: says yes and forgets."""

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return "250 OK"


async def stock(port: int) -> None:
    """Run aiosmtpd as it is."""
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: SMTP(ThrowsAway()), "127.0.0.1", port, backlog=1024)
    await asyncio.Event().wait()


async def durable(port: int, database: str, folder: Path) -> None:
    """Run our channel with the real intake; at the end say how many mails and commits it were."""
    commits = 0

    def count() -> None:
        nonlocal commits
        commits += 1

    name = ChannelName("bench")
    async with open_database(database, folder) as db:
        await migrate(db, datetime.now(UTC))
        intake = Intake(db, count)
        settings = Settings(listen=f"127.0.0.1:{port}", addresses=(RECIPIENT,))
        async with open_channel(name, settings, Premises(spool=folder / "spool")) as channel:
            receiving = asyncio.ensure_future(channel.receive(intake.inlet(name)))
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, receiving.cancel)
            await asyncio.wait([receiving])
        await intake.close()
        rows = await db.read(lambda tx: tx.all("arrivals.counts"))
    sys.stdout.write(f"{sum(row['count'] for row in rows)} {commits}\n")


def main() -> None:
    """``stock PORT`` or ``durable PORT DATABASE FOLDER``."""
    kind, port, *rest = sys.argv[1:]
    if kind == "stock":
        asyncio.run(stock(int(port)))
    else:
        asyncio.run(durable(int(port), rest[0], Path(rest[1])))


if __name__ == "__main__":
    main()
