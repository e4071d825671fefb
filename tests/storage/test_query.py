"""Does the search language find what it says, and refuse what it doesn't know?"""

from datetime import timedelta

import pytest

from inquiry.journey import ChannelName
from inquiry.understood import Party
from inquiry.words import Priority, State
from specialists.acts import marks, progress
from storage.database import Database
from storage.inquiries import reading
from storage.inquiries.query import MOST, SORT, QueryError, parse
from storage.queries import queries, with_blanks
from storage.sqlite import Sqlite
from tests.inquiries import (
    INVOICES,
    KASIA,
    NOW,
    OLA,
    TELEGRAM,
    Inquiries,
    a_message,
)
from tests.rows import rows

ANNA = Party("anna@klient.example", "Анна Петрова")


@pytest.fixture
async def stocked(database: Database) -> Database:
    """Three inquiries: a printer (Kasia's), an invoice (nobody's), a solved one by Telegram."""
    inquiries = Inquiries(database)
    printer = await inquiries.opened(a_message(), assign_to=KASIA)
    invoice = await inquiries.opened(
        a_message(
            sender=ANNA,
            subject="Не приходит счёт",
            new_text="100% пусто",
            text="100% пусто",
            language="ru",
            message_id="<2@klient.example>",
        ),
        queue=INVOICES,
        now=NOW + timedelta(minutes=1),
    )
    solved = await inquiries.opened(
        a_message(
            sender=Party("4711", "Liis"), subject="", new_text="Tere", text="Tere", language="et"
        ),
        channel=ChannelName(TELEGRAM),
        contact="telegram",
        now=NOW + timedelta(minutes=2),
    )
    at = [NOW + timedelta(minutes=minute) for minute in (3, 4, 5)]
    await marks.tag(database, inquiry=printer.id, specialist=OLA, tags=["vip", "a_b"], now=at[0])
    await marks.prioritise(
        database, inquiry=invoice.id, specialist=OLA, priority=Priority.URGENT, now=at[1]
    )
    await progress.set_state(
        database, inquiry=solved.id, specialist=OLA, to=State.RESOLVED, now=at[2]
    )
    return database


async def found(db: Database, text: str) -> list[str]:
    """Return the last digit of every reference that a query finds."""
    listed = await db.read(lambda tx: reading.listed(tx, parse(text), KASIA))
    return [one.reference[-1] for one in listed]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        pytest.param("", {"1", "2", "3"}, id="nothing asked finds all"),
        pytest.param("is:open", {"1", "2"}, id="open is what is to be done"),
        pytest.param("is:resolved", {"3"}, id="a state by its word"),
        pytest.param("is:done", {"3"}, id="what is done"),
        pytest.param("is:unassigned", {"2"}, id="nobody's, still to be done"),
        pytest.param("is:assigned", {"1"}, id="somebody's"),
        pytest.param("is:new", {"1", "2"}, id="new"),
        pytest.param("is:waiting", set(), id="nothing waits"),
        pytest.param("is:unanswered", {"1", "2"}, id="customers who wait for words"),
        pytest.param("queue:invoices", {"2"}, id="by queue"),
        pytest.param("assignee:me", {"1"}, id="mine"),
        pytest.param("assignee:kasia", {"1"}, id="by assignee"),
        pytest.param("assignee:none is:open", {"2"}, id="two words are both true"),
        pytest.param("from:klient.example", {"2"}, id="by domain"),
        pytest.param("from:LIIS", {"3"}, id="by name, whatever its case"),
        pytest.param("channel:telegram", {"3"}, id="by channel"),
        pytest.param("lang:pl", {"1"}, id="by language"),
        pytest.param("tag:vip", {"1"}, id="by tag"),
        pytest.param("tag:vi", set(), id="half a tag is none"),
        pytest.param("tag:a_b", {"1"}, id="an underscore is itself"),
        pytest.param("tag:aab", set(), id="and stands for nothing else"),
        pytest.param("priority:urgent", {"2"}, id="by priority"),
        pytest.param("priority:>=high", {"2"}, id="by priority at least"),
        pytest.param("number:2", {"2"}, id="by the end of the number"),
        pytest.param("number:NL-2026-00003", {"3"}, id="by the whole number"),
        pytest.param("dziala", {"1"}, id="words without their accents"),
        pytest.param("СЧЕТ", {"2"}, id="words without their case, ё is е"),
        pytest.param('"100% пусто"', {"2"}, id="exact words, a percent sign is itself"),
        pytest.param('"пусто 100"', set(), id="in this order only"),
        pytest.param("-lang:pl", {"2", "3"}, id="not"),
        pytest.param("-dziala -is:resolved", {"2"}, id="neither"),
        pytest.param("-assignee:kasia", {"2", "3"}, id="nobody is not Kasia"),
        pytest.param("category:printer", set(), id="by category"),
    ],
)
async def test_a_query_finds(stocked: Database, text: str, numbers: set[str]) -> None:
    assert set(await found(stocked, text)) == numbers
    query = parse(text)
    assert await stocked.read(lambda tx: reading.counted(tx, query, KASIA)) == len(numbers)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        pytest.param("", "321", id="lately touched first"),
        pytest.param("sort:created", "321", id="lately opened first"),
        pytest.param("sort:oldest", "123", id="longest untouched first"),
        pytest.param("sort:priority", "231", id="the pressing first"),
    ],
)
async def test_a_list_is_in_order_also_over_pages(stocked: Database, text: str, order: str) -> None:
    query = parse(text)
    paged, before = "", None
    while page := await stocked.read(
        lambda tx: reading.listed(tx, query, None, limit=1, before=before)  # noqa: B023
    ):
        paged += page[0].reference[-1]
        before = (page[0].position, page[0].id)
    assert paged == order == "".join(await found(stocked, text))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            "quue:x", "there is no operator quue: did you mean queue:?", id="nearly an operator"
        ),
        pytest.param("is:opn", "is: has no word opn: did you mean open?", id="nearly a word"),
        pytest.param(
            "priority:5",
            "priority: has no word 5: there are low, normal, high, urgent",
            id="no word at all",
        ),
        pytest.param(
            "sort:name",
            "sort: has no word name: there are updated, created, oldest, priority",
            id="no such order",
        ),
        pytest.param("a " * (MOST + 1), "a query has at most 20 words", id="too many words"),
    ],
)
def test_what_means_nothing_is_said(text: str, sentence: str) -> None:
    with pytest.raises(QueryError) as told:
        parse(text)
    assert str(told.value) == sentence


def test_an_unknown_operator_lists_the_known_ones() -> None:
    with pytest.raises(QueryError, match="there are is:, queue:, assignee:, from:, "):
        parse("xyzzy:1")


@pytest.mark.parametrize("typed", ["'", "'; DROP TABLE inquiries; --", '"', "\\", "%", "_", "{}"])
async def test_what_is_typed_stays_a_value(stocked: Database, typed: str) -> None:
    assert await found(stocked, f"queue:{typed}zq") == []
    assert await found(stocked, f"{typed}zq{typed}") == []
    assert len(await found(stocked, "")) == 3


@pytest.mark.parametrize(
    "text", ["is:open", "assignee:me is:open", "is:unassigned", "queue:invoices is:open", ""]
)
async def test_ordinary_lists_are_read_by_an_index(sqlite: Sqlite, text: str) -> None:
    query = parse(text)
    conditions, values = query.where(KASIA)
    blanks = {"conditions": conditions, "position": SORT[query.sort]}
    sql = with_blanks(queries("sqlite")["reading.listed"], blanks)
    for name, value in {**values, "limit": 50}.items():
        sql = sql.replace(f":{name}", f"'{value}'" if isinstance(value, str) else str(value))
    plan = [row["detail"] for row in await rows(sqlite, f"EXPLAIN QUERY PLAN {sql}")]
    first, second = (step for step in plan if step.split()[1] == "i")
    assert "INDEX inquiries_" in first
    assert "USING INTEGER PRIMARY KEY" in second
