"""How quickly answers leave for good, and how soon a chat is answered beside a backlog of mail.

The reference is a bare loop that hands the same messages to the same adapters, as many at once, and
keeps nothing. Ours leases each on disk before it leaves and writes its receipt down. Afterwards
2 000 mails come in at once, and specialists answer chats while those are understood and routed.
SQLite with fsync, unless an argument names a ``postgresql://`` database, which is left full.
"""

import asyncio
import base64
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.intake import DISK, running
from benchmarks.mail_load import RECIPIENT, mails
from benchmarks.processes import free_ports
from channels.contract import Premises, Sender
from channels.mail.sending import sender_for
from channels.mail.settings import Send, Tls
from channels.webhook.channel import Settings, open_channel
from deskbridge.app import run
from deskbridge.bridge import Bridge
from deskbridge.cli.configuration import load_file
from inquiry.journey import (
    MAIL,
    WEBHOOK,
    Arrival,
    ChannelName,
    Dispatch,
    DispatchId,
    Envelope,
    InquiryId,
    Reference,
    SpecialistName,
)
from specialists.acts import answering
from storage.database import Row, Transaction
from storage.inquiries.query import Query
from storage.inquiries.reading import listed

ROUNDS = 3
ANSWERS = 600
BACKLOG = 2000
CHATS = 40
PAUSE = 0.2
"""Seconds between two answers to chats."""
AT_ONCE = {"mail": 3, "chat": 8}
"""Sends side by side of the bare loop: as many as the product allows these kinds."""
PATIENCE = 300.0
MAIL_CHANNEL, CHAT_CHANNEL = ChannelName("mail"), ChannelName("chat")
OLA = SpecialistName("ola")
SECRET = "whsec_" + base64.b64encode(b"a secret of the benchmark").decode()
DESK = """version: 1
desk:
  name: Bench
  url: http://127.0.0.1:{web}
  languages: [en]
  storage: {storage}
  data_dir: {folder}
  hold: {{mail: 0s, chat: 0s}}
web: {{listen: "127.0.0.1:{web}"}}
channels:
  mail:
    kind: smtp
    listen: 127.0.0.1:{smtp}
    addresses: [{address}]
    send: {{host: 127.0.0.1, port: {smtp_sink}, tls: none, from: Bench <{address}>}}
  chat:
    kind: webhook
    secret: {secret}
    answer_url: http://127.0.0.1:{http_sink}/send
specialists:
  ola: {{name: Ola Hansen, email: ola@nordlys.example, languages: [en]}}
queues:
  first-line: {{line: 1, members: [ola], assign: {{by: pull}}}}
rules:
"""
RULES = "".join(
    f"  - {{name: rule-{n}, when: {{body: 'never said {n}'}}, then: {{category: c{n}}}}}\n"
    for n in range(50)
)
ANSWERED = "  - {name: rest, when: always, then: {queue: first-line, reply: ack}}\n"
SILENT = "  - {name: rest, when: always, then: {queue: first-line}}\n"


def main() -> None:
    """Measure, and print the ratios and the times."""
    storage = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with tempfile.TemporaryDirectory(dir=DISK, prefix="deskbridge-bench-") as name:
        folder = Path(name)
        (http,) = free_ports(1)
        with running("stock") as stock, _http_sink(http, folder / "heard"):
            desk = _Desk(folder, storage, stock.port, http)
            for kind, coming in (("mail", _mail_arrivals), ("chat", _chat_arrivals)):
                bare, ours = list[float](), list[float]()
                for _ in range(ROUNDS):
                    bare.append(asyncio.run(_bare(kind, stock.port, http)))
                    ours.append(asyncio.run(desk.throughput(coming(ANSWERS))))
                ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
                print(
                    f"sending {kind}: {statistics.median(ours):.0f}/s, each leased and its receipt"
                    f" kept: {ratio:.2f} x a bare loop ({statistics.median(bare):.0f}/s)"
                )
            waits, took = asyncio.run(desk.beside_a_backlog(folder / "heard"))
    print(
        f"a chat answered beside {BACKLOG} mails: {statistics.median(waits) * 1000:.0f} ms"
        f" (median of {len(waits)}), {sorted(waits)[int(len(waits) * 0.95)] * 1000:.0f} ms (95 %),"
        f" {max(waits) * 1000:.0f} ms (longest); the backlog took {took:.1f} s"
    )


class _Desk:
    """One desk, run again and again with different parts."""

    def __init__(self, folder: Path, storage: str, smtp_sink: int, http_sink: int) -> None:
        self._file = folder / "desk.yaml"
        smtp, web = free_ports()
        self._head = DESK.format(
            folder=folder / "data",
            storage=storage,
            smtp=smtp,
            web=web,
            address=RECIPIENT,
            smtp_sink=smtp_sink,
            http_sink=http_sink,
            secret=SECRET,
        )

    async def throughput(self, coming: Sequence[Arrival]) -> float:
        """Let an acknowledgement wait for each; return how many leave in a second."""
        before = await self._until_composed(coming)
        began = time.perf_counter()
        async with self._running(ANSWERED, {"outbox"}) as bridge:
            began = time.perf_counter()
            while await _count(bridge, "sent") < before + len(coming):
                _in_time(began)
                await asyncio.sleep(0.02)
            return len(coming) / (time.perf_counter() - began)

    async def beside_a_backlog(self, heard: Path) -> tuple[list[float], float]:
        """Return how long the answers to chats took, and the backlog of mails."""
        async with self._running(SILENT, {"intake", "stages", "outbox"}) as bridge:
            await _accept(bridge, _chat_arrivals(CHATS))
            inquiries = await _opened(bridge, CHATS)
            began = time.perf_counter()
            await _accept(bridge, _mail_arrivals(BACKLOG))
            written: dict[str, float] = {}
            for inquiry in itertools.cycle(inquiries):
                text = f"answer-{uuid.uuid4().hex}"
                written[text] = time.monotonic()
                await answering.answer(
                    bridge.db, inquiry=inquiry, specialist=OLA, text=text, now=datetime.now(UTC)
                )
                bridge.bells.answers.ring()
                await asyncio.sleep(PAUSE)
                if not await _at_work(bridge):
                    break
                _in_time(began)
            took = time.perf_counter() - began
            while len(arrived := _times(heard, written)) < len(written):
                _in_time(began)
                await asyncio.sleep(0.1)
        return [arrived[text] - at for text, at in written.items()], took

    async def _until_composed(self, coming: Sequence[Arrival]) -> int:
        async with self._running(ANSWERED, {"stages"}) as bridge:
            before = await _count(bridge, "sent")
            began = time.perf_counter()
            await _accept(bridge, coming)
            while await _count(bridge, "waiting") < len(coming):
                _in_time(began)
                await asyncio.sleep(0.05)
            return before

    @asynccontextmanager
    async def _running(self, last_rule: str, parts: set[str]) -> AsyncIterator[Bridge]:
        self._file.write_text(self._head + RULES + last_rule)
        configuration = await asyncio.to_thread(load_file, self._file)
        ready: asyncio.Future[Bridge] = asyncio.get_running_loop().create_future()
        stop = asyncio.Event()
        running = asyncio.ensure_future(
            run(configuration, stop=stop, parts=parts, on_ready=ready.set_result)
        )
        either: list[asyncio.Future[Any]] = [running, ready]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        try:
            yield ready.result()
        finally:
            stop.set()
            await running


async def _accept(bridge: Bridge, coming: Sequence[Arrival]) -> None:
    for start in range(0, len(coming), 200):
        await bridge.intake.accept_all(coming[start : start + 200])


async def _count(bridge: Bridge, state: str) -> int:
    async def look(tx: Transaction) -> list[Row]:
        return await tx.all("outbox.in_state", state=state, limit=2**31, before=2**62)

    return len(await bridge.db.read(look))


async def _opened(bridge: Bridge, count: int) -> list[InquiryId]:
    """Return the inquiries that chats have opened just now, once all are here."""
    began = time.perf_counter()
    while await _at_work(bridge):
        _in_time(began)
        await asyncio.sleep(0.05)
    found = await bridge.db.read(lambda tx: listed(tx, Query(), None, limit=count))
    return [one.id for one in found]


async def _at_work(bridge: Bridge) -> bool:
    rows = await bridge.db.read(lambda tx: tx.all("arrivals.counts"))
    return any(row["state"] != "quarantined" for row in rows)


def _times(heard: Path, wanted: dict[str, float]) -> dict[str, float]:
    lines = (line.split() for line in heard.read_text().splitlines())
    return {text: float(at) for at, text in lines if text in wanted}


def _in_time(began: float) -> None:
    if time.perf_counter() - began > PATIENCE:
        raise SystemExit("not everything was sent in time")


async def _bare(kind: str, smtp: int, http: int) -> float:
    """Send without keeping anything; return how many in a second."""
    if kind == "mail":
        send = Send(host="127.0.0.1", port=smtp, tls=Tls.NONE, from_=f"Bench <{RECIPIENT}>")
        return await _bare_loop(sender_for(MAIL_CHANNEL, send), AT_ONCE[kind])
    settings = Settings(secret=(SECRET,), answer_url=f"http://127.0.0.1:{http}/send")
    async with open_channel(CHAT_CHANNEL, settings, Premises(spool=DISK)) as channel:
        return await _bare_loop(channel, AT_ONCE[kind])


async def _bare_loop(sender: Sender, at_once: int) -> float:
    left = [_dispatch(n, sender.name) for n in range(ANSWERS)]

    async def work() -> None:
        while left:
            await sender.send(left.pop())

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return ANSWERS / (time.perf_counter() - began)


def _dispatch(number: int, channel: ChannelName) -> Dispatch:
    return Dispatch(
        id=DispatchId(number + 1),
        channel=channel,
        recipient=f"kari{number}@fjell.example",
        reference=Reference(f"NL-2026-{number:05}"),
        subject="Re: Printer",
        text="We have your message and come back to you within the day.\n" * 4,
        language="en",
        message_id=f"<{uuid.uuid4().hex}@desk.nordlys.example>",
    )


def _mail_arrivals(count: int) -> list[Arrival]:
    now = datetime.now(UTC)
    return [
        Arrival(
            channel=MAIL_CHANNEL,
            remote_id=uuid.uuid4().hex,
            media_type=MAIL,
            raw=raw.removesuffix(b".\r\n"),
            envelope=Envelope(mail_from="kari@fjell.example", rcpt_to=(RECIPIENT,)),
            received_at=now,
        )
        for raw in mails(count, 4096)
    ]


def _chat_arrivals(count: int) -> list[Arrival]:
    now, run_ = datetime.now(UTC), uuid.uuid4().hex[:8]
    return [
        Arrival(
            channel=CHAT_CHANNEL,
            remote_id=uuid.uuid4().hex,
            media_type=WEBHOOK,
            raw=json.dumps(
                {
                    "type": "message.created",
                    "timestamp": now.isoformat(),
                    "data": {
                        "id": f"{run_}-{n}",
                        "from": {"id": f"{run_}-{n}", "name": "Kari"},
                        "text": "The printer prints everything twice.",
                    },
                }
            ).encode(),
            envelope=Envelope(authenticated_as=CHAT_CHANNEL),
            received_at=now,
        )
        for n in range(count)
    ]


@contextmanager
def _http_sink(port: int, heard: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.http_sink", str(port), str(heard)]
    with subprocess.Popen(command) as process:
        try:
            deadline = time.monotonic() + 30
            while not heard.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.5)
            yield
        finally:
            process.kill()


if __name__ == "__main__":
    main()
