"""Is every kind of channel asked the common questions, in each of its modes?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession

from channels.contract import Inlet
from deskbridge.kinds import OURS
from storage.sqlite import Sqlite
from tests.channels import slack_world, test_imap_dovecot, test_mail_submission, test_slack
from tests.channels import test_smtp_server as smtp_server
from tests.channels import test_telegram as telegram_polling
from tests.channels import test_telegram_webhook as telegram_webhook
from tests.channels import test_webchat as web_chat
from tests.channels import test_webhook as webhook
from tests.channels.suite import Receiving, Sending
from tests.channels.test_lmtp_server import serving
from tests.servers.mta import conversation
from tests.servers.slack.server import slack
from tests.web.site import HERE, a_form


class Queue:
    """What people have said, to be offered until it is taken."""

    secrets = ()

    def __init__(self) -> None:
        self.said: list[str] = []
        self.waiting: list[str] = []
        self.taken: list[str] = []

    async def say(self, text: str) -> None:
        self.said.append(text)
        self.waiting.append(text)

    async def repeat(self) -> None:
        self.waiting += self.said

    async def confirmed(self) -> list[str]:
        return self.taken

    @asynccontextmanager
    async def offering(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._keep_offering())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def offer(self, text: str) -> bool:
        raise NotImplementedError

    async def _keep_offering(self) -> None:
        while True:
            for text in list(self.waiting):
                if await self.offer(text):
                    self.waiting.remove(text)
                    self.taken.append(text)
            await asyncio.sleep(0.02)


class LmtpWorld(Queue):
    """A mail server that hands over by LMTP what it has in its queue."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        async with serving(inlet, self._folder), self.offering():
            yield

    async def offer(self, text: str) -> bool:
        path = self._folder / "lmtp.sock"
        if not path.exists():
            return False
        async with conversation(str(path)) as talk:
            await talk.greet("LHLO")
            raw = f"Message-ID: <{hash(text)}@x.example>\r\n\r\n{text}\r\n".encode()
            reply = await talk.deliver("kari@fjell.example", ["help@nordlys.example"], raw)
        assert not reply.startswith("5")
        return reply.startswith("250 2.6.0")


class FormWorld(Queue):
    """People who press the button of a form until they are thanked."""

    def __init__(self, db: Sqlite) -> None:
        super().__init__()
        self._db = db
        self._page = ""
        self._http: ClientSession

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        page = a_form(self._db, inlet)
        async with page as self._page, ClientSession() as self._http, self.offering():
            yield

    async def offer(self, text: str) -> bool:
        filled = {"submission": f"s{hash(text)}", "email": "jan@kunde.example", "text": text}
        async with self._http.post(self._page, data=filled, headers=HERE) as response:
            assert response.status in (200, 503)
            return response.status == 200


class TestLmtp(Receiving):
    @pytest.fixture
    def world(self, tmp_path: Path) -> LmtpWorld:
        return LmtpWorld(tmp_path)


class TestForm(Receiving):
    @pytest.fixture
    def world(self, sqlite: Sqlite) -> FormWorld:
        return FormWorld(sqlite)


class TestSlackByHttp(Sending):
    @pytest.fixture
    async def world(self) -> AsyncIterator[slack_world.World]:
        async with slack() as fake:
            yield slack_world.World(fake, "http")


MAIL_OUT = test_mail_submission.TestSubmission
ASKED: dict[str, tuple[type, ...]] = {
    "imap": (test_imap_dovecot.TestImap, MAIL_OUT),
    "smtp": (smtp_server.TestSmtp, MAIL_OUT),
    "lmtp": (TestLmtp, MAIL_OUT),
    "telegram": (telegram_polling.TestTelegram,),
    "telegram, called": (telegram_webhook.TestWebhook,),
    "slack": (test_slack.TestSocketMode,),
    "slack, called": (test_slack.TestHttp, TestSlackByHttp),
    "web-chat": (web_chat.TestWebChat,),
    "webhook": (webhook.TestWebhook,),
    "web-form": (TestForm,),
}
ANSWERED_BY_MAIL = {"web-form"}


def test_every_kind_is_asked_everything() -> None:
    assert {mode.partition(",")[0] for mode in ASKED} == set(OURS)
    for mode, classes in ASKED.items():
        for side in (Receiving, Sending):
            asked = any(issubclass(one, side) for one in classes)
            assert asked is (side is Receiving or mode not in ANSWERED_BY_MAIL), (mode, side)


def test_a_question_is_answered_by_nobody_in_their_own_way() -> None:
    """Who overrides a question has not been asked it."""
    questions = {name for side in (Receiving, Sending) for name in vars(side) if "test_" in name}
    for classes in ASKED.values():
        for one in classes:
            assert not questions & set(vars(one)), one
