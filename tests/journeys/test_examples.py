"""Is each example a desk that runs: does mail come to the queue it says, and the answer out?"""

import asyncio
import email
import email.policy
import json
import shutil
import smtplib
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from tests.harness.bridge import PROGRAM, Bridge
from tests.layout.tree import ROOT
from tests.servers.ports import free_port
from tests.servers.telegram import FakeTelegram, telegram

PATIENCE = 60.0
Found = TypeVar("Found")
LMTP = "lmtp"


@dataclass(frozen=True, slots=True)
class Written:
    """A mail of a customer, what becomes of it, and the same for an answer to our first words."""

    to: str
    sender: str
    subject: str
    text: str
    becomes: Mapping[str, Any]
    """What the list of inquiries says of it then."""
    told: str = ""
    """Words of the automatic answer."""
    then: str = ""
    """What the customer answers to that."""
    then_becomes: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = field(default=())
    """Attached to the customer's answer."""


JOURNEYS = [
    pytest.param(
        "small-office",
        Written(
            to="office@nordlys.example",
            sender="kari@kunde.example",
            subject="Skriveren virker ikke",
            text="Hei, skriveren i andre etasje virker ikke.",
            becomes={"queue": "office", "assignee": "kasia", "tags": ["printer"]},
            told="NO-",
            then="Den virker ikke igjen.",
            then_becomes={"queue": "office", "tags": ["printer", "still-broken"]},
        ),
        id="small-office",
    ),
    pytest.param(
        "public-office",
        Written(
            to="urzad@lipowo.example",
            sender="ewa@klientka.example",
            subject="Pękła rura",
            text="Dzień dobry, na naszej ulicy pękła rura i woda zalewa piwnice.",
            becomes={"queue": "lipowo", "priority": "urgent", "tags": ["lipowo"]},
            told="112",
            then="Składam odwołanie od decyzji.",
            then_becomes={"queue": "records", "tags": ["appeal", "lipowo"]},
        ),
        id="public-office",
    ),
    pytest.param(
        "software-company",
        Written(
            to="support@fjell.example",
            sender="ewa@acme-pl.example",
            subject="Nie możemy się zalogować",
            text="Dzień dobry, od rana nie możemy się zalogować. Wszyscy czekają.",
            becomes={"queue": "second-line", "priority": "urgent", "tags": ["gold", "vip"]},
            told="FS-",
            then="Już działa, dziękujemy!",
            then_becomes={"queue": "second-line", "tags": ["gold", "says-it-works", "vip"]},
        ),
        id="software-company",
    ),
    pytest.param(
        "web-shop",
        Written(
            to="returns@fjordgarn.example",
            sender="oleg@client.example",
            subject="Не тот цвет",
            text="Здравствуйте, в заказе W-20260421 не тот цвет пряжи.",
            becomes={"queue": "returns", "tags": ["has-order"]},
            told="фотографию",
            then="Вот фотография.",
            then_becomes={"queue": "returns", "tags": ["has-order", "has-picture"]},
            files=("foto.jpg",),
        ),
        id="web-shop",
    ),
]


@dataclass(frozen=True, slots=True)
class Running:
    """An example that runs on this machine."""

    bridge: Bridge
    lmtp: bool

    @property
    def mailbox(self) -> Path:
        return self.bridge.folder / "mailbox"

    async def write(self, mail: EmailMessage) -> None:
        """Hand over a mail, as the firm's mail server would."""

        def hand_over() -> None:
            speaks = smtplib.LMTP if self.lmtp else smtplib.SMTP
            with speaks("127.0.0.1", self.bridge.smtp_port) as server:
                server.send_message(mail)

        await asyncio.to_thread(hand_over)

    async def automatic_answer(self, to: str, words: str) -> EmailMessage:
        """Wait for an automatic mail with these words."""

        def look() -> EmailMessage | None:
            mails = (_read(path) for path in self.mailbox.glob("*.eml"))
            return next(
                (
                    mail
                    for mail in mails
                    if to in str(mail["To"])
                    and mail.get("Auto-Submitted", "no") != "no"
                    and words in mail.get_content()
                ),
                None,
            )

        return await _until(look, f"an automatic mail to {to} with {words!r}")

    async def inquiry(self, subject: str, becomes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Wait until an inquiry is as it should be."""
        last: list[Any] = []

        def look() -> Mapping[str, Any] | None:
            last[:] = self._command("inquiry", "list", "--json")
            alike = (each for each in last if each["subject"] == subject)
            return next((one for one in alike if _as_wished(one, becomes)), None)

        return await _until(look, lambda: f"{subject!r} with {becomes}, among {last}")

    def _command(self, *words: str) -> Any:
        done = subprocess.run(
            [PROGRAM, *words, "-c", self.bridge.desk], capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)


def _as_wished(one: Mapping[str, Any], wished: Mapping[str, Any]) -> bool:
    return all(
        sorted(one[name]) == value if isinstance(value, list) else one[name] == value
        for name, value in wished.items()
    )


async def _until(look: Callable[[], Found | None], what: str | Callable[[], str]) -> Found:
    deadline = time.monotonic() + PATIENCE
    while (found := await asyncio.to_thread(look)) is None:
        told = what if isinstance(what, str) else what()
        assert time.monotonic() < deadline, f"never came: {told}"
        await asyncio.sleep(0.1)
    return found


def _read(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def on_this_machine(file: Path, bridge: Bridge, api: str) -> set[str]:
    """Give a desk's file ports, a folder and neighbours of this machine; return its kinds.

    All else stays as it was delivered: every value is kept as the text that it is.
    """
    desk = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)
    desk["desk"] |= {
        "url": bridge.url,
        "data_dir": str(bridge.data_dir),
        "hold": {"mail": "0s", "chat": "0s"},
    }
    desk["web"]["listen"] = f"127.0.0.1:{bridge.web_port}"
    for channel in desk["channels"].values():
        if "listen" in channel:
            channel["listen"] = f"127.0.0.1:{bridge.smtp_port}"
        if "send" in channel:
            folder = str(bridge.folder / "mailbox")
            channel["send"] = {"folder": folder, "from": channel["send"]["from"]}
        if channel.get("kind") == "imap":
            channel |= {"host": "127.0.0.1", "port": str(free_port())}  # nobody is there
        if channel.get("kind") == "telegram":
            channel["api"] = api
    file.write_text(yaml.safe_dump(desk, allow_unicode=True, sort_keys=False), "utf-8")
    return {channel.get("kind", "") for channel in desk["channels"].values()}


@asynccontextmanager
async def running(example: str, folder: Path, bot: FakeTelegram) -> AsyncIterator[Running]:
    """Run a copy of an example until the block ends."""
    copy = folder / "desk"
    shutil.copytree(ROOT / "examples" / example, copy)
    bridge = Bridge(
        folder=folder,
        desk=copy / "deskbridge.yaml",
        storage="sqlite",
        environment={"TELEGRAM_TOKEN": bot.token},
    )
    kinds = on_this_machine(bridge.desk, bridge, bot.api)
    await bridge.start()
    try:
        await bridge.ready()
        yield Running(bridge, lmtp=LMTP in kinds)
    finally:
        ended = await bridge.stop()
    assert ended == 0, bridge.last_words()


@pytest.fixture
async def bot() -> AsyncIterator[FakeTelegram]:
    async with telegram() as fake:
        yield fake


def a_mail(written: Written) -> EmailMessage:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = written.sender
    mail["To"] = written.to
    mail["Subject"] = written.subject
    mail["Message-ID"] = f"<first@{written.sender.partition('@')[2]}>"
    mail["Date"] = "Sat, 21 Nov 2026 09:00:00 +0100"
    mail.set_content(written.text)
    return mail


def a_reply(written: Written, to: EmailMessage) -> EmailMessage:
    mail = a_mail(written)
    del mail["Message-ID"], mail["Subject"]
    mail["Message-ID"] = f"<second@{written.sender.partition('@')[2]}>"
    mail["Subject"] = str(to["Subject"])
    mail["In-Reply-To"] = to["Message-ID"]
    mail["References"] = f"{to['References']} {to['Message-ID']}"
    mail.set_content(written.then)
    for name in written.files:
        mail.add_attachment(b"\xff\xd8\xff\xe0", maintype="image", subtype="jpeg", filename=name)
    return mail


@pytest.mark.parametrize(("example", "written"), JOURNEYS)
async def test_a_mail_and_an_answer_land_where_the_rules_say(
    example: str, written: Written, tmp_path: Path, bot: FakeTelegram
) -> None:
    async with running(example, tmp_path, bot) as desk:
        await desk.write(a_mail(written))
        first = await desk.inquiry(written.subject, written.becomes)
        told = await desk.automatic_answer(written.sender, written.told)
        assert first["reference"] in told.get_content()
        await desk.write(a_reply(written, told))
        second = await desk.inquiry(written.subject, written.then_becomes)
        assert second["reference"] == first["reference"]


async def test_who_is_in_the_file_of_customers_is_known_from_the_first_mail(
    tmp_path: Path, bot: FakeTelegram
) -> None:
    written = Written(
        to="support@fjell.example",
        sender="it@polarfisk.example",
        subject="The server does not start",
        text="Hello, our server does not start since this morning. Please help.",
        becomes={"queue": "second-line", "assignee": "ola", "tags": ["gold", "vip"]},
    )
    async with running("software-company", tmp_path, bot) as desk:
        await desk.write(a_mail(written))
        await desk.inquiry(written.subject, written.becomes)


async def test_a_chat_comes_to_the_office_whose_language_it_is_in(
    tmp_path: Path, bot: FakeTelegram
) -> None:
    async with running("public-office", tmp_path, bot) as desk:
        bot.say("Здравствуйте, как получить справку о месте жительства?", chat=7, language="ru")

        def answered() -> str | None:
            return next(
                (str(sent["text"]) for sent in bot.sent if str(sent["chat_id"]) == "7"), None
            )

        words = await _until(answered, "an answer in the chat")
        assert "обращени" in words  # in Russian: about an inquiry, open or closed
        (one,) = desk._command("inquiry", "list", "--json")
        assert (one["queue"], one["assignee"], one["language"]) == ("kuuseoja", "mari", "ru")
