"""Is one browser one visitor, whichever of its windows writes first, and however often it asks?"""

import asyncio
import re
from dataclasses import replace

import pytest
from playwright.async_api import Route

from inquiry.journey import ChannelName
from storage import chats
from storage.sqlite import Sqlite
from tests.inquiries import NOW
from tests.web.chat.house import House
from tests.web.chat.shop import Shop, opened
from tests.web.chat.test_sending import hurry

MADE = "0123456789abcdef0123456789abcdef"
SESSION = re.compile("/session$")


async def test_windows_that_begin_at_once_are_one_visitor(desk: House) -> None:
    windows = [replace(desk.visitor(), pass_=MADE) for _ in range(8)]
    answers = await asyncio.gather(*(window.enter() for window in windows))
    assert [answer.status for answer in answers] == [200] * 8
    assert {window.pass_ for window in windows} == {MADE}
    assert len({await window.key() for window in windows}) == 1


async def test_who_asks_again_has_begun_once(desk: House) -> None:
    """The answer to the first call got lost: it is the same conversation, and counted as one."""
    for _ in range(10):
        assert (await replace(desk.visitor(), pass_=MADE).enter()).status == 200
    others = [(await desk.visitor().enter()).status for _ in range(4)]
    assert others == [200, 200, 200, 429]


@pytest.mark.parametrize("word", ["", "a", "0" * 31, "G" * 32, MADE.upper(), f"{MADE}\n", "é" * 32])
async def test_a_word_that_could_be_guessed_is_not_taken(desk: House, word: str) -> None:
    one, other = (replace(desk.visitor(), pass_=word) for _ in range(2))
    assert (await one.enter()).status == (await other.enter()).status == 200
    assert len({word, one.pass_, other.pass_}) == 3
    assert await one.key() != await other.key()


async def test_a_word_of_another_chat_s_guest_opens_nothing_here(
    desk: House, sqlite: Sqlite
) -> None:
    there = await sqlite.write(
        lambda tx: chats.add_visitor(
            tx, channel=ChannelName("other"), key="visitor-there", secret=MADE, now=NOW
        )
    )
    here = replace(desk.visitor(), pass_=MADE)
    assert (await here.enter()).status == 200
    assert here.pass_ != MADE
    assert await here.key() != there.key


@pytest.mark.server
async def test_what_two_windows_wrote_while_the_desk_was_away_comes_once(shop: Shop) -> None:
    async def away(route: Route) -> None:
        await route.abort()

    async def slow(route: Route) -> None:
        await asyncio.sleep(0.5)  # both ask before either is answered
        await route.continue_()

    context = await shop.window()
    await context.route(SESSION, away)
    one = await shop.visit(context=context)
    await opened(one)
    await hurry(one, "from one")
    other = await shop.visit(context=context)
    await opened(other)  # it sends what waits in the first one, too
    await hurry(other, "from the other")
    await other.locator(".trouble", has_text="No connection.").wait_for()
    await context.unroute(SESSION)
    await context.route(SESSION, slow)
    for page in (one, other):
        await page.evaluate("dispatchEvent(new Event('online'))")
    for page in (one, other):
        for text in ("from one", "from the other"):
            await page.locator("li.mine:not(.waiting)", has_text=text).wait_for(timeout=60_000)
    assert len(shop.inlet.arrivals) == 2
    assert len({arrival.source for arrival in shop.inlet.arrivals}) == 1
