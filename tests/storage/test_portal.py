"""Does a link to a status page prove what it should, as long as it should?"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from inquiry.tokens import KeyRing
from storage import portal
from storage.database import Database
from tests.inquiries import NOW, Inquiries, Opened

RING = KeyRing((b"test key",))
URL = "https://help.nordlys.example/"
VALID = timedelta(days=90)


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


@pytest.fixture
async def opened(inquiries: Inquiries) -> Opened:
    return await inquiries.opened()


async def keep(db: Database, opened: Opened, key: str, valid: timedelta = VALID) -> str:
    await db.write(
        lambda tx: portal.keep(
            tx, key, opened.id, opened.contact_point, expires_at=NOW + valid, now=NOW
        )
    )
    return portal.address(URL, RING, key).rpartition("/")[2]


async def test_a_link_is_its_holder(database: Database, opened: Opened) -> None:
    token = await keep(database, opened, portal.new_key())
    holder = await database.read(lambda tx: portal.find(tx, RING, token, now=NOW))
    assert holder == portal.Holder(
        inquiry=opened.id, contact_point=opened.contact_point, expires_at=NOW + VALID
    )


async def test_a_link_is_short_and_has_no_double_slash() -> None:
    link = portal.address(URL, RING, portal.new_key())
    assert link.startswith("https://help.nordlys.example/s/")
    assert len(link.rpartition("/")[2]) == 53


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"), id="mac"),
        pytest.param(lambda token: token.partition(".")[0], id="no mac"),
        pytest.param(lambda token: f"{portal.new_key()}.{token.partition('.')[2]}", id="other key"),
        pytest.param(lambda token: token.replace("-", ""), id="no hyphens"),
        pytest.param(lambda token: "'; DROP TABLE portal_links; --", id="an attack"),
        pytest.param(lambda token: "", id="nothing"),
        pytest.param(lambda token: "é" * 59, id="no ASCII"),
    ],
)
async def test_a_forged_link_proves_nothing(
    database: Database, opened: Opened, spoil: Callable[[str], str]
) -> None:
    token = await keep(database, opened, portal.new_key())
    assert await database.read(lambda tx: portal.find(tx, RING, spoil(token), now=NOW)) is None


async def test_it_expires(database: Database, opened: Opened) -> None:
    token = await keep(database, opened, portal.new_key())
    assert await database.read(lambda tx: portal.find(tx, RING, token, now=NOW + VALID)) is None


async def test_it_is_used_again_and_lasts_longer(database: Database, opened: Opened) -> None:
    key = portal.new_key()
    await keep(database, opened, key)
    found = await database.read(
        lambda tx: portal.usable(tx, opened.id, opened.contact_point, now=NOW)
    )
    assert found == key
    token = await keep(database, opened, key, 2 * VALID)
    await keep(database, opened, key, VALID)
    holder = await database.read(lambda tx: portal.find(tx, RING, token, now=NOW + VALID))
    assert holder
    assert holder.expires_at == NOW + 2 * VALID


async def test_it_can_be_taken_back(database: Database, opened: Opened) -> None:
    token = await keep(database, opened, portal.new_key())
    await database.write(lambda tx: portal.revoke(tx, opened.id, now=NOW))
    assert await database.read(lambda tx: portal.find(tx, RING, token, now=NOW)) is None
    assert (
        await database.read(lambda tx: portal.usable(tx, opened.id, opened.contact_point, now=NOW))
        is None
    )


async def test_it_outlives_a_rotation_of_keys(database: Database, opened: Opened) -> None:
    token = await keep(database, opened, portal.new_key())
    rotated = KeyRing((b"newer", *RING.keys))
    assert await database.read(lambda tx: portal.find(tx, rotated, token, now=NOW))
