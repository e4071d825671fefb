"""Does each confirmation leave the process after the sync that made its message durable?

Seen by strace, from outside: of what the kernel was asked to do, and in which order.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import aiohttp
import aiosmtplib
import pytest

from tests.channels.suite import eventually
from tests.harness.campaign import Campaign
from tests.harness.chats import SHOP, an_identity
from tests.harness.load import SUPPORT, a_mail
from tests.harness.scene import scene
from tests.harness.widget import Widget
from tests.servers.programs import needed
from tests.servers.slack.events import signed

pytestmark = pytest.mark.server
MESSAGES = 12
CALLS = "trace=fdatasync,fsync,sendto,sendmsg,write,writev,recvfrom,recvmsg,read"
WAL = re.compile(r"\b(?:fdatasync|fsync)\(\d+<[^>]*deskbridge\.db-wal>")
READ = re.compile(r"<\.\.\. (recv\w+|read\w*) resumed>")
RESUMED = re.compile(r"<\.\.\. (?:fdatasync|fsync) resumed>.*= 0$")


@pytest.mark.parametrize(
    ("begins", "confirms"),
    [
        pytest.param(r'send\w+\(.*"354 ', r'send\w+\(.*"250 2\.6\.0 Accepted', id="smtp"),
        pytest.param(
            r'recv\w+\(.*\\"update_id\\":\d+', r"send\w+\(.*getUpdates.*offset=\d+", id="telegram"
        ),
        pytest.param(
            r'recv\w+\(.*"POST /new', r'(?:send\w+|write\w*)\(.*"HTTP/1\.1 200', id="form"
        ),
        pytest.param(
            r'recv\w+\(.*"POST /chat/shop-chat/messages',
            r'(?:send\w+|write\w*)\(.*"HTTP/1\.1 200',
            id="chat",
        ),
        pytest.param(
            r'recv\w+\(.*"POST /slack/events',
            r'(?:send\w+|write\w*)\(.*"HTTP/1\.1 200',
            id="slack",
        ),
        pytest.param(
            r'recv\w+\(.*"POST /hooks/', r'(?:send\w+|write\w*)\(.*"HTTP/1\.1 202', id="webhook"
        ),
    ],
)
def test_a_confirmation_follows_its_sync(begins: str, confirms: str, trace: Sequence[str]) -> None:
    confirmed, began, synced = 0, False, 0
    for line in _in_order(trace):
        if line == "synced":
            synced += 1
        elif re.search(begins, line):
            began, synced = True, 0
        elif began and re.search(confirms, line):
            assert synced > 0, f"confirmed before it was on disk: {line}"
            confirmed, began = confirmed + 1, False
    assert confirmed == MESSAGES


def test_without_a_sync_a_confirmation_would_be_noticed(trace: Sequence[str]) -> None:
    unsynced = [line for line in trace if "sync" not in line]
    with pytest.raises(AssertionError, match="confirmed before it was on disk"):
        test_a_confirmation_follows_its_sync(r'"354 ', r'"250 2\.6\.0 Accepted', unsynced)


def _in_order(trace: Sequence[str]) -> Iterator[str]:
    """Give the calls as they began; a sync only when it has come back with success."""
    under_way: set[str] = set()
    for line in trace:
        thread = line.partition(" ")[0]
        if WAL.search(line):
            if line.endswith("= 0"):
                yield "synced"
            elif "unfinished" in line:
                under_way.add(thread)
        elif RESUMED.search(line) and thread in under_way:
            under_way.discard(thread)
            yield "synced"
        else:
            yield READ.sub(r"\1(", line)  # what was read stands where the call has come back


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    needed("strace")
    folder = tmp_path_factory.mktemp("order")
    asyncio.run(_traced(folder))
    return (folder / "trace").read_text(errors="replace").splitlines()


async def _traced(folder: Path) -> None:
    async with scene(folder, database="sqlite", durable=True) as campaign:
        options = ("-y", "-s", "2000", "-e", CALLS, "-o", str(folder / "trace"))
        # The stages rest: a sync of theirs could be taken for that of an arrival.
        await campaign.bridge.start(strace=options, more=("--only", "intake,web"))
        await campaign.bridge.ready()
        for number in range(1, MESSAGES + 1):
            await _one_by_each_channel(campaign, number)
        await campaign.bridge.kill()


async def _one_by_each_channel(campaign: Campaign, number: int) -> None:
    """One after the other, so that a sync can't be another message's."""
    bridge, sender = campaign.bridge, f"jan{number}@kunde.example"
    mail = a_mail(f"order{number}", sender, number)
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=bridge.smtp_port, start_tls=False
    ) as client:
        await client.sendmail(sender, [SUPPORT], mail)
    update = campaign.peers.telegram.say("hei", chat=100 + number)

    async def confirmed() -> bool:
        return any(found == update for found, _ in campaign.peers.telegram.confirmed)

    await eventually(confirmed, f"update {update} is confirmed")
    filled = {"submission": str(number), "email": sender, "text": "hei"}
    timeout = aiohttp.ClientTimeout(total=timedelta(seconds=20).total_seconds())
    async with (
        aiohttp.ClientSession(headers={"Origin": bridge.url}, timeout=timeout) as session,
        session.post(f"{bridge.url}/new?lang=nb", data=filled) as response,
    ):
        assert response.status == 200
    await _one_by_each_chat(campaign, number)


async def _one_by_each_chat(campaign: Campaign, number: int) -> None:
    bridge, peers = campaign.bridge, campaign.peers
    identity = an_identity(f"user-{number}")
    window = Widget(f"{bridge.url}/chat/shop-chat", SHOP, identity=identity)
    await window.say(f"hei {number}")
    await window.close()
    async with aiohttp.ClientSession() as session:
        fake = peers.slacks["slack-http"]
        fake.pushing = False  # under strace it would lose patience and push again
        fake.say("hei", user=f"U0K{number}")
        raw, stamp = fake.events[-1].raw, str(int(time.time()))
        headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": stamp}
        headers["X-Slack-Signature"] = signed(raw, stamp)
        async with session.post(fake.push_to, data=raw, headers=headers) as response:
            assert response.status == 200
        said = {"id": str(number), "from": {"id": "+4799887766"}, "text": "hei"}
        peers.other.offer(f"key-{number}", "message.created", **said)
        assert await peers.other.post(session, *peers.other.offered[-1]) == 202
