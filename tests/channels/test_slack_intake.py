"""Which of Slack's events come in, once each, and what is written down beside them?"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from inquiry.errors import TemporaryFailure
from tests.channels.slack_world import World
from tests.channels.suite import a_while, eventually, raw_bytes
from tests.fakes import MemoryInlet
from tests.servers.slack.names import ACME, DIRECT, KARI, OLA, OTHER, OUR_BOT, OURS
from tests.servers.slack.server import FakeSlack, slack

MODES = pytest.mark.parametrize("mode", ["socket", "http"])
IN_ACME: dict[str, Any] = {"channel": ACME, "channel_type": "channel", "type": "message"}


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        yield started


async def all_confirmed(fake: FakeSlack) -> None:
    for event in list(fake.events):
        await fake.until_confirmed(event)


@MODES
async def test_what_people_say_is_known_by_channel_and_time(fake: FakeSlack, mode: str) -> None:
    inlet = MemoryInlet()
    async with World(fake, mode).running(inlet):
        said = fake.say("hei", channel=ACME)
        fake.tell({**fake.event_of(ACME, said), "type": "app_mention"})  # the same, told otherwise
        edit = fake.edit(ACME, said, "hei igjen")
        fake.tell(edit)  # with another event_id
        fake.delete(ACME, said)
        await all_confirmed(fake)
    assert [one.remote_id for one in inlet.arrivals] == [
        f"{ACME}:{said['ts']}",
        f"{ACME}:{said['ts']}:edited:{edit['ts']}",
        f"{ACME}:{said['ts']}:deleted",
    ]
    assert inlet.arrivals[0].media_type == "application/vnd.slack.event+json"


async def test_a_pushed_event_is_kept_as_it_stood_in_the_body(fake: FakeSlack) -> None:
    inlet = MemoryInlet()
    async with World(fake, "http").running(inlet):
        fake.say("źle działa 🔥 <@U0OLA>")
        (arrival,) = await inlet.holds(1)
    assert raw_bytes(arrival) == fake.events[0].raw


async def test_an_event_over_a_socket_is_kept_with_its_envelope(fake: FakeSlack) -> None:
    inlet = MemoryInlet()
    async with World(fake).running(inlet):
        fake.say("hei")
        (arrival,) = await inlet.holds(1)
    told = json.loads(raw_bytes(arrival))
    assert told["envelope_id"] == fake.events[0].body["event_id"]
    assert told["payload"] == fake.events[0].body


@MODES
@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"user": OURS, "text": "ours", "ts": "5.1"}, id="our own words"),
        pytest.param({"user": KARI, "bot_id": "B1", "text": "a", "ts": "5.2"}, id="a bot's"),
        pytest.param({"subtype": "bot_message", "bot_id": "B1", "ts": "5.3"}, id="a bot's message"),
        pytest.param({"subtype": "channel_join", "user": KARI, "ts": "5.4"}, id="somebody comes"),
        pytest.param({"user": "USLACKBOT", "text": "a", "ts": "5.5"}, id="Slackbot"),
        pytest.param({"type": "reaction_added", "user": KARI}, id="a reaction"),
        pytest.param({"text": "nobody's", "ts": "5.6"}, id="nobody's"),
        pytest.param(
            {"subtype": "message_changed", "message": {"user": KARI, "ts": "5.7", "text": "a"}},
            id="a preview of a link appears",
        ),
        pytest.param(
            {
                "subtype": "message_deleted",
                "deleted_ts": "5.8",
                "previous_message": {"user": OURS, "bot_id": OUR_BOT, "ts": "5.8"},
            },
            id="our own words are deleted",
        ),
    ],
)
async def test_noise_is_confirmed_and_left(
    fake: FakeSlack, mode: str, event: dict[str, Any]
) -> None:
    inlet = MemoryInlet()
    async with World(fake, mode).running(inlet):
        await eventually(lambda: asked(fake, "users.conversations"), "we know who we are")
        await fake.until_confirmed(fake.tell({**IN_ACME, **event}))
    assert inlet.arrivals == []


async def test_a_deleted_message_that_leaves_a_stone_behind_is_a_deletion(fake: FakeSlack) -> None:
    inlet = MemoryInlet()
    stone = {"subtype": "tombstone", "user": "USLACKBOT", "ts": "5.1"}
    async with World(fake).running(inlet):
        fake.tell({**IN_ACME, "subtype": "message_changed", "message": stone})
        (arrival,) = await inlet.holds(1)
    assert arrival.remote_id == f"{ACME}:5.1:deleted"


@MODES
async def test_it_listens_only_where_it_shall(fake: FakeSlack, mode: str) -> None:
    inlet = MemoryInlet()
    world = World(fake, mode, listen_in=("#Partner-Acme",))
    async with world.running(inlet):
        fake.say("here", channel=ACME)
        fake.say("not here", channel=OTHER)
        fake.say("nor here", channel=DIRECT)
        await all_confirmed(fake)
    assert [one.remote_id.partition(":")[0] for one in inlet.arrivals] == [ACME]


async def test_it_listens_to_what_people_write_to_it_alone(fake: FakeSlack) -> None:
    inlet = MemoryInlet()
    async with World(fake, listen_in=("direct-messages",)).running(inlet):
        fake.say("not here", channel=ACME)
        fake.say("here", channel=DIRECT)
        await all_confirmed(fake)
    assert [one.remote_id.partition(":")[0] for one in inlet.arrivals] == [DIRECT]


@MODES
async def test_a_channel_of_which_nothing_is_known_is_asked_for_first(
    fake: FakeSlack, mode: str
) -> None:
    inlet = MemoryInlet()
    async with World(fake, mode, listen_in=("new", "partner-acme")).running(inlet):
        fake.say("all is well", channel=ACME)
        await inlet.holds(1)
        fake.channels["C0NEW"] = {"id": "C0NEW", "name": "new"}
        fake.say("hei", channel="C0NEW")
        await inlet.holds(2)
        await all_confirmed(fake)
    assert fake.events[-1].offered > 1
    assert "conversations.info" in [method for method, _ in fake.asked]


async def test_a_renamed_channel_is_listened_to_by_its_new_name(fake: FakeSlack) -> None:
    inlet = MemoryInlet()
    async with World(fake, listen_in=("partner-acme",)).running(inlet):
        fake.channels[OTHER]["name"] = "partner-acme"
        fake.tell({"type": "channel_rename", "channel": {"id": OTHER, "name": "Partner-Acme"}})
        await all_confirmed(fake)
        fake.say("hei", channel=OTHER)
        await inlet.holds(1)


@MODES
async def test_names_stand_beside_the_event_as_soon_as_they_are_known(
    fake: FakeSlack, mode: str
) -> None:
    inlet = MemoryInlet()
    async with World(fake, mode).running(inlet):
        await eventually(lambda: asked(fake, "users.list"), "who there is was asked")
        await a_while(0.1)
        fake.say("hei <@U0OLA>")
        await eventually(lambda: asked(fake, "users.info"), "who Ola is was asked")
        await a_while(0.1)
        fake.say("<@U0OLA>, hallo", user=OLA)
        first, second = await inlet.holds(2)
    assert first.envelope.headers == {f"name:{KARI}": "Kari Berg", "email": "kari@acme.example"}
    assert second.envelope.headers == {f"name:{OLA}": "Ola Vik", "email": "ola@acme.example"}


async def asked(fake: FakeSlack, method: str) -> bool:
    return method in [one for one, _ in fake.asked]


@MODES
async def test_nobody_waits_for_a_name(fake: FakeSlack, mode: str) -> None:
    inlet = MemoryInlet()
    async with World(fake, mode).running(inlet):
        fake.users.clear()
        fake.say("hei", user="U0NEW")
        (arrival,) = await inlet.holds(1)
        await all_confirmed(fake)
    assert arrival.envelope.headers == {}


async def test_what_is_told_again_while_it_is_being_stored_stays_one(fake: FakeSlack) -> None:
    inlet = MemoryInlet(delay=timedelta(milliseconds=300))
    async with World(fake, "http").running(inlet):
        fake.say("hei")
        raw = fake.events[0].raw
        answers = await asyncio.gather(*(fake.push(raw, repeat=number) for number in range(4)))
        await all_confirmed(fake)
    assert [status for status, _ in answers] == [200] * 4
    assert len(inlet.arrivals) == 1
    assert inlet.repeats >= 3


async def test_over_a_socket_it_is_told_again_until_it_is_confirmed(fake: FakeSlack) -> None:
    inlet = MemoryInlet(delay=timedelta(milliseconds=300))
    async with World(fake).running(inlet):
        fake.say("hei")
        await all_confirmed(fake)
        assert fake.events[0].offered > 1
        await inlet.until(lambda inlet: inlet.repeats > 0)
    assert len(inlet.arrivals) == 1


@MODES
async def test_what_can_t_be_stored_comes_again(fake: FakeSlack, mode: str) -> None:
    inlet = MemoryInlet(trouble=TemporaryFailure("the disk is full"))
    async with World(fake, mode).running(inlet):
        fake.say("hei")
        await inlet.until(lambda inlet: inlet.refused > 1)
        assert not fake.events[0].confirmed
        inlet.trouble = None
        await all_confirmed(fake)
    assert set(fake.events[0].answers) <= {503, 200}
    assert len(inlet.arrivals) == 1
