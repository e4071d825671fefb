"""Does anybody but Slack get an answer at the address that Slack calls?"""

import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from inquiry.errors import PermanentFailure
from tests.channels.slack_world import World, opened
from tests.fakes import MemoryInlet
from tests.servers.slack.events import signed
from tests.servers.slack.server import FakeSlack, slack


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        started.pushing = False
        yield started


def now(later: int = 0) -> str:
    return str(int(time.time()) + later)


@pytest.mark.parametrize(
    ("stamp", "signature"),
    [
        pytest.param(0, "", id="no signature"),
        pytest.param(0, "v0=00", id="a short one"),
        pytest.param(0, "v0=" + "0" * 64, id="a wrong one"),
        pytest.param(0, "v0=ą" + "0" * 63, id="no letters of a signature"),
        pytest.param("", signed(b"{}", ""), id="no time"),
        pytest.param(-301, None, id="too old"),
        pytest.param(+330, None, id="of the future"),
        pytest.param("soon", None, id="no time at all"),
        pytest.param("9" * 5000, None, id="an endless time"),
        pytest.param("-1", None, id="before all times"),
        pytest.param("١٧٩١٧٩٠٠٠٠", None, id="digits of another alphabet"),
    ],
)
async def test_who_does_not_sign_as_slack_is_sent_away(
    fake: FakeSlack, stamp: str | int, signature: str | None
) -> None:
    """Whole numbers are seconds from now, when it comes to that."""
    inlet = MemoryInlet()
    async with World(fake, "http").running(inlet):
        fake.say("hei")
        raw = fake.events[0].raw
        stamp = now(stamp) if isinstance(stamp, int) else stamp
        made = signed(raw, stamp) if signature is None else signature
        # What stands in a header is bytes; the client would refuse other letters.
        status, _ = await fake.push(raw, stamp=_bytes(stamp), signature=_bytes(made))
    assert status == 401
    assert inlet.arrivals == []


def _bytes(text: str) -> str:
    return text.encode().decode("latin-1") if not text.isascii() else text


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda raw: raw.replace(b"hei", b"hej"), id="another word"),
        pytest.param(lambda raw: json.dumps(json.loads(raw)).encode(), id="written anew"),
        pytest.param(lambda raw: raw + b" ", id="a blank more"),
        pytest.param(lambda raw: raw.decode().encode("utf-16"), id="other bytes"),
    ],
)
async def test_a_signature_is_of_the_very_bytes(
    fake: FakeSlack, change: Callable[[bytes], bytes]
) -> None:
    inlet = MemoryInlet()
    async with World(fake, "http").running(inlet):
        fake.say("hei")
        raw = fake.events[0].raw
        status, _ = await fake.push(change(raw), signature=signed(raw, now()))
    assert status in (400, 401)
    assert inlet.arrivals == []


async def test_a_signature_by_another_secret_is_refused(fake: FakeSlack) -> None:
    inlet = MemoryInlet()
    async with World(fake, "http").running(inlet):
        fake.say("hei")
        raw = fake.events[0].raw
        status, _ = await fake.push(raw, signature=signed(raw, now(), secret="another"))
        assert status == 401
        assert (await fake.push(raw))[0] == 200
    assert len(inlet.arrivals) == 1


async def test_slack_may_ask_whether_the_address_is_ours(fake: FakeSlack) -> None:
    raw = json.dumps({"type": "url_verification", "token": "t", "challenge": "3eZbrw1a"}).encode()
    async with World(fake, "http").running(MemoryInlet()):
        status, answer = await fake.push(raw)
        assert (await fake.push(raw, signature="v0=1"))[0] == 401
    assert status == 200
    assert "3eZbrw1a" in answer


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"[]", b"null", b"1", b'"a"', b"{", b"\xff", b'{"event": 5}', b'{"event": []}'],
)
async def test_nonsense_with_a_signature_is_no_event(fake: FakeSlack, raw: bytes) -> None:
    inlet = MemoryInlet()
    async with World(fake, "http").running(inlet):
        status, _ = await fake.push(raw)
        fake.say("hei")
        assert (await fake.push(fake.events[0].raw))[0] == 200
    assert 400 <= status < 600
    assert len(inlet.arrivals) == 1


async def test_a_warning_that_too_much_happens_is_taken_and_nothing_else(fake: FakeSlack) -> None:
    inlet = MemoryInlet()
    raw = json.dumps({"type": "app_rate_limited", "minute_rate_limited": 1}).encode()
    async with World(fake, "http").running(inlet):
        assert (await fake.push(raw))[0] == 200
    assert inlet.arrivals == []


@pytest.mark.parametrize(
    ("changed", "lacking"),
    [
        ({"signing_secret": ""}, "'signing_secret' is missing: mode http needs it"),
        ({"signing_secret": "  "}, "'signing_secret' is missing: mode http needs it"),
        ({"bot_token": ""}, "'bot_token' is empty"),
        (
            {"bot_token": "xapp-1"},
            "'bot_token' has an app-level token, xapp-…: it takes the bot's, xoxb-…",
        ),
        (
            {"app_token": "xoxb-1"},
            "'app_token' has the bot's token, xoxb-…: it takes an app-level one, xapp-…",
        ),
        ({"mode": "socket", "app_token": ""}, "'app_token' is missing: mode socket needs it"),
    ],
)
async def test_nothing_opens_without_its_secrets(
    fake: FakeSlack, changed: dict[str, Any], lacking: str
) -> None:
    with pytest.raises(PermanentFailure) as failure:
        async with opened(fake, **{"mode": "http", **changed}):
            pass
    assert str(failure.value) == lacking
