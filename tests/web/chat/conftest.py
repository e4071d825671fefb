"""A desk with a chat, a visitor of it, and a shop on whose pages it is."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from storage.sqlite import Sqlite
from tests.fakes import MemoryInlet
from tests.inquiries import NOW
from tests.web.chat.house import Browser, House, house
from tests.web.chat.shop import Shop, a_shop


@pytest.fixture
async def shop(sqlite: Sqlite) -> AsyncIterator[Shop]:
    async with a_shop(sqlite) as opened:
        yield opened


@pytest.fixture
def inlet() -> MemoryInlet:
    return MemoryInlet()


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
async def desk(sqlite: Sqlite, inlet: MemoryInlet, clock: list[datetime]) -> AsyncIterator[House]:
    async with house(sqlite, inlet, clock=clock) as served:
        yield served


@pytest.fixture
async def jan(desk: House) -> Browser:
    browser = desk.visitor()
    assert (await browser.enter(language="pl")).status == 200
    return browser
