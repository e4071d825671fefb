"""Is a proof worth nothing once whoever gave it out takes part no more?"""

import pytest

from outbox.stage import compose_step
from storage.database import Database
from tests.people import BOT, SUPPORT, People

JAN, PHONE = "jan@kunde.example", "501"


@pytest.fixture
async def people(database: Database) -> People:
    """Jan has written a mail (1); a phone was joined to it by mistake."""
    made = People(database)
    await made.mails(JAN, "the printer is broken")
    await made.goes_on(PHONE, await made.link(1, JAN))
    return made


async def part(people: People) -> None:
    (join,) = await people.rows("SELECT id FROM joins WHERE ended_at IS NULL")
    await people.part(join["id"])


@pytest.mark.parametrize("who", [PHONE, "502"])
async def test_a_code_from_the_status_page_of_before(people: People, who: str) -> None:
    code = await people.code(1, PHONE)
    await part(people)
    await people.goes_on(who, code)
    await people.writes(who, "am I in again?")
    assert await people.texts(1) == ["the printer is broken"]
    taking = "SELECT contact_point FROM participants WHERE inquiry = 1 AND ended_at IS NULL"
    assert [row["contact_point"] for row in await people.rows(taking)] == [await people.point(JAN)]


async def test_a_code_by_mail_of_before(people: People) -> None:
    eve = "eve@else.example"
    await people.writes(PHONE, eve)
    await people.deliver()
    code = people.code_for(eve)
    await part(people)
    await people.writes(PHONE, code)
    taking = "SELECT contact_point FROM participants WHERE inquiry = 1 AND ended_at IS NULL"
    assert [row["contact_point"] for row in await people.rows(taking)] == [await people.point(JAN)]
    await people.answers_mail(eve, "tell me more", people.last_to(eve))
    await people.answer(1, "for Jan")
    await people.deliver()
    assert people.got(eve)[1:] == []


async def test_what_no_mail_server_takes_is_no_address(people: People) -> None:
    await people.writes("502", f"{'x' * 65}@kunde.example")
    await people.writes("502", f"x@{'x' * 250}.example")
    assert await people.rows("SELECT id FROM contact_points WHERE contact = 'mail'") == [{"id": 1}]


async def test_who_was_joined_by_another_is_parted_with_them(people: People) -> None:
    """Jan = phone, phone = second phone: undoing the first takes both out of Jan's inquiry."""
    await people.goes_on("502", await people.link(1, PHONE))
    second = await people.link(1, "502")
    await people.answer(1, "to the second phone")
    first, _ = await people.rows("SELECT id FROM joins ORDER BY id")
    await people.part(first["id"])
    taking = "SELECT contact_point FROM participants WHERE inquiry = 1 AND ended_at IS NULL"
    assert [row["contact_point"] for row in await people.rows(taking)] == [await people.point(JAN)]
    assert await people.customer(PHONE) == await people.customer("502")
    assert await people.customer("502") != await people.customer(JAN)
    await people.goes_on("503", second)
    await people.writes("502", "still there?")
    assert await people.texts(1) == ["the printer is broken"]
    people.wires[BOT].blocked_by |= {"502"}
    await people.deliver()
    assert people.got(JAN) == [], "it was written to the second phone, who is not Jan any more"
    assert "to the second phone" in people.got(PHONE), "who is the same person as the second phone"


@pytest.mark.parametrize("state", ["held", "waiting", "doubtful"])
async def test_what_was_on_its_way_at_the_join_stays_as_it_was(people: People, state: str) -> None:
    await part(people)
    await people.answer(1, "for Jan's mail")
    await compose_step(people.db, people.composing, now=people.now)
    await people.rows(f"UPDATE outbox SET state = '{state}' WHERE purpose = 'answer'")
    await people.join(JAN, "501", 1)
    people.wires[SUPPORT].blocked_by |= {JAN}
    await people.rows("UPDATE outbox SET state = 'waiting' WHERE state IN ('held', 'doubtful')")
    await people.deliver()
    assert "for Jan's mail" not in people.got(PHONE)
    (dead,) = await people.rows(
        "SELECT instead FROM outbox WHERE state = 'dead' AND purpose = 'answer'"
    )
    assert dead["instead"] is None
