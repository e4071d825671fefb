"""Does every arrival move on only in the hands of whoever holds its lease?"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import pytest

from inquiry.errors import NotFound
from inquiry.journey import MAIL, ArrivalId, ChannelName
from inquiry.understood import Attachment
from inquiry.words import ArrivalState
from storage import arrivals, originals, quarantine
from storage.arrivals import DEATHS, TOO_OFTEN, Claimed
from storage.database import Database, Transaction
from storage.intake import Intake
from tests.rows import rows
from tests.storage.arrivals import MONDAY, an_arrival

LEASE = timedelta(minutes=1)
OVER = timedelta(0)
"""A lease that has run out as soon as it is given."""
CHAT = "application/vnd.deskbridge.webchat+json"
WAITING = ArrivalState.WAITING
UNDERSTOOD = ArrivalState.UNDERSTOOD


async def keep(db: Database, *names: str) -> list[ArrivalId]:
    return await Intake(db).accept_all([an_arrival(remote_id=name) for name in names])


async def claim(
    db: Database,
    state: ArrivalState = WAITING,
    *,
    limit: int = 50,
    lease: timedelta = LEASE,
) -> list[Claimed]:
    return await db.write(partial(arrivals.claim, state=state, limit=limit, lease=lease))


async def understand(db: Database, claimed: Claimed) -> bool:
    return await db.write(
        partial(arrivals.understood, claimed=claimed, text='{"is": "call"}', normalizer="7")
    )


async def state_of(db: Database, arrival: ArrivalId) -> ArrivalState:
    return (await db.read(partial(arrivals.find, id_=arrival))).state


async def test_an_arrival_goes_from_waiting_to_done(database: Database) -> None:
    (arrival,) = await keep(database, "1")
    (first,) = await claim(database)
    assert (first.id, first.attempts, first.understood) == (arrival, 1, None)
    assert await understand(database, first)
    (second,) = await claim(database, UNDERSTOOD)
    assert (second.attempts, second.understood, second.normalizer) == (1, '{"is": "call"}', "7")
    assert second.lease > first.lease
    assert await database.write(partial(arrivals.done, claimed=second, now=MONDAY))
    found = await database.read(partial(arrivals.find, id_=arrival))
    assert (found.state, found.settled_at) == (ArrivalState.DONE, MONDAY)
    assert await claim(database) + await claim(database, UNDERSTOOD) == []


async def test_the_longest_due_are_claimed_first_and_each_once(database: Database) -> None:
    ids = await keep(database, "1", "2", "3")
    assert [one.id for one in await claim(database, limit=2)] == ids[:2]
    assert [one.id for one in await claim(database)] == ids[2:]
    assert await claim(database) == []


async def test_claims_at_the_same_time_share_nothing(database: Database) -> None:
    ids = await keep(database, *map(str, range(40)))
    claims = await asyncio.gather(*(claim(database, limit=10) for _ in range(4)))
    assert sorted(one.id for claimed in claims for one in claimed) == ids


async def dies(db: Database) -> None:
    """Whoever held arrivals is dead, and somebody knows it."""
    await db.write(arrivals.abandon_leases)


async def done(db: Database, claimed: Claimed) -> None:
    assert await db.write(partial(arrivals.done, claimed=claimed, now=MONDAY))


async def test_what_was_in_hand_when_somebody_died_comes_alone(database: Database) -> None:
    ids = await keep(database, "1", "2", "3")
    assert [one.id for one in await claim(database, limit=2)] == ids[:2]
    await dies(database)
    for expected in ids:
        (one,) = await claim(database)
        assert one.id == expected
        assert await claim(database) == []
        await done(database, one)


async def test_others_wait_for_one_that_is_tried_alone_only_a_moment(database: Database) -> None:
    ids = await keep(database, "1", "2")
    await claim(database, limit=1)
    await dies(database)
    assert [one.id for one in await claim(database)] == ids[:1]
    assert await claim(database) == []
    await rows(database, "UPDATE arrivals SET leased_until = leased_until - 2000000")
    assert [one.id for one in await claim(database)] == ids[1:]


async def test_one_is_not_tried_alone_while_others_are_in_hand(database: Database) -> None:
    first, second = await keep(database, "1", "2")
    await claim(database, limit=1)
    await dies(database)
    await rows(database, f"UPDATE arrivals SET attempts = 0 WHERE id = {first}")
    (fresh,) = await claim(database, limit=1)
    await rows(database, f"UPDATE arrivals SET attempts = 1 WHERE id = {second}")
    assert await claim(database) == []
    await done(database, fresh)
    assert [one.id for one in await claim(database)] == [second]


async def test_a_death_counts_for_what_was_tried_alone(database: Database) -> None:
    await keep(database, "1")
    found = []
    for _ in range(DEATHS + 2):
        (one,) = await claim(database)
        found.append((one.deaths, one.blamed))
        await dies(database)
    assert found == [
        *((0, ""), (0, ""), (1, ""), (2, ""), (3, ""), (4, "")),
        (DEATHS, "5 processes died over it"),
    ]


async def test_a_death_with_others_in_hand_counts_for_nobody(database: Database) -> None:
    await keep(database, "1", "2")
    for _ in range(DEATHS + 2):
        for _ in range(2):
            await claim(database)
            await rows(database, "UPDATE arrivals SET leased_until = leased_until - 2000000")
        await dies(database)
    assert [row["deaths"] for row in await rows(database, "SELECT deaths FROM arrivals")] == [0, 0]


async def test_who_has_been_alone_at_deaths_comes_last(database: Database) -> None:
    ids = await keep(database, "1", "2")
    await claim(database)
    for _ in range(2):
        await dies(database)
        assert [one.id for one in await claim(database)] == ids[:1]
    await dies(database)
    assert [one.id for one in await claim(database)] == ids[1:]


async def test_a_lease_that_ran_out_counts_as_a_death(database: Database) -> None:
    await keep(database, "1")
    found = [(await claim(database, lease=OVER))[0].deaths for _ in range(4)]
    assert found == [0, 0, 1, 2]


async def test_what_is_in_hand_at_death_after_death_ends_in_quarantine(database: Database) -> None:
    await keep(database, "1")
    await rows(database, f"UPDATE arrivals SET attempts = {TOO_OFTEN}")
    (one,) = await claim(database)
    assert one.blamed == "it was in hand 10 times when processes died"


async def test_a_step_forward_forgets_the_deaths(database: Database) -> None:
    await keep(database, "1")
    await rows(database, "UPDATE arrivals SET attempts = 2, deaths = 2")
    (one,) = await claim(database)
    assert await understand(database, one)
    (again,) = await claim(database, UNDERSTOOD)
    assert (again.attempts, again.deaths) == (1, 0)


async def test_a_hundred_deaths_at_random_blame_nobody(database: Database) -> None:
    chance = Random(3)
    for number in range(100):
        await keep(database, f"{number} a", f"{number} b")
        while chance.random() < 0.7 and (claimed := await claim(database, limit=3)):
            assert not any(one.blamed for one in claimed)
            if chance.random() < 0.1:
                break
            for one in claimed:
                await done(database, one)
        await dies(database)
    while claimed := await claim(database):
        for one in claimed:
            assert not one.blamed
            await done(database, one)
    assert await database.read(arrivals.counts) == {ArrivalState.QUARANTINED: 0}


async def test_the_later_waits_for_the_earlier_of_its_channel(database: Database) -> None:
    kept = [an_arrival(remote_id=str(number), media_type=CHAT) for number in range(3)]
    kept[2] = replace(kept[2], channel=ChannelName("another"))
    first, second, other = await Intake(database).accept_all(kept)
    one, two, three = await claim(database)
    await understand(database, three)
    await understand(database, two)
    assert [each.id for each in await claim(database, UNDERSTOOD)] == [other]
    await understand(database, one)
    assert [each.id for each in await claim(database, UNDERSTOOD)] == [first, second]


async def test_the_later_waits_also_when_the_earlier_was_in_hand_at_a_death(
    database: Database,
) -> None:
    kept = [an_arrival(remote_id=str(number), media_type=CHAT) for number in range(2)]
    first, second = await Intake(database).accept_all(kept)
    _, two = await claim(database)
    await understand(database, two)
    await dies(database)
    assert await claim(database, UNDERSTOOD) == []
    (one,) = await claim(database)
    await understand(database, one)
    assert [each.id for each in await claim(database, UNDERSTOOD)] == [first, second]


@pytest.mark.parametrize(("media_type", "seconds"), [(CHAT, 3), (MAIL, 1)])
async def test_the_later_does_not_wait_for_long(
    database: Database, media_type: str, seconds: int
) -> None:
    kept = [an_arrival(remote_id=str(number), media_type=media_type) for number in range(2)]
    _, second = await Intake(database).accept_all(kept)
    _, two = await claim(database)
    await understand(database, two)
    earlier = "UPDATE arrivals SET leased_until = leased_until - {} WHERE state = 'waiting'"
    await rows(database, earlier.format((seconds - 1) * 1_000_000 + 500_000))
    assert await claim(database, UNDERSTOOD) == []
    await rows(database, earlier.format(500_000))
    assert [each.id for each in await claim(database, UNDERSTOOD)] == [second]


async def test_nobody_waits_for_one_that_was_alone_at_two_deaths(database: Database) -> None:
    _, second = await keep(database, "1", "2")
    _, two = await claim(database)
    await understand(database, two)
    await dies(database)
    await rows(database, "UPDATE arrivals SET deaths = 2 WHERE state = 'waiting'")
    assert [each.id for each in await claim(database, UNDERSTOOD)] == [second]


Step = Callable[[Transaction, Claimed], Awaitable[bool]]


async def _understood(tx: Transaction, claimed: Claimed) -> bool:
    return await arrivals.understood(tx, claimed, "{}", "7")


async def _done(tx: Transaction, claimed: Claimed) -> bool:
    return await arrivals.done(tx, claimed, now=MONDAY)


async def _quarantine(tx: Transaction, claimed: Claimed) -> bool:
    return await arrivals.quarantine(tx, claimed, "too strange", now=MONDAY)


async def _postpone(tx: Transaction, claimed: Claimed) -> bool:
    return await arrivals.postpone(tx, claimed, "not now", MONDAY)


@pytest.mark.parametrize("step", [_understood, _done, _quarantine, _postpone, arrivals.give_back])
async def test_whoever_lost_the_lease_has_no_say(database: Database, step: Step) -> None:
    (arrival,) = await keep(database, "1")
    (slow,) = await claim(database, lease=OVER)
    (quick,) = await claim(database)
    assert not await database.write(lambda tx: step(tx, slow))
    assert await state_of(database, arrival) is WAITING
    assert await database.write(lambda tx: step(tx, quick))
    assert not await database.write(lambda tx: step(tx, quick))


async def test_what_is_put_off_comes_again_when_it_is_due(database: Database) -> None:
    await keep(database, "1")
    (claimed,) = await claim(database)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await database.write(lambda tx: arrivals.postpone(tx, claimed, "not now", tomorrow))
    assert await claim(database) == []
    await rows(database, "UPDATE arrivals SET due_at = 0")
    (again,) = await claim(database)
    assert again.attempts == 2


async def test_what_is_given_back_counts_no_attempt(database: Database) -> None:
    await keep(database, "1")
    (claimed,) = await claim(database)
    assert await database.write(partial(arrivals.give_back, claimed=claimed))
    (again,) = await claim(database)
    assert again.attempts == 1


async def test_counts_say_what_is_on_its_way(database: Database) -> None:
    await keep(database, "1", "2", "3")
    assert await database.read(arrivals.oldest_waiting_since) == MONDAY
    one, two, three = await claim(database)
    await understand(database, one)
    await database.write(lambda tx: _quarantine(tx, two))
    await database.write(lambda tx: _done(tx, three))
    assert await database.read(arrivals.counts) == {
        ArrivalState.UNDERSTOOD: 1,
        ArrivalState.QUARANTINED: 1,
    }
    await rows(database, "UPDATE arrivals SET state = 'done'")
    assert await database.read(arrivals.oldest_waiting_since) is None


async def test_an_arrival_that_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound, match=r"^there is no arrival 4711$"):
        await database.read(partial(arrivals.find, id_=ArrivalId(4711)))


async def test_an_attachment_is_kept_by_its_bytes(database: Database) -> None:
    (arrival,) = await keep(database, "1")
    plan = Attachment(
        filename="plan.pdf", content_type="application/pdf", size=4, sha256="", content=b"%PDF"
    )
    await database.write(partial(arrivals.add_attachment, id_=arrival, attachment=plan))
    (row,) = await rows(database, "SELECT filename, size, blocked, original FROM attachments")
    assert (row["filename"], row["size"], row["blocked"]) == ("plan.pdf", 4, 0)
    content = await database.read(partial(originals.read, hash_=bytes(row["original"])))
    assert content == b"%PDF"


async def aside(db: Database, *names: str, understood: bool = False) -> list[ArrivalId]:
    """Keep arrivals that end in quarantine."""
    ids = await keep(db, *names)
    for one in await claim(db):
        if understood:
            await understand(db, one)
            (one,) = await claim(db, UNDERSTOOD)  # noqa: PLW2901 - one at a time
        await db.write(partial(_quarantine, claimed=one))
    return ids


async def test_quarantine_is_shown_in_pages_the_newest_first(database: Database) -> None:
    ids = await aside(database, "1", "2", "3")
    page = await database.read(partial(quarantine.listed, limit=2))
    assert [one.id for one in page] == [ids[2], ids[1]]
    assert {one.reason for one in page} == {"too strange"}
    rest = await database.read(partial(quarantine.listed, limit=2, before=page[-1].id))
    assert [one.id for one in rest] == ids[:1]
    assert rest[0].size == len(an_arrival().raw)  # type: ignore[arg-type]  # bytes, here


async def test_a_retry_begins_with_understanding(database: Database) -> None:
    (arrival,) = await aside(database, "1", understood=True)
    assert await database.write(partial(quarantine.retry, id_=arrival))
    (claimed,) = await claim(database)
    assert (claimed.attempts, claimed.understood, claimed.released) == (1, None, False)
    assert not await database.write(partial(quarantine.retry, id_=arrival))


@pytest.mark.parametrize(
    ("understood", "state"),
    [
        pytest.param(True, UNDERSTOOD, id="understood before, it is due to be routed"),
        pytest.param(False, WAITING, id="never understood, it has to be first"),
    ],
)
async def test_a_release_is_remembered(
    database: Database, understood: bool, state: ArrivalState
) -> None:
    (arrival,) = await aside(database, "1", understood=understood)
    assert await database.write(partial(quarantine.release, id_=arrival))
    (claimed,) = await claim(database, state)
    assert claimed.released
    assert claimed.attempts == 1
    assert not await database.write(partial(quarantine.release, id_=arrival))
