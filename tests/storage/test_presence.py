"""Does the desk know who has an inquiry open, and forget it soon enough?"""

from datetime import datetime, timedelta

import pytest

from inquiry.errors import NotFound
from inquiry.journey import Reference, SpecialistName
from storage import presence
from storage.database import Database
from storage.presence import Doing, Present
from tests.inquiries import KASIA, NOW, OLA, Inquiries

SECOND = timedelta(seconds=1)


async def keep(
    db: Database,
    who: SpecialistName,
    tab: str,
    reference: Reference,
    doing: Doing = Doing.VIEWING,
    now: datetime = NOW,
) -> None:
    await db.write(
        lambda tx: presence.keep(
            tx, specialist=who, tab=tab, reference=reference, doing=doing, now=now
        )
    )


async def there(db: Database, now: datetime = NOW) -> list[Present]:
    return await db.read(lambda tx: presence.present(tx, now))


async def test_somebody_is_there_once_by_what_is_done_most(database: Database) -> None:
    opened = await Inquiries(database).opened()
    await keep(database, KASIA, "1", opened.reference, Doing.WRITING)
    await keep(database, KASIA, "2", opened.reference, Doing.IDLE)
    await keep(database, OLA, "1", opened.reference)
    assert await there(database) == [
        Present(specialist=KASIA, reference=opened.reference, doing=Doing.WRITING),
        Present(specialist=OLA, reference=opened.reference, doing=Doing.VIEWING),
    ]


async def test_a_tab_shows_one_inquiry_at_a_time(database: Database) -> None:
    inquiries = Inquiries(database)
    one, other = await inquiries.opened(), await inquiries.opened()
    await keep(database, KASIA, "1", one.reference)
    await keep(database, KASIA, "1", other.reference)
    assert [present.reference for present in await there(database)] == [other.reference]


async def test_who_leaves_is_gone_at_once_and_takes_nobody_along(database: Database) -> None:
    opened = await Inquiries(database).opened()
    await keep(database, KASIA, "1", opened.reference)
    await keep(database, OLA, "1", opened.reference)
    await database.write(lambda tx: presence.leave(tx, specialist=KASIA, tab="1"))
    assert [present.specialist for present in await there(database)] == [OLA]


async def test_who_is_not_heard_of_any_more_is_gone_after_a_while(database: Database) -> None:
    opened = await Inquiries(database).opened()
    await keep(database, KASIA, "1", opened.reference)
    assert await there(database, NOW + presence.LASTS - SECOND)
    assert not await there(database, NOW + presence.LASTS)
    await keep(database, OLA, "1", opened.reference, now=NOW + presence.LASTS)
    rows = await Inquiries(database).rows("(SELECT 1 AS id, specialist FROM presence) AS p")
    assert [row["specialist"] for row in rows] == [OLA]


async def test_nobody_is_at_an_inquiry_that_is_not_there(database: Database) -> None:
    with pytest.raises(NotFound):
        await keep(database, KASIA, "1", Reference("NL-2026-99999"))


async def test_the_tabs_of_one_specialist_are_bounded(database: Database) -> None:
    opened = await Inquiries(database).opened()
    for number in range(presence.MOST + 5):
        await keep(database, KASIA, str(number), opened.reference)
    await keep(database, KASIA, "0", opened.reference, Doing.WRITING)
    rows = await Inquiries(database).rows("(SELECT 1 AS id, tab FROM presence) AS p")
    assert len(rows) == presence.MOST
    assert [one.doing for one in await there(database)] == [Doing.WRITING]
