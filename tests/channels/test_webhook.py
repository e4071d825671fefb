"""Can any other system hand over messages and take answers, and nobody else?"""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from channels.contract import Inlet, Premises, Sender, WebReceiver
from channels.webhook import signing
from channels.webhook.channel import Settings, WebhookChannel, open_channel
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName, Dispatch, DispatchId, File, Reference
from inquiry.words import Delivery
from tests.channels.suite import Receiving, Sending, raw_bytes
from tests.fakes import MemoryInlet
from tests.servers.other_system import SECRET, OtherSystem, mounted, other_system, signed

SMS = ChannelName("sms")
OTHER_SECRET = "whsec_" + base64.b64encode(b"and this one is the new secret").decode()
JAN = {"id": "+4799887766", "name": "Jan"}


def dispatch(text: str, **changes: Any) -> Dispatch:
    values: dict[str, Any] = {
        "id": DispatchId(7),
        "channel": SMS,
        "recipient": "sms:+4799887766",
        "recipient_name": "Jan",
        "conversation": "+4799887766",
        "reference": Reference("NL-2026-00001"),
        "text": text,
        "language": "nb",
    }
    return Dispatch(**(values | changes))


@asynccontextmanager
async def opened(system: OtherSystem, *secrets: str) -> AsyncIterator[WebhookChannel]:
    settings = Settings(secret=secrets or (SECRET,), answer_url=system.url)
    async with open_channel(SMS, settings, Premises(spool=Path("/nowhere"))) as channel:
        yield channel


async def refuses(_request: web.Request) -> web.Response:
    return web.Response(status=422)


async def is_busy(_request: web.Request) -> web.Response:
    return web.Response(status=429, headers={"Retry-After": "7"})


async def says_nothing(_request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


class World:
    """A gateway for text messages beside us."""

    secrets: Sequence[str] = (SECRET, SECRET.removeprefix("whsec_"))
    delay = timedelta(seconds=7)

    def __init__(self, system: OtherSystem) -> None:
        self.system = system
        self._count = 0

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        async with opened(self.system) as channel, mounted(*channel.routes(inlet)) as url:
            self.system.to = f"{url}/hooks/sms"
            posting = asyncio.create_task(self.system.keep_posting())
            try:
                yield
            finally:
                posting.cancel()
                with suppress(asyncio.CancelledError):
                    await posting

    async def say(self, text: str) -> None:
        self._count += 1
        key = f"evt-{self._count}"
        data = {"id": str(self._count), "from": JAN, "text": text}
        self.system.offer(key, "message.created", **data)

    async def repeat(self) -> None:
        self.system.offered = self.system.confirmed + self.system.offered
        self.system.confirmed = []

    async def confirmed(self) -> list[str]:
        return [json.loads(body)["data"]["text"] for _, body in self.system.confirmed]

    def opened(self) -> AbstractAsyncContextManager[Sender]:
        return opened(self.system)

    def dispatch(self, text: str) -> Dispatch:
        return dispatch(text)

    async def heard(self) -> list[str]:
        return [event["data"]["text"] for event in self.system.heard]

    def refuse(self) -> None:
        self.system.behaviour = refuses

    def busy(self) -> None:
        self.system.behaviour = is_busy

    def hang_up(self, *, after_sending: bool) -> None:
        if after_sending:
            self.system.behaviour = self._takes_and_hangs_up
        else:
            self.system.stop_listening()

    def fall_silent(self) -> None:
        self.system.behaviour = says_nothing

    async def _takes_and_hangs_up(self, request: web.Request) -> web.Response:
        self.system.keep(request.headers["webhook-id"], await request.read())
        assert request.transport
        request.transport.abort()
        return web.Response()


@pytest.fixture
async def system() -> AsyncIterator[OtherSystem]:
    async with other_system() as started:
        yield started


class TestWebhook(Receiving, Sending):
    @pytest.fixture
    async def world(self, system: OtherSystem) -> World:
        return World(system)


@pytest.fixture
async def posting(system: OtherSystem) -> AsyncIterator[tuple[MemoryInlet, ClientSession]]:
    inlet = MemoryInlet()
    async with (
        opened(system, OTHER_SECRET, SECRET) as channel,
        mounted(*channel.routes(inlet)) as url,
        ClientSession() as session,
    ):
        system.to = f"{url}/hooks/sms"
        yield inlet, session


Posting = tuple[MemoryInlet, ClientSession]
HELLO = {"type": "message.created", "data": {"id": "1", "from": JAN, "text": "hello"}}


async def test_it_is_called_over_http_and_sends(system: OtherSystem) -> None:
    async with opened(system) as channel:
        assert isinstance(channel, WebReceiver)
        assert isinstance(channel, Sender)
        assert channel.repeatable


async def test_the_channel_tells_apart_who_has_the_same_number_elsewhere(
    system: OtherSystem, posting: Posting
) -> None:
    inlet, session = posting
    assert await system.post(session, "evt-1", json.dumps(HELLO).encode()) == 202
    (arrival,) = inlet.arrivals
    assert (arrival.remote_id, arrival.envelope.authenticated_as) == ("evt-1", "sms")
    assert json.loads(raw_bytes(arrival)) == HELLO


def test_the_signature_is_that_of_the_specification() -> None:
    """The vector that the reference libraries test themselves with."""
    at = datetime.fromtimestamp(1614265330, UTC)
    key, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
    headers = signing.headers(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], key, body, at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signing.check(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], headers, body, at) == key


BODY = json.dumps(HELLO).encode()


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        pytest.param({"webhook-signature": ""}, "needs the headers", id="unsigned"),
        pytest.param({"webhook-signature": "v1,AAAA"}, "is not made with", id="forged"),
        pytest.param({"webhook-timestamp": "-301"}, "more than 5 minutes", id="old"),
        pytest.param({"webhook-timestamp": "+400"}, "more than 5 minutes", id="early"),
        pytest.param({"webhook-timestamp": "soon"}, "seconds since 1970", id="no time"),
        pytest.param({"webhook-id": "evt-2"}, "is not made with", id="another key"),
        pytest.param({"webhook-id": "e" * 201}, "at most 200", id="a long key"),
    ],
)
async def test_what_is_not_signed_is_not_taken(
    system: OtherSystem, posting: Posting, headers: dict[str, str], told: str
) -> None:
    inlet, session = posting
    if headers.get("webhook-timestamp", "")[:1] in ("-", "+"):  # seconds from now
        at = int(time.time()) + int(headers["webhook-timestamp"])
        headers = {"webhook-timestamp": str(at)}
    assert await system.post(session, "evt-1", BODY, **headers) == 401
    assert told in system.last
    assert inlet.arrivals == []


async def test_a_signature_of_other_words_is_none(system: OtherSystem, posting: Posting) -> None:
    inlet, session = posting
    at = int(time.time())
    changes = {
        "webhook-signature": signed(SECRET, "evt-1", b"{}", at),
        "webhook-timestamp": str(at),
    }
    assert await system.post(session, "evt-1", BODY, **changes) == 401
    assert inlet.arrivals == []


async def test_either_secret_will_do_while_they_are_exchanged(
    system: OtherSystem, posting: Posting
) -> None:
    inlet, session = posting
    at = int(time.time())
    both = f"v1a,xxx {signed(OTHER_SECRET, 'evt-1', BODY, at)} {signed(SECRET, 'x', b'', at)}"
    changes = {"webhook-signature": both, "webhook-timestamp": str(at)}
    assert await system.post(session, "evt-1", BODY, **changes) == 202
    assert len(inlet.arrivals) == 1


@pytest.mark.parametrize(
    ("event", "told"),
    [
        pytest.param(b"hello", "the body is no JSON", id="no JSON"),
        pytest.param(b"[1]", "an event is an object", id="a list"),
        pytest.param({"type": "ping", "data": {}}, "'type' is none of", id="an unknown type"),
        pytest.param(
            {"type": "message.created", "data": {"id": "1", "text": "a"}}, "'from'", id="nobody"
        ),
        pytest.param(
            {"type": "message.created", "data": {"from": JAN, "text": "a"}}, "'id'", id="no id"
        ),
        pytest.param(
            {"type": "message.created", "data": {"id": "1", "from": JAN}}, "neither", id="empty"
        ),
        pytest.param(
            {"type": "message.edited", "data": {**HELLO["data"], "sent_at": "now"}},  # type: ignore[dict-item]
            "'sent_at'",
            id="no time",
        ),
        pytest.param(
            {"type": "message.created", "data": {**HELLO["data"], "attachments": ["a"]}},  # type: ignore[dict-item]
            "'attachments'",
            id="no files",
        ),
        pytest.param({"type": "message.read", "data": {}}, "'dispatch'", id="no dispatch"),
    ],
)
async def test_a_mistake_is_told_to_whoever_made_it(
    system: OtherSystem, posting: Posting, event: Any, told: str
) -> None:
    inlet, session = posting
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    assert await system.post(session, "evt-1", body) == 422
    assert told in system.last
    assert inlet.arrivals == []


@pytest.mark.parametrize(
    ("kind", "delivery"),
    [
        pytest.param("message.delivered", Delivery.DELIVERED, id="delivered"),
        pytest.param("message.read", Delivery.READ, id="read"),
        pytest.param("message.failed", Delivery.BOUNCED, id="failed"),
    ],
)
async def test_late_news_reach_the_outbox(
    system: OtherSystem, posting: Posting, kind: str, delivery: Delivery
) -> None:
    inlet, session = posting
    event = {"type": kind, "data": {"dispatch": 7}}
    assert await system.post(session, "evt-1", json.dumps(event).encode()) == 204
    ((number, receipt),) = inlet.reports
    assert (number, receipt.delivery) == (7, delivery)


async def test_news_of_what_it_never_got_are_refused(system: OtherSystem, posting: Posting) -> None:
    inlet, session = posting
    inlet.unknown.add(DispatchId(8))
    event = {"type": "message.read", "data": {"dispatch": 8}}
    assert await system.post(session, "evt-1", json.dumps(event).encode()) == 404


async def test_what_cannot_be_stored_is_asked_for_again(
    system: OtherSystem, posting: Posting
) -> None:
    inlet, session = posting
    inlet.trouble = TemporaryFailure("the disk is full")
    assert await system.post(session, "evt-1", BODY) == 503
    assert "disk" not in system.last


async def test_an_answer_says_all_that_is_needed_to_deliver_it(system: OtherSystem) -> None:
    file = File(filename="plan.pdf", content_type="application/pdf", content=b"%PDF")
    async with opened(system) as channel:
        receipt = await channel.send(dispatch("Hei!", subject="Re: hello", files=(file,)))
    (event,) = system.heard
    assert event["type"] == "message.send"
    assert event["data"] == {
        "dispatch": 7,
        "to": JAN,
        "conversation": "+4799887766",
        "reference": "NL-2026-00001",
        "automatic": False,
        "subject": "Re: hello",
        "text": "Hei!",
        "language": "nb",
        "attachments": [
            {"filename": "plan.pdf", "content_type": "application/pdf", "content": "JVBERg=="}
        ],
    }
    assert receipt.remote_id == "sms-1"


async def test_an_answer_sent_again_is_the_same_event(system: OtherSystem) -> None:
    async with opened(system) as channel:
        await channel.send(dispatch("Hei!"))
        await channel.send(dispatch("Hei!", possible_repeat=True))
    assert len(system.heard) == 1


@pytest.mark.parametrize("status", [301, 401, 403, 404, 410, 429, 500, 502, 503])
async def test_a_system_in_trouble_is_tried_again(system: OtherSystem, status: int) -> None:
    async def answers(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:1/"})

    system.behaviour = answers
    async with opened(system) as channel:
        with pytest.raises(TemporaryFailure, match=f"status {status}") as failure:
            await channel.send(dispatch("Hei!"))
    assert failure.value.whole_channel is (status in (429, 503))


async def test_a_system_that_is_not_there_is_asked_for_nothing_else(system: OtherSystem) -> None:
    system.stop_listening()
    async with opened(system) as channel:
        with pytest.raises(TemporaryFailure) as failure:
            await channel.send(dispatch("Hei!"))
    assert failure.value.whole_channel


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%", "password", "whsec_" + "A" * 200]
)
def test_a_weak_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="24 to 64 bytes"):
        signing.secret(secret)
