"""Every channel misbehaves a little, on command and by chance."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import TypeVar

from aiohttp import web

from tests.servers import telegram as bot
from tests.servers.http_troubles import cut_after, cut_before, page, slow
from tests.servers.sink import Act, Reply
from tests.servers.slack import troubles as slack_troubles
from tests.storm.by_chat import ByChat
from tests.storm.customers import Customer
from tests.storm.world import World

BETWEEN = (0.1, 0.9)
"""Seconds between two troubles."""
SHORT = 0.3
T = TypeVar("T")
SENDING_BY_TELEGRAM = (
    bot.too_many(1),
    page(502),
    cut_before,
    cut_after,
)
POLLING = (
    page(502),
    cut_before,
    cut_after,
    bot.too_many(1),
)
POSTING_TO_SLACK = (
    slack_troubles.too_many("1"),
    page(503),
    cut_before,
    cut_after,
    slow(0.5),
)
AT_MAIL: Sequence[tuple[str, Reply]] = (
    ("END", Act.RESET),
    ("END", Act.CLOSE),
    ("END", "451 4.3.0 Later"),
    ("RCPT", "450 4.2.0 Later"),
    ("MAIL", "421 4.3.2 Going down"),
    ("BANNER", Act.CLOSE),
)


async def blow(world: World, customers: Sequence[Customer], chance: Random) -> None:
    """Make one trouble after the other, until cancelled."""
    troubles: Sequence[Callable[[], Awaitable[None]]] = (
        lambda: _mail(world, chance),
        lambda: _mailbox(world),
        lambda: _telegram(world, chance),
        lambda: _slack(world, chance),
        lambda: _other_system(world, chance),
        lambda: _windows(customers, chance),
        lambda: _careless(customers, chance),
    )
    try:
        while True:
            await chance.choice(troubles)()
            await asyncio.sleep(chance.uniform(*BETWEEN))
    finally:
        calm(world)


def calm(world: World) -> None:
    """Let everything behave again."""
    world.sink.plan.clear()
    world.telegram.behave()
    for fake in world.slacks.values():
        fake.behave()
    world.other.behaviour = world.take_answer


async def _mail(world: World, chance: Random) -> None:
    step, reply = chance.choice(AT_MAIL)
    world.sink.plan[step] = reply
    await asyncio.sleep(SHORT)
    world.sink.plan.clear()


async def _mailbox(world: World) -> None:
    async with world.undisturbed:
        await asyncio.to_thread(world.mailboxes.kick)


async def _telegram(world: World, chance: Random) -> None:
    world.telegram.behave()  # what nobody has met by now: troubles don't wait in a row
    if chance.random() < 0.5:
        world.telegram.next_time("sendMessage", chance.choice(SENDING_BY_TELEGRAM))
    elif chance.random() < 0.7:
        world.telegram.next_time("getUpdates", chance.choice(POLLING))
    else:
        world.telegram.next_time("file", page(502))


async def _slack(world: World, chance: Random) -> None:
    fake = chance.choice(list(world.slacks.values()))
    fake.behave()
    match chance.randrange(4):
        case 0:
            fake.cut()
        case 1:
            for event in fake.events[-10:]:
                event.confirmed = False  # its confirmation got lost
        case _:
            fake.next_time("chat.postMessage", chance.choice(POSTING_TO_SLACK))


async def _other_system(world: World, chance: Random) -> None:
    """It is busy for a moment, or takes an answer and does not say so; or posts events again."""
    if chance.random() < 0.3:
        world.other.offered.extend(world.other.confirmed[-3:])
        return
    kind = chance.choice(("busy", "slow down", "silent"))

    async def odd(request: web.Request) -> web.StreamResponse:
        if kind == "silent":
            await world.take_answer(request)
            if request.transport is not None:
                request.transport.abort()
        else:
            await request.read()
        headers = {"Retry-After": "1"} if kind == "slow down" else {}
        return web.Response(status=503 if kind == "busy" else 429, headers=headers)

    world.other.behaviour = odd
    await asyncio.sleep(SHORT)
    world.other.behaviour = world.take_answer


async def _windows(customers: Sequence[Customer], chance: Random) -> None:
    """A visitor loses the line, or loads the page anew."""
    visitors = [one for one in customers if isinstance(one, ByChat) and one.window]
    for visitor in chance.sample(visitors, min(1, len(visitors))):
        assert visitor.window
        if chance.random() < 0.5:
            visitor.window.hang_up()
        elif not visitor.sending:
            await visitor.reload()


async def _careless(customers: Sequence[Customer], chance: Random) -> None:
    """Somebody will not hear that a message was taken, and send it again."""
    chance.choice(customers).careless = True
