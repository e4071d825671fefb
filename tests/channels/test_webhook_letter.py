"""Is the specification of Standard Webhooks kept to the letter, where others rely on it?"""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import ClientSession, web

from channels.webhook import signing
from channels.webhook.channel import Settings
from channels.webhook.posting import LONGEST_WAIT, asked_to_wait, person
from inquiry.errors import TemporaryFailure
from tests.channels.test_webhook import BODY, JAN, OTHER_SECRET, dispatch, opened
from tests.fakes import MemoryInlet
from tests.servers.other_system import SECRET, OtherSystem, mounted, other_system, signed

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
async def system() -> AsyncIterator[OtherSystem]:
    async with other_system() as started:
        yield started


async def test_while_secrets_are_exchanged_each_of_them_signs(system: OtherSystem) -> None:
    """The other side may have either: one that only knows the old one takes it, too."""
    seen: dict[str, str] = {}

    async def looks(request: web.Request) -> web.Response:
        seen.update(request.headers, body=(await request.read()).decode())
        return web.Response()

    system.behaviour, system.trusting = looks, True
    async with opened(system, OTHER_SECRET, SECRET) as channel:
        await channel.send(dispatch("Hei!"))
    at, key = int(seen["webhook-timestamp"]), seen["webhook-id"]
    both = [signed(one, key, seen["body"].encode(), at) for one in (OTHER_SECRET, SECRET)]
    assert seen["webhook-signature"].split() == both


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(SECRET.removeprefix("whsec_"), id="no prefix"),
        pytest.param("whsec_" + base64.b64encode(b"k" * 24).decode(), id="the shortest"),
        pytest.param("whsec_" + base64.b64encode(b"k" * 64).decode(), id="the longest"),
    ],
)
def test_secrets_that_are_good(secret: str) -> None:
    assert signing.secret(secret) == secret


def test_without_any_secret_nothing_opens() -> None:
    lacking = Settings(secret=(), answer_url="https://sms.example/").lacking
    assert lacking == "'secret' is empty: anybody could write in anybody's name"
    assert Settings(secret=(SECRET,), answer_url="https://sms.example/").lacking == ""


def test_with_no_secret_nothing_is_signed() -> None:
    headers = signing.headers([], "evt-1", BODY, NOW)
    with pytest.raises(signing.NotSigned):
        signing.check([], headers, BODY, NOW)
    forged = {**headers, "webhook-signature": "v1,"}
    with pytest.raises(signing.NotSigned, match="not made with the secret"):
        signing.check([], forged, BODY, NOW)


@pytest.mark.parametrize(
    ("off", "good"),
    [(-299, True), (299, True), (-301, False), (301, False)],
)
def test_five_minutes_either_way(off: int, good: bool) -> None:
    headers = signing.headers([SECRET], "evt-1", BODY, NOW + timedelta(seconds=off))
    if good:
        assert signing.check([SECRET], headers, BODY, NOW) == "evt-1"
    else:
        with pytest.raises(signing.NotSigned, match="more than 5 minutes"):
            signing.check([SECRET], headers, BODY, NOW)


def test_bytes_that_are_no_letters_are_no_signature() -> None:
    headers = signing.headers([SECRET], "evt-1", BODY, NOW)
    headers["webhook-signature"] = "v1,\udcff\udcfe"
    with pytest.raises(signing.NotSigned, match="not made with the secret"):
        signing.check([SECRET], headers, BODY, NOW)


async def test_who_does_not_sign_is_sent_away_before_the_body(system: OtherSystem) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield bytes(65_536)

    inlet = MemoryInlet()
    async with (
        opened(system) as channel,
        mounted(*channel.routes(inlet)) as url,
        ClientSession() as session,
        session.post(f"{url}/hooks/sms", data=endless()) as response,
    ):
        assert response.status == 401
    assert sent < 40_000_000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("7", 7, id="seconds"),
        pytest.param(" 60 ", 60, id="blanks"),
        pytest.param("", 0, id="nothing"),
        pytest.param("soon", 0, id="a word"),
        pytest.param("-5", 0, id="less than nothing"),
        pytest.param("٧", 0, id="other digits"),
        pytest.param("999999999", 86_400, id="years"),
        pytest.param("9" * 5000, 86_400, id="more digits than Python reads"),
        pytest.param(format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120, id="a date"),
        pytest.param(format_datetime(NOW - timedelta(days=1), usegmt=True), 0, id="the past"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", 86_400, id="the end of time"),
        pytest.param("Sun, 22 Nov 2026 09:00:30", 30, id="no zone"),
    ],
)
def test_how_long_it_asks_to_wait(text: str, seconds: int) -> None:
    assert asked_to_wait(text, NOW) == timedelta(seconds=seconds) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("address", "called"),
    [("sms:+4799887766", "+4799887766"), ("old-name:a^b:1", "aB:1"), ("sms:^(d8)", "Ø")],
)
def test_people_are_called_as_the_other_system_does(address: str, called: str) -> None:
    assert person(address) == called


async def test_what_is_said_after_a_yes_changes_nothing(system: OtherSystem) -> None:
    """Its status says that it is there: half a body is no reason to post it again."""

    async def breaks_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"id": ')
        assert request.transport
        request.transport.close()
        return response

    async def says_much(_request: web.Request) -> web.Response:
        return web.Response(body=b'"' + b"x" * 100_000)

    async def in_pieces(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in (b'{"id":', b' "a', b'bc"}'):
            await response.write(piece)
        return response

    async with opened(system) as channel:
        told = []
        for behaviour in (breaks_off, says_much, in_pieces):
            system.behaviour = behaviour
            told.append((await channel.send(dispatch("Hei!"))).remote_id)
    assert told == ["", "", "abc"]


async def test_redirects_and_cookies_lead_nowhere(system: OtherSystem) -> None:
    seen: list[str] = []

    async def leads_away(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie", ""))
        headers = {"Location": f"{system.url}?again", "Set-Cookie": "a=b; Path=/"}
        return web.Response(status=307, headers=headers)

    system.behaviour = leads_away
    async with opened(system) as channel:
        for _ in range(2):
            with pytest.raises(TemporaryFailure, match="status 307"):
                await channel.send(dispatch("Hei!"))
    assert seen == ["", ""]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"from": {"id": "x" * 201}}, "'from'", id="a name that would be cut"),
        pytest.param({"from": {"id": "a\nb"}}, "'from'", id="a name of two lines"),
        pytest.param({"from": {"id": " a"}}, "'from'", id="blanks before a name"),
        pytest.param({"id": "x" * 201}, "'id'", id="an id that would be cut"),
        pytest.param({"conversation": "a\tb"}, "'conversation'", id="a conversation with a tab"),
        pytest.param({"in_reply_to": 7}, "'in_reply_to'", id="a number to reply to"),
        pytest.param({"subject": "x" * 501}, "'subject'", id="a long subject"),
        pytest.param({"text": "x" * 1_000_001}, "'text'", id="a long text"),
        pytest.param({"fields": {str(n): "" for n in range(101)}}, "'fields'", id="many fields"),
        pytest.param(
            {"attachments": [{"filename": "a", "content_type": "", "content": "%%%"}]},
            "Base64",
            id="no Base64",
        ),
        pytest.param(
            {"attachments": [{"filename": "a", "content_type": "", "content": ""}] * 101},
            "at most 100",
            id="many files",
        ),
    ],
)
async def test_nothing_is_cut_or_mended_in_silence(
    system: OtherSystem, changes: dict[str, Any], told: str
) -> None:
    inlet = MemoryInlet()
    data = {"id": "1", "from": JAN, "text": "hello", **changes}
    body = json.dumps({"type": "message.created", "data": data}).encode()
    async with (
        opened(system) as channel,
        mounted(*channel.routes(inlet)) as url,
        ClientSession() as session,
    ):
        system.to = f"{url}/hooks/sms"
        assert await system.post(session, "evt-1", body) == 422
    assert told in system.last
    assert inlet.arrivals == []


async def test_a_number_that_no_dispatch_can_have(system: OtherSystem) -> None:
    async with (
        opened(system) as channel,
        mounted(*channel.routes(MemoryInlet())) as url,
        ClientSession() as session,
    ):
        system.to = f"{url}/hooks/sms"
        for number in (0, -1, 2**63, 10**40):
            event = {"type": "message.read", "data": {"dispatch": number}}
            assert await system.post(session, "evt-1", json.dumps(event).encode()) == 422
