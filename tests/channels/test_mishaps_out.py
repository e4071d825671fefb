"""What becomes of an answer, whatever the other side does? The table of ``docs/mishaps.md``."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from channels.contract import Sender
from channels.slack import api
from channels.telegram import http
from channels.webhook import posting
from inquiry.errors import TemporaryFailure
from inquiry.journey import Dispatch, InquiryId, Receipt
from inquiry.retry import RetryPolicy
from inquiry.understood import Message
from outbox.stage import compose_step
from specialists.acts import answering
from storage.database import moment
from storage.sqlite import Sqlite
from tests.builders import a_dispatch
from tests.channels.mishaps import (
    BURST,
    CHANNELS,
    ROWS,
    MailOut,
    Place,
    Slack,
    Telegram,
    Webhook,
    place,
)
from tests.channels.mishaps_page import NOT_THERE, table_of
from tests.inquiries import KASIA, NOW, Inquiries
from tests.outbox.senders import a_desk
from tests.outbox.steps import send_step
from tests.servers.other_system import OtherSystem
from tests.servers.ports import black_hole
from tests.servers.sink import Sink
from tests.servers.slack.server import FakeSlack
from tests.servers.telegram import TOKEN, FakeTelegram

TEXT = "Have you tried turning it off?"
SECOND = {
    "in 10 s": timedelta(seconds=10),
    "in 1 min": timedelta(minutes=1),
    "in 1 day": timedelta(days=1),
    "in doubt": timedelta(minutes=10),
    "looked for": timedelta(minutes=10),
}
"""What a cell of the table may say, and when the second attempt follows."""
UNKNOWN = ("in doubt", "looked for")
ENDLESS = ("no answer in time", "half an answer")
ENDED = {"dead": "dead", "sent": "sent"}
TABLE = table_of("asks us to wait a second")


class Impatient:
    """A sender whose worker waits a while, as the real one waits half of its lease."""

    def __init__(self, sender: Sender, patience: float) -> None:
        self.name, self.repeatable, self._sender = sender.name, sender.repeatable, sender
        self._patience = patience

    async def send(self, dispatch: Dispatch) -> Receipt:
        async with asyncio.timeout(self._patience):
            return await self._sender.send(dispatch)


class Attempt:
    """One answer, and what became of its attempts."""

    def __init__(self, db: Sqlite, there: Place) -> None:
        self.inquiries, self.there = Inquiries(db), there

    async def opened(self, said: Message | None = None) -> InquiryId:
        there, outlet = self.there, self.there.outlet
        opened = await self.inquiries.opened(
            said or there.said,
            channel=outlet.name,
            contact=outlet.contact,
            media_type=there.media_type,
        )
        return opened.id

    async def written(self, inquiry: InquiryId, text: str = TEXT) -> None:
        db = self.inquiries.db
        await answering.answer(db, inquiry=inquiry, specialist=KASIA, text=text, now=NOW)
        assert await compose_step(db, a_desk(outlets=(self.there.outlet,)), now=NOW)

    async def tried(self, now: datetime, patience: float = 20) -> str:
        async with self.there.opened() as sender:
            sends = Impatient(sender, patience)
            assert await send_step(self.inquiries.db, sends, RetryPolicy(), now=now)
        (row,) = await self.inquiries.rows("outbox")
        self.due_at = moment(row["due_at"])
        self.marked = bool(row["possible_repeat"])
        return str(row["state"])

    async def is_due(self, now: datetime) -> bool:
        async with self.there.opened() as sender:
            return await send_step(self.inquiries.db, sender, RetryPolicy(), now=now)


@pytest.mark.parametrize(("row", "channel"), [(row, one) for row in ROWS for one in CHANNELS])
async def test_what_becomes_of_an_answer(sqlite: Sqlite, row: str, channel: str) -> None:
    """It is told at least once; twice only where that is marked, and then never a third time."""
    said = TABLE[row][channel]
    async with place(channel, sqlite) as there:
        if said == NOT_THERE:
            assert row not in there.mishaps
            return
        attempt = Attempt(sqlite, there)
        await attempt.written(await attempt.opened())
        there.mishaps[row]()
        state = await attempt.tried(NOW, 1 if row in ENDLESS else 20)
        if said in ENDED:
            assert state == ENDED[said]
            assert await there.copies(TEXT) == (said == "sent")
            return
        assert (state, attempt.due_at - NOW) == (
            "doubtful" if said in UNKNOWN else "waiting",
            SECOND[said],
        )
        before = await there.copies(TEXT)
        await there.behave()
        assert await attempt.tried(attempt.due_at) == "sent"
        assert attempt.marked is (said in UNKNOWN)
        assert await there.copies(TEXT) == 1 + (before if said == "in doubt" else 0)
        assert not await attempt.is_due(NOW + timedelta(days=3))


@pytest.mark.parametrize("service", [Telegram, Slack, Webhook])
async def test_one_conversation_is_left_alone_and_the_others_flow(
    sqlite: Sqlite, service: type[Telegram | Slack | Webhook]
) -> None:
    async with place(service.__name__, sqlite) as there:
        assert isinstance(there, Telegram | Slack | Webhook)
        attempt = Attempt(sqlite, there)
        busy, free = await attempt.opened(), await attempt.opened(there.another)
        for inquiry, text in ((busy, "one"), (busy, "two"), (free, "three"), (busy, "four")):
            await attempt.written(inquiry, text)
        there.mishaps[BURST]()
        while await attempt.is_due(NOW):
            pass
        assert texts(there) == ["three"]
        await there.behave()
        assert not await attempt.is_due(NOW + timedelta(seconds=59))
        while await attempt.is_due(NOW + timedelta(minutes=1)):
            pass
        assert texts(there) == ["three", "one", "two", "four"]


def texts(there: Telegram | Slack | Webhook) -> list[str]:
    """Return the last word of each message: in a group it begins with whom it is for."""
    return [text.split()[-1] for text in there.told()]


@pytest.mark.parametrize("service", ["mail", "Telegram", "Slack", "webhook"])
async def test_a_connection_that_never_comes_about_is_no_doubt(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing has left: else an outage behind a firewall would leave every answer to a person."""
    for module, name in ((http, "CONNECT"), (api, "CONNECTING"), (posting, "CONNECTING")):
        monkeypatch.setattr(module, name, timedelta(seconds=1))
    with black_hole() as port:
        there: Place = NOBODY[service](port)
        said = there.said
        assert said.sender
        dispatch = a_dispatch(
            channel=there.outlet.name,
            recipient=said.sender.address,
            conversation=said.conversation,
        )
        async with there.opened() as sender, asyncio.timeout(20):
            with pytest.raises(TemporaryFailure):
                await sender.send(dispatch)


NOBODY: dict[str, Callable[[int], Place]] = {
    "mail": lambda port: MailOut(Sink(port=port)),
    "Telegram": lambda port: Telegram(FakeTelegram(TOKEN, port=port)),
    "Slack": lambda port: Slack(FakeSlack(port=port)),
    "webhook": lambda port: Webhook(OtherSystem(port)),
}


def test_every_row_and_channel_is_on_the_page() -> None:
    assert list(TABLE) == list(ROWS)
    for cells in TABLE.values():
        assert tuple(cells) == CHANNELS
        assert set(cells.values()) <= {*SECOND, *ENDED, NOT_THERE}
