"""Is what happened since told by number and kind, at a cost that doesn't grow?"""

from specialists.acts import notes
from storage import news
from storage.database import Database
from storage.inquiries.reading import PAGE
from storage.sqlite import Sqlite
from tests.inquiries import KASIA, NOW, Inquiries
from tests.rows import rows


async def test_there_is_nothing_before_the_first_event(database: Database) -> None:
    assert await database.read(news.newest) == 0
    assert await database.read(lambda tx: news.since(tx, 0, limit=9)) == []
    assert await database.read(news.quarantine) == (0, 0)


async def test_events_are_told_by_number_kind_and_inquiry(database: Database) -> None:
    opened = await Inquiries(database).opened()
    before = await database.read(news.newest)
    await notes.note(database, inquiry=opened.id, specialist=KASIA, text="secret", now=NOW)
    *_, one = await database.read(lambda tx: news.since(tx, before, limit=9))
    assert (one.kind, one.reference) == ("noted", opened.reference)
    assert one.event == await database.read(news.newest) > before
    assert await database.read(lambda tx: news.since(tx, one.event, limit=9)) == []


async def test_only_so_many_are_told_the_oldest_first(database: Database) -> None:
    inquiries = Inquiries(database)
    for _ in range(3):
        await inquiries.opened()
    first, second, *_ = await database.read(lambda tx: news.since(tx, 0, limit=PAGE))
    assert await database.read(lambda tx: news.since(tx, 0, limit=2)) == [first, second]


async def test_quarantine_is_known_by_its_two_ends(database: Database) -> None:
    inquiries = Inquiries(database)
    arrivals = [(await inquiries.opened()).arrival for _ in range(3)]
    await rows(database, "UPDATE arrivals SET state = 'quarantined', reason = 'x'")
    assert await database.read(news.quarantine) == (arrivals[0], arrivals[-1])


async def test_no_look_reads_a_whole_table(sqlite: Sqlite) -> None:
    for name in ("news.newest", "news.since", "news.quarantine"):
        text = sqlite._texts[name].replace(":after", "1").replace(":limit", "9")
        plan = [row["detail"] for row in await rows(sqlite, f"EXPLAIN QUERY PLAN {text}")]
        whole = [line for line in plan if line.startswith("SCAN") and "USING" not in line]
        assert [line for line in whole if line not in ("SCAN CONSTANT ROW",)] == [], (name, plan)
