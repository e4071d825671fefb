"""Do passwords, sessions, links and the throttle keep out whom they should?"""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from inquiry.journey import SpecialistName
from storage import credentials
from storage.credentials import FAILURES, FAILURES_FROM, LINK, SESSION, THROTTLE
from storage.database import Database, Transaction
from tests.inquiries import KASIA, NOW, OLA
from tests.rows import rows

RIGHT = "correct horse battery"


@pytest.mark.parametrize(
    ("name", "password", "right"),
    [
        pytest.param(KASIA, RIGHT, True, id="the right one"),
        pytest.param(KASIA, RIGHT.upper(), False, id="the wrong one"),
        pytest.param(KASIA, "", False, id="none"),
        pytest.param(OLA, RIGHT, False, id="somebody without a password"),
        pytest.param(SpecialistName("'--"), RIGHT, False, id="nobody"),
    ],
)
async def test_a_password_opens_for_one(
    database: Database, name: SpecialistName, password: str, right: bool
) -> None:
    await credentials.set_password(database, KASIA, RIGHT, now=NOW)
    assert await credentials.holds_password(database, name, password, now=NOW) is right
    assert await database.read(credentials.with_password) == [KASIA]


async def test_a_new_password_ends_the_old_one_and_its_sessions(database: Database) -> None:
    await credentials.set_password(database, KASIA, RIGHT, now=NOW)
    token = await database.write(lambda tx: credentials.open_session(tx, KASIA, now=NOW))
    await credentials.set_password(database, KASIA, RIGHT + "!", now=NOW)
    assert not await credentials.holds_password(database, KASIA, RIGHT, now=NOW)
    assert await database.read(lambda tx: credentials.session_of(tx, token, now=NOW)) is None


async def test_a_short_password_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match=r"^a password has at least 10 characters$"):
        await credentials.set_password(database, KASIA, "short", now=NOW)


async def test_an_old_hash_is_made_anew_at_sign_in(database: Database) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=64).hash(RIGHT)
    await database.write(
        lambda tx: tx.run("credentials.set_password", specialist=KASIA, password=old, now=NOW)
    )
    assert await credentials.holds_password(database, KASIA, RIGHT, now=NOW)
    (row,) = await rows(database, "SELECT password FROM credentials")
    assert row["password"] != old
    assert await credentials.holds_password(database, KASIA, RIGHT, now=NOW)


async def test_a_session_lasts_a_working_day_or_until_it_is_closed(database: Database) -> None:
    async def open_both(tx: Transaction) -> list[str]:
        return [await credentials.open_session(tx, KASIA, now=NOW) for _ in "ab"]

    kept, closed = await database.write(open_both)
    await database.write(lambda tx: credentials.close_session(tx, closed))
    last = NOW + SESSION - timedelta(seconds=1)
    assert await database.read(lambda tx: credentials.session_of(tx, kept, now=last)) == KASIA
    assert await database.read(lambda tx: credentials.session_of(tx, closed, now=last)) is None
    end = NOW + SESSION
    assert await database.read(lambda tx: credentials.session_of(tx, kept, now=end)) is None
    await database.write(lambda tx: credentials.open_session(tx, OLA, now=end))
    assert len(await rows(database, "SELECT * FROM sessions")) == 1


async def test_no_token_stands_in_the_database(database: Database) -> None:
    token = await database.write(lambda tx: credentials.open_session(tx, KASIA, now=NOW))
    link = await database.write(lambda tx: credentials.new_link(tx, KASIA, now=NOW))
    kept = await rows(database, "SELECT token FROM sessions UNION SELECT token FROM sign_in_links")
    assert all(len(bytes(row["token"])) == 32 for row in kept)
    assert not {token.encode(), link.encode()} & {bytes(row["token"]) for row in kept}


async def test_a_link_signs_in_once(database: Database) -> None:
    token = await database.write(lambda tx: credentials.new_link(tx, KASIA, now=NOW))
    for _ in range(2):  # to look at it uses nothing up
        assert await database.read(lambda tx: credentials.link_of(tx, token, now=NOW)) == KASIA
    assert await database.write(lambda tx: credentials.use_link(tx, token, now=NOW)) == KASIA
    assert await database.write(lambda tx: credentials.use_link(tx, token, now=NOW)) is None


async def test_a_link_grows_old(database: Database) -> None:
    token = await database.write(lambda tx: credentials.new_link(tx, KASIA, now=NOW))
    late = NOW + LINK
    assert await database.write(lambda tx: credentials.use_link(tx, token, now=late)) is None
    await database.write(lambda tx: credentials.new_link(tx, OLA, now=late))
    assert len(await rows(database, "SELECT * FROM sign_in_links")) == 1


async def test_failures_slow_down_a_name_and_later_an_address(database: Database) -> None:
    here, elsewhere = "192.0.2.7", "198.51.100.1"

    async def throttled(name: str, address: str, after: timedelta = timedelta(0)) -> bool:
        return await database.read(
            lambda tx: credentials.throttled(tx, name, address, now=NOW + after)
        )

    async def fail(name: str, times: int) -> None:
        async def work(tx: Transaction) -> None:
            for _ in range(times):
                await credentials.failed(tx, name, here, now=NOW)

        await database.write(work)

    await fail("kasia", FAILURES - 1)
    assert not await throttled("kasia", here)
    await fail("kasia", 1)
    assert await throttled("kasia", elsewhere)
    assert not await throttled("ola", here)  # everybody behind a proxy has one address
    await fail("nobody", FAILURES_FROM - FAILURES)
    assert await throttled("ola", here)
    assert not await throttled("ola", elsewhere)
    assert not await throttled("kasia", here, after=THROTTLE)
    await database.write(lambda tx: credentials.forgive(tx, "kasia", now=NOW))
    assert not await throttled("kasia", elsewhere)
    assert await throttled("kasia", here)


async def test_old_failures_are_forgotten_when_anybody_signs_in(database: Database) -> None:
    await database.write(lambda tx: credentials.failed(tx, "ola", "192.0.2.7", now=NOW))
    late = NOW + THROTTLE
    await database.write(lambda tx: credentials.forgive(tx, "kasia", now=late))
    assert await rows(database, "SELECT * FROM sign_in_failures") == []
