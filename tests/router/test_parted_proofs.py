"""Is a proof worth nothing once whoever gave it out takes part no more?"""

import pytest

from storage.database import Database
from tests.people import People

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
