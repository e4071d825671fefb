"""Is one event one arrival, however often it comes, and is another never taken for it?"""

import asyncio
import json
import re
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from channels.contract import Premises
from channels.webhook.channel import Settings, open_channel
from inquiry.journey import WEBHOOK, Dispatch, Receipt
from inquiry.retry import RetryPolicy
from inquiry.understood import Party
from inquiry.words import Delivery
from outbox.route import Outlet
from outbox.stage import compose_step
from specialists.acts import answering
from storage.database import Database
from storage.intake import Intake
from tests.channels.test_webhook import JAN, SMS
from tests.inquiries import KASIA, NOW, Inquiries, a_message
from tests.layout.tree import text_of
from tests.outbox.senders import a_desk
from tests.outbox.steps import send_step
from tests.rows import rows
from tests.servers.other_system import SECRET, OtherSystem, mounted, other_system
from tests.servers.programs import needed


class Desk:
    """A real inlet behind the channel, and somebody who posts to it."""

    def __init__(self, db: Database, system: OtherSystem, session: ClientSession) -> None:
        self.db = db
        self.system = system
        self._session = session

    async def post(self, key: str, kind: str = "message.created", **data: Any) -> tuple[int, Any]:
        return await self.post_event(key, an_event(kind, **data))

    async def post_event(self, key: str, event: dict[str, Any]) -> tuple[int, Any]:
        status = await self.system.post(self._session, key, json.dumps(event).encode())
        return status, json.loads(self.system.last or "null")

    async def arrivals(self) -> list[str]:
        return [row["remote_id"] for row in await rows(self.db, "SELECT * FROM arrivals")]


def an_event(kind: str = "message.created", at: str = "", **data: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": at, "data": {"id": "1", "from": JAN, "text": "Hei", **data}}


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(secret=(SECRET,), answer_url="http://127.0.0.1:1/")
    premises = Premises(spool=tmp_path, store=database)
    async with (
        other_system() as system,
        open_channel(SMS, settings, premises) as channel,
        mounted(*channel.routes(Intake(database).inlet(SMS))) as url,
        ClientSession() as session,
    ):
        system.to = f"{url}/hooks/sms"
        yield Desk(database, system, session)


async def test_fifty_equal_ones_at_once_are_one_arrival(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.post("evt-1") for _ in range(50)))
    assert {status for status, _ in answers} == {202}
    assert {json.dumps(told) for _, told in answers} == {'{"accepted": 1}'}
    assert await desk.arrivals() == ["evt-1"]


async def test_a_key_with_other_words_is_refused_aloud(desk: Desk) -> None:
    assert (await desk.post("evt-1"))[0] == 202
    status, told = await desk.post("evt-1", text="Ha det")
    assert status == 409
    assert "stands for another event" in told["errors"][0]
    assert (await desk.post("evt-1", "message.edited"))[0] == 409
    assert (await desk.post("evt-2", text="Ha det"))[0] == 202
    assert await desk.arrivals() == ["evt-1", "evt-2"]


async def test_of_many_contents_of_one_key_exactly_one_is_here(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.post("evt-1", text=str(n)) for n in range(20)))
    assert Counter(status for status, _ in answers) == {202: 1, 409: 19}
    kept = [status for status, _ in answers].index(202)
    (row,) = await rows(desk.db, "SELECT content FROM arrivals JOIN originals ON hash = original")
    assert json.loads(bytes(row["content"]))["data"]["text"] == str(kept)


async def test_the_same_event_written_anew_is_the_same(desk: Desk) -> None:
    """Who builds the JSON again for each attempt may order it otherwise, and tells another time."""
    event = an_event()
    assert (await desk.post_event("evt-1", event))[0] == 202
    again = {"data": dict(reversed(event["data"].items())), "type": event["type"], "timestamp": "x"}
    assert await desk.post_event("evt-1", again) == (202, {"accepted": 1})
    assert await desk.arrivals() == ["evt-1"]


async def test_news_that_overtake_our_answer_come_again(desk: Desk) -> None:
    """Who is quick tells that it was read before having said that it is there."""
    inquiries = Inquiries(desk.db)
    said = replace(a_message(), sender=Party("sms:+47", "Jan"), conversation="+47", message_id="")
    outlet = Outlet(name=SMS, contact="webhook")
    opened = await inquiries.opened(said, channel=SMS, contact="webhook", media_type=WEBHOOK)
    await answering.answer(desk.db, inquiry=opened.id, specialist=KASIA, text="Hei", now=NOW)
    await compose_step(desk.db, a_desk(outlets=(outlet,)), now=NOW)
    answers = []

    class Reads:
        name, repeatable = SMS, True

        async def send(self, dispatch: Dispatch) -> Receipt:
            answers.append((await desk.post_event("news-1", a_reading(dispatch.id)))[0])
            return Receipt(delivery=Delivery.ACCEPTED, at=NOW)

    assert await send_step(desk.db, Reads(), RetryPolicy(), now=NOW)
    (row,) = await inquiries.rows("outbox")
    assert row["state"] == "sent"
    answers.append((await desk.post_event("news-1", a_reading(row["id"])))[0])
    (row,) = await inquiries.rows("outbox")
    assert (answers, row["state"]) == ([503, 204], "read")
    assert (await desk.post_event("news-1", a_reading(row["id"])))[0] == 204
    assert (await inquiries.kinds(opened)).count("read") == 1


def a_reading(number: int) -> dict[str, Any]:
    return {"type": "message.read", "data": {"dispatch": number}}


async def test_the_example_of_the_page_posts(desk: Desk) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", text_of(Path("docs/webhook.md")), re.DOTALL)
    found: dict[str, Any] = {}
    exec(example, found)
    post = found["post"]
    status = await asyncio.to_thread(post, desk.system.to, SECRET, "evt-1", an_event())
    assert status == 202
    assert await desk.arrivals() == ["evt-1"]


def events_of_the_page() -> list[str]:
    return re.findall(r"```json\n(.*?)```", text_of(Path("docs/webhook.md")), re.DOTALL)


def test_the_page_has_an_event_that_is_one() -> None:
    kinds = [json.loads(event)["type"] for event in events_of_the_page()]
    assert kinds == ["message.created", "message.send"]


@pytest.mark.server
async def test_what_the_page_says_can_be_typed(desk: Desk, tmp_path: Path) -> None:
    """Its event, word for word, by the commands that it names."""
    needed("curl", "openssl")
    (script,) = re.findall(r"```sh\n(.*?)```", text_of(Path("docs/webhook.md")), re.DOTALL)
    (tmp_path / "sms").write_text(f"{SECRET}\n")
    (tmp_path / "message.json").write_text(events_of_the_page()[0], "utf-8")
    typed = script.replace("http://127.0.0.1:8080/hooks/sms", str(desk.system.to))
    run = await asyncio.create_subprocess_exec("sh", "-ec", typed, cwd=tmp_path, stdout=PIPE)
    answer, _ = await run.communicate()
    assert answer.startswith(b"HTTP/1.1 202 "), answer
    assert await desk.arrivals() == ["try-1"]
