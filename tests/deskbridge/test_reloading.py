"""Does a running desk change to a new configuration as a whole, or not at all?"""

import asyncio
import io
import json
import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import aiosmtplib
import pytest
import trustme

from config.configuration import Configuration
from deskbridge import logs
from deskbridge.cli.configuration import load_file
from deskbridge.supervise import keep_stepping
from inquiry.journey import ChannelName
from storage import dispatches
from storage.database import Database, StorageUnavailable, Transaction
from tests.deskbridge.running_desk import RunningDesk, running_desk, until
from tests.rows import rows
from tests.servers.imap import FakeImap, fake_imap
from tests.servers.ports import free_port

LIST = "deskbridge outbox list"
MAIL = """\
From: Jan <jan{n}@kunde.example>
To: help@nordlys.example
Subject: Help {n}
Message-ID: <{n}@kunde.example>
Authentication-Results: mx.nordlys.example; dmarc=pass

The printer is broken.
"""


def imap_yaml(port: int, password: str = "a secret", name: str = "box") -> str:
    return (
        f"  {name}: {{kind: imap, host: 127.0.0.1, port: {port}, tls: none,"
        f" user: help, password: {password}}}\n"
    )


class Yaml:
    """Writes desks that differ in what a test is about."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.web, self.smtp = free_port(), free_port()

    def __call__(
        self,
        *,
        category: str = "other",
        channels: str = "",
        smtp: str = "",
        desk: str = "",
        send: bool = True,
        more: str = "",
    ) -> str:
        out = f"send: {{folder: {self.folder}/out, from: help@nordlys.example}}" if send else ""
        mail = (
            ""
            if smtp == "none"
            else f"""\
  mail:
    kind: smtp
    listen: 127.0.0.1:{self.smtp}
    addresses: [help@nordlys.example]
    trust_authentication_results: [mx.nordlys.example]
    {smtp}
    {out}
"""
        )
        return f"""\
version: 1
desk:
  name: Nordlys
  url: http://127.0.0.1:{self.web}
  data_dir: {self.folder}/data
  hold: {{mail: 0s, chat: 0s}}
  {desk}
web: {{listen: "127.0.0.1:{self.web}"}}
channels:
{mail}{channels}\
  form: {{kind: web-form, path: /new}}
specialists: {{ola: {{name: Ola Hansen, email: ola@nordlys.example}}}}
queues: {{first-line: {{members: [ola]}}}}
rules:
  - {{name: all, when: always, then: {{queue: first-line, category: {category}, reply: ack}}}}
{more}"""


@pytest.fixture
def yaml(tmp_path: Path) -> Yaml:
    return Yaml(tmp_path)


@asynccontextmanager
async def desk_of(yaml: Yaml, text: str, **more: Any) -> AsyncIterator[RunningDesk]:
    async with running_desk(yaml.folder / "desk.yaml", text, **more) as desk:
        yield desk


async def send(yaml: Yaml, number: int) -> None:
    await aiosmtplib.send(
        MAIL.format(n=number).encode(),
        sender=f"jan{number}@kunde.example",
        recipients=["help@nordlys.example"],
        hostname="127.0.0.1",
        port=yaml.smtp,
        start_tls=False,
    )


async def decided(desk: RunningDesk, count: int) -> list[tuple[str, str]]:
    """Wait for so many decisions; return the category and the hash of each, the oldest first."""
    sql = "SELECT decision, configuration FROM decisions ORDER BY arrival"
    async with asyncio.timeout(20):
        while len(found := await rows(desk.bridge.db, sql)) < count:
            await asyncio.sleep(0.02)
    return [(json.loads(row["decision"])["category"], row["configuration"]) for row in found]


async def test_each_message_is_decided_by_what_was_in_force(yaml: Yaml) -> None:
    async with desk_of(yaml, yaml()) as desk:
        await send(yaml, 1)
        await decided(desk, 1)
        told = await desk.reload(yaml(category="printer"))
        await send(yaml, 2)
        (first, old), (second, new) = await decided(desk, 2)
        texts = await rows(desk.bridge.db, "SELECT hash, text FROM configurations")
    assert (first, second) == ("other", "printer")
    assert told["configuration"] == new != old
    kept = {row["hash"]: row["text"] for row in texts}
    assert "category: other" in kept[old]
    assert "category: printer" in kept[new]


async def test_a_wrong_one_changes_nothing_at_all(yaml: Yaml) -> None:
    async with desk_of(yaml, yaml()) as desk:
        before = desk.bridge.in_force
        wrong = yaml(category="printer", channels=imap_yaml(1)).replace("[ola]", "[olla]")
        told = await desk.reload(wrong)
        assert {problem["code"] for problem in told["problems"]} == {"reference", "secret-in-file"}
        assert desk.bridge.in_force is before
        assert set(desk.bridge.channels) == {"mail", "form"}
        await send(yaml, 1)
        assert [category for category, _ in await decided(desk, 1)] == ["other"]


async def test_a_template_that_cannot_be_filled_in_is_refused(yaml: Yaml) -> None:
    templates = yaml.folder / "templates"
    templates.mkdir()
    (templates / "ack.en.md").write_text("Thanks. {{ subject | trim(1) }}")
    async with desk_of(yaml, yaml()) as desk:
        told = await desk.reload(yaml(more="templates: templates\n"))
    assert [problem["code"] for problem in told["problems"]] == ["template"]
    assert "it can't be filled in" in told["problems"][0]["text"]


async def test_a_changed_template_is_taken_though_no_yaml_has_changed(yaml: Yaml) -> None:
    templates = yaml.folder / "templates"
    templates.mkdir()
    (templates / "ack.en.md").write_text("The first words.")
    async with desk_of(yaml, yaml(more="templates: templates\n")) as desk:
        (templates / "ack.en.md").write_text("The second words.")
        assert (await desk.reload())["applied"]
        await send(yaml, 1)
        await until(lambda: any(yaml.folder.glob("out/*.eml")))
        (sent,) = yaml.folder.glob("out/*.eml")
    assert b"The second words." in sent.read_bytes()


async def test_a_connection_survives_what_does_not_concern_it(yaml: Yaml) -> None:
    box = FakeImap()
    async with fake_imap(box):

        def logins() -> int:
            return sum(command.startswith("LOGIN") for command in box.commands)

        first = yaml(channels=imap_yaml(box.port))
        async with desk_of(yaml, first) as desk:
            await until(lambda: "IDLE" in box.commands)
            told = await desk.reload(yaml(category="printer", channels=imap_yaml(box.port)))
            assert told["channels"] == {"opened": [], "changed": [], "closed": [], "failed": {}}
            told = await desk.reload(first + "# no more\n")
            assert told["applied"]
            assert logins() == 1
            told = await desk.reload(yaml(channels=imap_yaml(box.port, "another secret")))
            assert told["channels"]["changed"] == ["box"]
            await until(lambda: logins() == 2)
            told = await desk.reload(yaml())
            assert told["channels"]["closed"] == ["box"]
            told = await desk.reload(first)
            assert told["channels"]["opened"] == ["box"]
            await until(lambda: logins() == 3)


async def test_who_is_connected_by_smtp_notices_nothing(yaml: Yaml) -> None:
    async with (
        desk_of(yaml, yaml()) as desk,
        aiosmtplib.SMTP(hostname="127.0.0.1", port=yaml.smtp, start_tls=False) as server,
    ):
        assert (await desk.reload(yaml(category="printer")))["applied"]
        await server.sendmail("jan1@kunde.example", ["help@nordlys.example"], MAIL.format(n=1))
        assert [category for category, _ in await decided(desk, 1)] == ["printer"]


async def test_two_channels_can_exchange_their_ports(yaml: Yaml) -> None:
    other = free_port()
    second = (
        "  second: {{kind: smtp, listen: '127.0.0.1:{}', addresses: [second@nordlys.example]}}\n"
    )
    async with desk_of(yaml, yaml(channels=second.format(other))) as desk:
        text = yaml(channels=second.format(yaml.smtp)).replace(
            f"listen: 127.0.0.1:{yaml.smtp}\n", f"listen: 127.0.0.1:{other}\n"
        )
        told = await desk.reload(text)
        assert sorted(told["channels"]["changed"]) == ["mail", "second"]
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=yaml.smtp, start_tls=False) as smtp:
            await smtp.mail("jan@kunde.example")
            assert (await smtp.rcpt("second@nordlys.example")).code == 250
            with pytest.raises(aiosmtplib.SMTPRecipientRefused):
                await smtp.rcpt("help@nordlys.example")
        assert desk.bridge.pulse.trouble == {}


def certify(folder: Path) -> None:
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    for number, part in enumerate(certificate.cert_chain_pems):
        part.write_to_path(str(folder / "chain.pem"), append=number > 0)


async def test_a_channel_that_cannot_be_opened_is_told_and_tried_again(yaml: Yaml) -> None:
    tls = f"certificate: {yaml.folder}/chain.pem\n    key: {yaml.folder}/key.pem"
    async with desk_of(yaml, yaml()) as desk:
        told = await desk.reload(yaml(smtp=tls, category="printer"))
        assert told["applied"]  # the others go on by the new one
        assert "No such file" in told["channels"]["failed"]["mail"]
        assert "cannot be opened" in (await desk.status())["channels"]["mail"]["trouble"]
        certify(yaml.folder)
        await until(lambda: "mail" in desk.bridge.channels)
        assert desk.bridge.pulse.trouble == {}
        await send(yaml, 1)
        assert [category for category, _ in await decided(desk, 1)] == ["printer"]


async def test_a_renewed_certificate_is_another_content(yaml: Yaml) -> None:
    certify(yaml.folder)
    tls = f"certificate: {yaml.folder}/chain.pem\n    key: {yaml.folder}/key.pem"
    async with desk_of(yaml, yaml(smtp=tls)) as desk:
        assert (await desk.reload())["channels"]["changed"] == []
        certify(yaml.folder)
        assert (await desk.reload())["channels"]["changed"] == ["mail"]


async def test_what_waits_for_a_channel_that_is_gone_is_kept_and_told_of(yaml: Yaml) -> None:
    box = f"""\
  away:
    kind: smtp
    listen: 127.0.0.1:{free_port()}
    addresses: [away@nordlys.example]
    send: {{host: 127.0.0.1, port: {free_port()}, tls: none, from: away@nordlys.example}}
"""
    text = yaml(channels=box, send=False)
    async with desk_of(yaml, text) as desk:
        await send(yaml, 1)

        async def counts() -> dict[str, int]:
            found = await desk.bridge.db.read(dispatches.counts)
            return {f"{channel} {state}": number for (channel, state), number in found.items()}

        async with asyncio.timeout(20):
            while await counts() != {"away waiting": 1}:
                await asyncio.sleep(0.02)
        told = await desk.reload(yaml(send=True))
        sentence = (
            "1 dispatch waits for channel 'away', which can't send: see deskbridge outbox list"
        )
        assert told["warnings"] == [sentence]
        status = await desk.status()
        assert status["trouble"] == {"outbox of away": sentence}
        (row,) = await rows(desk.bridge.db, "SELECT state, last_error FROM outbox")
        assert row == {"state": "waiting", "last_error": "no channel 'away' that could send it"}

        back = box.replace("host: 127.0.0.1, port:", f"folder: {yaml.folder}/late, port:")
        told = await desk.reload(yaml(channels=back))
        assert (told["warnings"], told["channels"]["opened"]) == ([], ["away"])
        await desk.bridge.db.write(_due_now)
        desk.bridge.bells.outbox.ring()
        await until(lambda: any(yaml.folder.glob("late/*.eml")))


async def _due_now(tx: Transaction) -> None:
    (row,) = await tx.all("outbox.under_way", state="waiting", limit=1, before=2**62)
    await dispatches.act(tx, row["id"], dispatches.RETRY, by="operator", now=datetime.now(UTC))


async def test_what_a_removed_channel_brought_keeps_its_sort(yaml: Yaml) -> None:
    api = f"  chat: {{kind: telegram, token: '1:a-token', api: 'http://127.0.0.1:{free_port()}'}}\n"
    async with desk_of(yaml, yaml(channels=api)) as desk:
        await desk.reload(yaml())
        assert ChannelName("chat") not in desk.bridge.channels
        assert desk.bridge.in_force.routing.contacts[ChannelName("chat")] == "telegram"
        assert desk.bridge.in_force.knowledge.contacts[ChannelName("chat")] == "telegram"


async def test_forms_follow_at_once(yaml: Yaml) -> None:
    field = "fields: {product: {label: {en: Product}, options: [router, tv]}}"
    async with desk_of(yaml, yaml()) as desk, aiohttp.ClientSession() as session:

        async def page(path: str) -> tuple[int, str]:
            async with session.get(f"http://127.0.0.1:{yaml.web}{path}") as answer:
                return answer.status, await answer.text()

        assert "Product" not in (await page("/new"))[1]
        await desk.reload(yaml().replace("path: /new}", f"path: /new, {field}}}"))
        assert "Product" in (await page("/new"))[1]
        await desk.reload(yaml().replace("path: /new", "path: /help").replace("Nordlys", "Polaris"))
        assert ((await page("/new"))[0], (await page("/help"))[0]) == (404, 200)
        assert "Polaris" in (await page("/help"))[1]


class Slow:
    """Loads as usual, but not before it may; counts how many load at once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.may = threading.Event()
        self.loading = 0
        self.most = 0

    def __call__(self, *, run_tests: bool) -> Configuration:
        self.loading += 1
        self.most = max(self.most, self.loading)
        self.may.wait(20)
        time.sleep(0.05)
        found = load_file(self.file, run_tests=run_tests)
        self.loading -= 1
        return found


async def test_reloads_never_overlap(yaml: Yaml) -> None:
    slow = Slow(yaml.folder / "desk.yaml")
    slow.may.set()
    async with desk_of(yaml, yaml(), load=slow) as desk:
        told = await asyncio.gather(*(desk.reload() for _ in range(4)))
        desk.signalled.set()
        await until(lambda: not desk.signalled.is_set())
    assert [one["code"] for one in told] == [0] * 4
    assert slow.most == 1


async def test_a_desk_that_stops_waits_for_nobody_who_looks_now_and_then(
    yaml: Yaml, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keep_stepping.__kwdefaults__
    monkeypatch.setitem(keep_stepping.__kwdefaults__, "poll", timedelta(hours=1))
    async with desk_of(yaml, yaml()) as desk:
        await desk.status()
        began = time.monotonic()
    assert time.monotonic() - began < 10  # after 15 seconds who is late is cut off


async def test_a_desk_that_stops_reloads_no_more(yaml: Yaml) -> None:
    slow = Slow(yaml.folder / "desk.yaml")
    async with desk_of(yaml, yaml(), load=slow) as desk:
        before = desk.bridge.in_force
        asked = [asyncio.create_task(desk.reload(yaml(category="printer"))) for _ in range(2)]
        await until(lambda: slow.loading == 1)
        desk.stop.set()
        await asyncio.sleep(1.2)  # it looks each second whether to stop
        slow.may.set()
        told = [await one for one in asked]
        assert desk.bridge.in_force is before
    assert {(one["code"], one["said"].partition(";")[0]) for one in told} == {
        (5, "not reloaded: the desk is stopping")
    }


async def test_a_fault_of_ours_leaves_the_desk_running(yaml: Yaml) -> None:
    def fails(*, run_tests: bool) -> Configuration:
        raise ZeroDivisionError(run_tests)

    async with desk_of(yaml, yaml(), load=fails) as desk:
        told = await desk.reload()
        assert (told["code"], told["applied"]) == (1, False)
        assert "a fault of deskbridge: ZeroDivisionError; see the log" in told["said"]
        await send(yaml, 1)
        await decided(desk, 1)


async def test_what_cannot_be_remembered_is_not_put_in_force(yaml: Yaml) -> None:
    async with desk_of(yaml, yaml()) as desk:
        before = desk.bridge.in_force
        away = Away(desk.bridge.db)
        desk.bridge.db = away  # type: ignore[assignment]  # as much of one as is asked
        told = await desk.reload(yaml(category="printer"))
        desk.bridge.db = away.real
        assert (told["code"], desk.bridge.in_force is before) == (5, True)
        assert "the disk is full" in told["said"]
        assert (await desk.reload())["code"] == 0


class Away:
    """A database that takes nothing now."""

    def __init__(self, real: Database) -> None:
        self.real = real
        self.broken = ""

    async def write(self, _work: object) -> None:
        raise StorageUnavailable("the disk is full")

    async def read(self, work: Any) -> Any:
        return await self.real.read(work)


async def test_a_thousand_rules_do_not_hold_the_loop(yaml: Yaml) -> None:
    rules = "".join(
        f"  - {{name: r{n}, when: {{subject: word{n}}}, then: {{category: c{n}}}}}\n"
        for n in range(1000)
    )
    text = yaml().replace("rules:\n", f"rules:\n{rules}")
    async with desk_of(yaml, yaml()) as desk:
        gaps = [0.0]
        watching = asyncio.create_task(_gaps(gaps))
        began = time.monotonic()
        told = await desk.reload(text)
        took = time.monotonic() - began
        watching.cancel()
    assert told["applied"]
    assert sum(gaps) > took / 2  # the loop was awake while it was read,
    assert len(gaps) > 20  # and had its turn again and again, however busy the machine is


async def _gaps(gaps: list[float]) -> None:
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.001)
        gaps.append(time.monotonic() - before)


async def test_a_new_secret_stands_in_no_line_of_the_log(yaml: Yaml) -> None:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logs.Redacted(logging.Formatter(), {"the-old-password"}))
    root = logging.getLogger()
    async with desk_of(yaml, yaml()) as desk:
        root.addHandler(handler)
        await desk.reload(yaml(channels=imap_yaml(1, "the-new-password")))
        root.warning("the-old-password the-new-password")
        root.removeHandler(handler)
    assert "••• •••" in lines.getvalue()
