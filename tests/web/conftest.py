"""A desk of its own for each test of the pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.sqlite import Sqlite
from tests.web.site import Site, served


@pytest.fixture
async def site(sqlite: Sqlite, tmp_path: Path) -> AsyncIterator[Site]:
    """A desk with four specialists, and nobody signed in."""
    async with served(sqlite, tmp_path) as made:
        yield made


@pytest.fixture
async def kasia(site: Site) -> Site:
    """The same, with Kasia signed in."""
    await site.sign_in("kasia")
    return site


@pytest.fixture
async def ivar(site: Site) -> Site:
    """The same, with Ivar signed in, who leads."""
    await site.sign_in("ivar")
    return site
