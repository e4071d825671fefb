"""How quickly messages that come over HTTP are accepted for good: Slack, Telegram, chat, webhook.

Beside it, in turns and under the same load, a bare aiohttp handler that reads and commits nothing.
Ours checks who calls, and answers after the commit, with fsync on a real disk.
"""

import asyncio
import hashlib
import hmac
import json
import os
import pickle
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import apsw
from aiohttp import ClientSession

from benchmarks.intake import DISK
from benchmarks.processes import cpu_seconds, free_ports
from tests.harness.bridge import Bridge
from tests.servers import other_system, telegram
from tests.servers.slack.names import ACME, BOT_TOKEN, KARI, OLA
from tests.servers.slack.names import SECRET as SLACK_SECRET
from tests.servers.slack.server import slack

ROUNDS = 3
LOADS = {1: 400, 16: 1600, 64: 3200}
"""Connections, and the requests of one round over all of them."""
PROCESSES = 2
"""That the load comes from, where there is more than one connection."""
VISITORS = 64
LISTENING = "chat + sockets"
"""The same, while each visitor has a socket open and is told over it of every new entry."""
ORIGIN = "https://shop.example"
YAML = """version: 1
desk:
  name: Bench
  url: https://bench.example
  data_dir: ${env:DATA_DIR}
  storage: ${env:STORAGE}
web: {listen: "127.0.0.1:${env:WEB_PORT}"}
channels:
  slack:
    {kind: slack, mode: http, bot_token: "${env:BOT_TOKEN}", signing_secret: "${env:SIGNING}",
     api: "${env:SLACK_API}"}
  telegram:
    {kind: telegram, mode: webhook, token: "${env:TELEGRAM_TOKEN}", secret: "${env:HOOK_SECRET}",
     api: "${env:TELEGRAM_API}"}
  chat:
    {kind: web-chat, allowed_origins: ["https://shop.example"],
     at_most: {messages: 1000, conversations: 100000}}
  sms: {kind: webhook, secret: "${env:SECRET}", answer_url: "http://127.0.0.1:9/"}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example}}
queues: {first-line: {line: 1, members: [ola]}}
rules: [{name: all, when: always, then: {queue: first-line, category: other}}]
"""
HOOK_SECRET = "nobodys-secret-of-the-benchmark"
_updates = count(1)
Make = Callable[[int], bytes]
"""A whole request, ready to be sent, of a number."""
Server = tuple[int, int]
"""Its port and its process."""
Visitor = tuple[str, str]
"""The address and the ticket of one who chats."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One round."""

    rate: float
    """Requests a second."""
    cpu: float
    """Milliseconds of CPU that the server took for each."""


@dataclass(slots=True)
class Compared:
    """The rounds of one way in under one load."""

    bare: list[Seen] = field(default_factory=list)
    ours: list[Seen] = field(default_factory=list)

    def line(self, name: str, connections: int) -> str:
        """Say how they compare."""
        rates = [one.rate for one in self.ours]
        ratio = statistics.median(
            ours.rate / bare.rate for ours, bare in zip(self.ours, self.bare, strict=True)
        )
        cpu, bare_cpu = (
            statistics.median(one.cpu for one in rounds) for rounds in (self.ours, self.bare)
        )
        bare = statistics.median(one.rate for one in self.bare)
        return (
            f"  {name:16} {connections:3} at once: {statistics.median(rates):5.0f} messages/s"
            f" ({min(rates):.0f} to {max(rates):.0f}), {cpu:.2f} ms CPU each;"
            f" bare {bare:5.0f}/s, {bare_cpu:.2f} ms: {ratio:.2f} x bare,"
            f" by CPU {bare_cpu / cpu:.2f} x"
        )


async def main(only: Sequence[str] = ()) -> None:
    """Measure all ways in, or those that are named."""
    with tempfile.TemporaryDirectory(dir=DISK, prefix="deskbridge-bench-") as name:
        folder = Path(name)
        async with _desk(folder) as bridge, _bare() as bare:
            assert bridge.process
            ours = (bridge.web_port, bridge.process.pid)
            visitors = await _visitors(bridge.url)
            ways: dict[str, Make] = {
                "slack http": _slack,
                "telegram webhook": _telegram,
                "webhook": _webhook,
                "chat": partial(_chat, visitors),
                LISTENING: partial(_chat, visitors),
            }
            ways = {way: make for way, make in ways.items() if not only or way in only}
            for way, make in ways.items():
                async with _listening(bridge.url, visitors if way == LISTENING else ()) as nudged:
                    for connections in LOADS:
                        compared = await _compared(folder, bare, ours, make, connections)
                        print(compared.line(way, connections), flush=True)
                if way == LISTENING:
                    print(f"  {sum(nudged):.0f} nudges came to {len(nudged)} open sockets")
            _count(bridge.data_dir / "deskbridge.db", len(ways))


async def _compared(
    folder: Path, bare: Server, ours: Server, make: Make, connections: int
) -> Compared:
    """Let both take turns."""
    compared, amount = Compared(), LOADS[connections]
    await _round(folder, *ours, make, max(LOADS), amount // 4)  # to warm up
    for _ in range(ROUNDS):
        compared.bare.append(await _round(folder, *bare, make, connections, amount))
        compared.ours.append(await _round(folder, *ours, make, connections, amount))
    return compared


@asynccontextmanager
async def _listening(url: str, visitors: Sequence[Visitor]) -> AsyncIterator[list[int]]:
    """Hold a socket of each visitor open; yields how often each was told of something new."""
    nudged, told = [0] * len(visitors), [asyncio.Event() for _ in visitors]

    async def hear(session: ClientSession, number: int) -> None:
        peer, ticket = visitors[number]
        headers = {"Origin": ORIGIN, "X-Forwarded-For": peer}
        async with session.ws_connect(f"{url}/chat/chat/socket", headers=headers) as socket:
            await socket.send_str(ticket)
            async for _ in socket:
                nudged[number] += 1
                told[number].set()

    async with ClientSession() as session:
        tasks = [asyncio.create_task(hear(session, number)) for number in range(len(visitors))]
        async with asyncio.timeout(30):
            await asyncio.gather(*(one.wait() for one in told))  # each is told something at once
        yield nudged
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _round(
    folder: Path, port: int, pid: int, make: Make, connections: int, amount: int
) -> Seen:
    """Send ``amount`` requests and see how a server does."""
    processes = 1 if connections == 1 else PROCESSES
    files = []
    for number in range(processes):
        file = folder / f"requests-{number}"
        file.write_bytes(pickle.dumps([make(n) for n in range(amount // processes)]))
        files.append(file)
    before = cpu_seconds(pid)
    sent = await asyncio.gather(*(_load(port, file, connections // processes) for file in files))
    took = max(end for _, end in sent) - min(begin for begin, _ in sent)
    done = processes * (amount // processes)
    return Seen(rate=done / took, cpu=(cpu_seconds(pid) - before) * 1000 / done)


async def _load(port: int, file: Path, connections: int) -> tuple[float, float]:
    command = (sys.executable, "-m", "benchmarks.http_load", str(port), str(file), str(connections))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await asyncio.wait_for(process.communicate(), 300)
    if process.returncode:
        raise SystemExit("a client was refused")
    began, ended = map(float, told.split())
    return began, ended


@asynccontextmanager
async def _bare() -> AsyncIterator[Server]:
    """Run the reference."""
    (port,) = free_ports(1)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.http_bare", str(port)
    )
    try:
        await _up(port)
        yield port, process.pid
    finally:
        process.kill()
        await process.wait()


async def _up(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise SystemExit("a server did not start")


@asynccontextmanager
async def _desk(folder: Path) -> AsyncIterator[Bridge]:
    """Run a desk that only takes in: what becomes of it later is measured elsewhere."""
    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(slack())
        bots = await stack.enter_async_context(telegram.telegram())
        desk = folder / "desk.yaml"
        desk.write_text(YAML)
        tokens = {
            "BOT_TOKEN": BOT_TOKEN,
            "SIGNING": SLACK_SECRET,
            "SLACK_API": workspace.api,
            "TELEGRAM_TOKEN": bots.token,
            "TELEGRAM_API": bots.api,
            "HOOK_SECRET": HOOK_SECRET,
            "SECRET": other_system.SECRET,
        }
        bridge = Bridge(folder=folder, desk=desk, storage="sqlite", environment=tokens)
        await bridge.start(more=("--only", "intake,web"))
        try:
            await bridge.ready()
            await asyncio.sleep(1)
            yield bridge
        finally:
            await bridge.stop()


async def _visitors(url: str) -> list[Visitor]:
    """Let visitors open the chat; return the address and the ticket of each."""
    found = []
    async with ClientSession() as session:
        for number in range(VISITORS):
            peer = f"198.51.100.{number + 1}"
            headers = {"Origin": ORIGIN, "X-Forwarded-For": peer}
            async with session.post(f"{url}/chat/chat/session", json={}, headers=headers) as told:
                found.append((peer, (await told.json())["ticket"]))
    return found


def _chat(visitors: Sequence[Visitor], number: int) -> bytes:
    peer, ticket = visitors[number % len(visitors)]
    said = {"id": uuid.uuid4().hex, "text": "Skriveren virker ikke", "language": "nb"}
    headers = {
        "Authorization": f"Bearer {ticket}",
        "Origin": ORIGIN,
        "X-Forwarded-For": peer,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return _post("/chat/chat/messages", headers, urlencode(said).encode())


def _slack(number: int) -> bytes:
    at, id_ = int(time.time()), uuid.uuid4().int
    event = {
        "type": "message",
        "channel": ACME,
        "user": OLA if number % 2 else KARI,
        "text": "Skriveren virker ikke",
        "ts": f"{at}.{id_ % 10**18:018}",
        "event_ts": f"{at}.{id_ % 10**18:018}",
        "channel_type": "channel",
    }
    body = json.dumps(
        {
            "type": "event_callback",
            "team_id": "T1",
            "api_app_id": "A1",
            "event": event,
            "event_id": f"Ev{id_:032x}",
            "event_time": at,
        }
    ).encode()
    mac = hmac.new(SLACK_SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": str(at),
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
    }
    return _post("/slack/events", headers, body)


def _telegram(number: int) -> bytes:
    who = 501 + number % VISITORS
    update = {
        "update_id": next(_updates),
        "message": {
            "message_id": number,
            "from": {"id": who, "is_bot": False, "first_name": "Kari", "language_code": "nb"},
            "chat": {"id": who, "type": "private", "first_name": "Kari"},
            "date": int(time.time()),
            "text": "Skriveren virker ikke",
        },
    }
    headers = {
        "Content-Type": "application/json",
        "X-Telegram-Bot-Api-Secret-Token": HOOK_SECRET,
    }
    return _post("/telegram/telegram", headers, json.dumps(update).encode())


def _webhook(number: int) -> bytes:
    at, key = int(time.time()), uuid.uuid4().hex
    said = {"id": key, "from": {"id": f"+47998877{number % 100:02}"}, "text": "Skriveren virker"}
    body = json.dumps({"type": "message.created", "data": said}).encode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": other_system.signed(other_system.SECRET, key, body, at),
    }
    return _post("/hooks/sms", headers, body)


def _post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: bench.example", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _count(database: Path, ways: int) -> None:
    """See whether all that was answered is there."""
    sent = ways * sum(amount // 4 + ROUNDS * amount for amount in LOADS.values())
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    ((kept,),) = connection.execute("SELECT count(*) FROM arrivals")
    connection.close()
    print(f"  {kept} of {sent} messages kept")
    if kept != sent:
        raise SystemExit("messages were lost")


if __name__ == "__main__":
    os.environ.pop("DESKBRIDGE_FAILPOINTS", None)
    asyncio.run(main(sys.argv[1:]))
