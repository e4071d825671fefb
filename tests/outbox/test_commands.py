"""Is every command that a bot answers by itself answered once, whatever happens meanwhile?"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from channels.contract import Asked, Inlet, Standing
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import TELEGRAM as UPDATE
from inquiry.journey import ChannelName, Reference
from inquiry.understood import Command, Party
from inquiry.words import State
from outbox.commands import LEASE, POLICY, step
from router.stage.step import step as place
from storage import commands
from storage.database import Database
from storage.intake import Intake
from tests.inquiries import NOW, TELEGRAM, Inquiries
from tests.router.test_stage import DESK
from tests.rows import rows

JAN = Party("501", "Jan")
SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Bot:
    """Answers, or has trouble."""

    name: ChannelName = TELEGRAM
    trouble: list[BaseException] = field(default_factory=list)
    said: list[Asked] = field(default_factory=list)

    async def answer(self, asked: Asked, inlet: Inlet) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        assert await inlet.standing(asked.address) == STANDINGS
        self.said.append(asked)


STANDINGS = [Standing(reference=Reference("NL-1"), subject="x", state=State.OPEN, link="https://x")]


class World:
    """A desk's database, and a bot that is asked things."""

    def __init__(self, db: Database) -> None:
        self.db, self.bot = db, Bot()
        self._inquiries = Inquiries(db)
        intake = Intake(db)

        async def standing(_channel: ChannelName, _address: str) -> list[Standing]:
            return STANDINGS

        intake.standing = standing
        self._inlet = intake.inlet(TELEGRAM)

    async def asks(self, name: str = "start", who: Party = JAN, **more: Any) -> None:
        where = {"conversation": who.address, **more}
        command = Command(remote_id="1", sender=who, name=name, language="pl", **where)
        await self._inquiries.arrived(command, TELEGRAM, UPDATE)
        assert await place(self.db, DESK, now=NOW)

    async def step(self, now: datetime = NOW) -> bool:
        return await step(self.db, self.bot, self._inlet, now=now)

    async def found(self) -> list[tuple[str, str | None]]:
        found = await rows(self.db, "SELECT state, reason FROM commands ORDER BY id")
        return [(row["state"], row["reason"]) for row in found]


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def test_what_is_asked_is_answered_once_and_opens_nothing(world: World) -> None:
    await world.asks("status")
    assert await world.step()
    assert not await world.step(NOW + POLICY.patience)
    (asked,) = world.bot.said
    assert (asked.command, asked.address, asked.conversation) == ("status", "501", "501")
    assert (asked.language, asked.went) == ("pl", ())
    assert await world.found() == [("answered", None)]
    assert await rows(world.db, "SELECT id FROM inquiries") == []
    assert await rows(world.db, "SELECT state FROM arrivals") == [{"state": "done"}]


async def test_another_channel_s_are_left_alone(world: World) -> None:
    await world.asks()
    world.bot.name = ChannelName("another")
    assert not await world.step()


async def test_it_waits_as_long_as_the_other_side_asks(world: World) -> None:
    await world.asks()
    world.bot.trouble = [TemporaryFailure("slow down", retry_after=7 * SECOND, went=["5"])]
    assert await world.step()
    assert await world.found() == [("waiting", "slow down")]
    assert not await world.step(NOW + 6.9 * SECOND)
    assert await world.step(NOW + 7 * SECOND)
    assert [asked.went for asked in world.bot.said] == [("5",)]


async def test_it_is_tried_for_a_day_ever_more_seldom(world: World) -> None:
    await world.asks()
    now, tries = NOW, 0
    while now < NOW + 2 * POLICY.patience:
        world.bot.trouble = [TemporaryFailure("down")]
        tries += await world.step(now)
        now += 120 * SECOND
    assert await world.found() == [("failed", "given up after 1 day: down")]
    assert 100 < tries < 200
    assert world.bot.said == []


@pytest.mark.parametrize(
    ("trouble", "state", "reason"),
    [
        (PermanentFailure("blocked"), "failed", "blocked"),
        (OutcomeUnknown("cut"), "answered", "perhaps: cut"),
        (TimeoutError(), "answered", "perhaps: no answer in time"),
        (ZeroDivisionError(), "waiting", "a fault of the channel: ZeroDivisionError"),
    ],
)
async def test_every_attempt_leads_somewhere(
    world: World, trouble: Exception, state: str, reason: str
) -> None:
    await world.asks()
    world.bot.trouble = [trouble]
    assert await world.step()
    assert await world.found() == [(state, reason)]
    assert await world.step(NOW + POLICY.patience) is (state == "waiting")


async def test_who_asks_again_before_the_answer_gets_one_for_both(world: World) -> None:
    await world.asks()
    await world.asks()
    await world.asks("status")
    await world.asks(conversation="-5")
    await world.asks(who=Party("502"))
    while await world.step():
        pass
    heard = [(one.command, one.address, one.conversation) for one in world.bot.said]
    assert heard == [
        *(("start", "501", "501"), ("status", "501", "501")),
        *(("start", "501", "-5"), ("start", "502", "502")),
    ]
    await world.asks()
    assert await world.step()
    assert len(world.bot.said) == 5


async def test_who_asks_again_while_it_fails_gets_one_too(world: World) -> None:
    await world.asks()
    claim = await world.db.write(partial(commands.claim, channel=TELEGRAM, lease=LEASE, now=NOW))
    assert claim
    await world.asks()

    async def postpone(tx: Any) -> bool:
        return await commands.postpone(tx, claim, "down", NOW, now=NOW)

    assert await world.db.write(postpone)
    assert await world.found() == [("failed", "asked again meanwhile"), ("waiting", None)]


async def test_whoever_lost_the_lease_has_no_say(world: World) -> None:
    await world.asks()
    take = partial(commands.claim, channel=TELEGRAM, lease=timedelta(0), now=NOW)
    lost, held = await world.db.write(take), await world.db.write(take)
    assert lost
    assert held
    assert (held.attempts, held.asked) == (2, lost.asked)
    for settle in (
        partial(commands.answered, claim_=lost, now=NOW),
        partial(commands.fail, claim_=lost, reason="no", now=NOW),
        partial(commands.postpone, claim_=lost, reason="no", due_at=NOW, now=NOW),
    ):
        assert not await world.db.write(settle)
    assert await world.db.write(partial(commands.answered, claim_=held, now=NOW))


async def test_a_death_over_it_leaves_it_to_the_next(world: World) -> None:
    await world.asks()
    world.bot.trouble = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await world.step()
    assert not await world.step()
    await world.db.write(commands.abandon_leases)
    assert await world.step()
    assert len(world.bot.said) == 1
