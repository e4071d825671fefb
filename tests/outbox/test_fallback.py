"""Does an answer that can't go one way go another way of the same person, and of nobody else?"""

import pytest

from inquiry.errors import Conflict
from inquiry.journey import File
from outbox.stage import compose_step
from storage.database import Database
from storage.dispatches import RETRY, act
from tests.people import BOT, SHOP, SUPPORT, People, with_fallback

JAN, JANS_PHONE, EVE = "jan@kunde.example", "501", "666"
SMALL = File(filename="small.txt", content_type="text/plain", content=b"x" * 10)
LARGE = File(filename="report.pdf", content_type="application/pdf", content=b"x" * 2_000)


@pytest.fixture
async def people(database: Database) -> People:
    """Jan has written a mail (1), goes on by his phone, and Eve has written by hers (2)."""
    return await joined(People(database))


async def joined(people: People) -> People:
    await people.mails(JAN, "the printer is broken")
    await people.goes_on(JANS_PHONE, await people.code(1, JAN))
    await people.writes(EVE, "hello")
    await people.deliver()
    return people


async def blocked(people: People) -> None:
    people.wires[BOT].blocked_by |= {JANS_PHONE, EVE}


async def test_blocked_it_goes_by_mail_and_says_so(people: People) -> None:
    await blocked(people)
    await people.answer(1, "turn it off", files=[SMALL])
    await people.deliver()
    sent = people.last_to(JAN)
    assert sent.text == "turn it off"
    assert [file.content for file in sent.files] == [SMALL.content]
    assert sent.subject == "Re: Help [NL-2026-00001]"
    assert "fell-back" in await people.kinds(1)
    (told,) = await people.rows("SELECT data FROM history WHERE kind = 'fell-back'")
    assert "the bot was blocked by the user" in told["data"]
    assert (await people.states())[-2:] == [("bot", "dead"), ("support-mail", "sent")]


async def test_what_went_another_way_troubles_nobody(people: People) -> None:
    await blocked(people)
    await people.answer(1, "turn it off")
    await people.deliver()
    trouble = await people.rows("SELECT id FROM outbox WHERE state = 'dead' AND instead IS NULL")
    assert trouble == []
    (dead,) = await people.rows("SELECT id FROM outbox WHERE state = 'dead'")
    with pytest.raises(Conflict, match="another way"):
        await people.db.write(lambda tx: act(tx, dead["id"], RETRY, by="x", now=people.now))


async def test_who_has_no_other_way_is_dead_and_visible(people: People) -> None:
    await blocked(people)
    await people.answer(2, "hello, Eve")
    await people.deliver()
    trouble = await people.rows("SELECT channel FROM outbox WHERE state = 'dead'")
    assert [row["channel"] for row in trouble] == ["bot"]
    assert "fell-back" not in await people.kinds(2)


async def test_nothing_goes_to_who_is_only_suggested(people: People) -> None:
    """Eve says that she is Jan; nobody has proved it."""
    await blocked(people)
    await people.writes(EVE, "it's me", form={"email": JAN})
    await people.answer(2, "for Eve")
    await people.deliver()
    assert people.got(JAN) == []


async def test_nothing_goes_to_who_was_joined_after_it_was_written(people: People) -> None:
    await blocked(people)
    await people.answer(2, "for Eve")
    await people.join(EVE, JAN)
    await people.deliver()
    assert people.got(JAN) == []
    await people.answer(2, "for the same person")
    await people.deliver()
    assert people.got(JAN) == ["for the same person"]


async def test_nothing_goes_to_who_was_parted_before_it_died(people: People) -> None:
    await blocked(people)
    await people.answer(1, "turn it off")
    (join,) = await people.rows("SELECT id FROM joins")
    await people.part(join["id"])
    await people.deliver()
    assert people.got(JAN) == []
    assert (await people.states())[-1] == ("bot", "dead")


async def test_each_way_is_tried_once(people: People) -> None:
    await people.writes("visitor-1", "me again", channel=SHOP)
    await people.join("visitor-1", JAN)
    await blocked(people)
    people.wires[SUPPORT].blocked_by |= {JAN}
    people.wires[SHOP].blocked_by |= {"visitor-1"}
    await people.answer(1, "turn it off")
    await people.deliver()
    assert [state for _, state in (await people.states())[-3:]] == ["dead"] * 3
    left = await people.rows("SELECT channel FROM outbox WHERE state = 'dead' AND instead IS NULL")
    assert len(left) == 1


async def test_a_bounce_makes_it_go_another_way(people: People) -> None:
    await people.answer(1, "turn it off", to=await people.point(JAN))
    await people.deliver()
    (sent,) = await people.rows(
        "SELECT id FROM outbox WHERE channel = 'support-mail' AND purpose = 'answer'"
    )
    await people.bounces(sent["id"])
    await people.deliver()
    assert people.got(JANS_PHONE)[-1] == "turn it off"


async def test_a_large_file_stays_on_the_status_page(people: People) -> None:
    await people.answer(1, "see the report", files=[SMALL, LARGE])
    await people.deliver()
    sent = people.last_to(JANS_PHONE)
    assert [file.filename for file in sent.files] == ["small.txt"]
    assert sent.text.startswith("see the report\n\nToo large to be sent here: report.pdf.")
    assert sent.link in sent.text
    assert await people.rows("SELECT id FROM portal_links WHERE contact_point = 2")


async def test_in_a_group_no_status_link_is_shown(people: People) -> None:
    await people.writes(EVE, "in a group", group="-100")
    await people.answer(3, "see the report", files=[LARGE])
    await people.deliver()
    assert all("report" not in text for text in people.got(EVE))
    (dead,) = await people.rows("SELECT last_error FROM outbox WHERE state = 'dead'")
    assert dead["last_error"] == "report.pdf is too large for bot: 0.0 MB, at most 0"


@pytest.mark.parametrize(
    ("names", "way"),
    [
        pytest.param(("support-mail", "portal"), "mail", id="mail before the portal"),
        pytest.param(("portal", "support-mail"), "link", id="the portal before mail"),
        pytest.param(("support-mail",), "mail", id="mail alone"),
        pytest.param(("shop-chat",), "dead", id="where Jan is not"),
        pytest.param((), "dead", id="nowhere"),
    ],
)
async def test_the_configuration_names_the_order(
    database: Database, names: tuple[str, ...], way: str
) -> None:
    people = await joined(People(database, with_fallback(BOT, *names)))
    await people.answer(1, "see the report", files=[LARGE])
    await people.deliver()
    dead = await people.rows("SELECT id FROM outbox WHERE state = 'dead' AND instead IS NULL")
    went = {
        "mail": [file.filename for one in people.wires[SUPPORT].went for file in one.files],
        "link": [one.link for one in people.wires[BOT].went if "report.pdf" in one.text],
        "dead": dead,
    }
    assert [name for name, found in went.items() if found] == [way]


async def test_a_channel_that_is_gone_is_passed_over(database: Database) -> None:
    people = await joined(People(database))
    outlets = tuple(one for one in people.composing.outlets if one.name != BOT)
    people.composing = people.with_outlets(outlets)
    await people.answer(1, "turn it off")
    await people.deliver()
    assert people.got(JAN) == ["turn it off"]


async def test_what_may_have_arrived_goes_another_way_with_a_mark(people: People) -> None:
    await people.answer(1, "turn it off")
    await people.answer(2, "for Eve")
    await people.rows("UPDATE outbox SET deaths = 0")
    await compose_step(people.db, people.composing, now=people.now)
    await people.rows("UPDATE outbox SET state = 'doubtful', due_at = 1 WHERE state = 'waiting'")
    await blocked(people)
    await people.deliver()
    sent = people.last_to(JAN)
    assert (sent.text, sent.possible_repeat) == ("turn it off", True)
    await people.answer(1, "and on again")
    await people.deliver()
    assert not people.last_to(JAN).possible_repeat


async def test_half_of_it_arrived_so_the_rest_is_marked(people: People) -> None:
    await people.answer(1, "turn it off")
    await compose_step(people.db, people.composing, now=people.now)
    await people.rows("""UPDATE outbox SET went = '["17"]' WHERE state = 'waiting'""")
    await blocked(people)
    await people.deliver()
    assert people.last_to(JAN).possible_repeat


async def test_what_was_meant_for_one_person_goes_into_no_group(people: People) -> None:
    """Jan asked in a group; the specialist chose his mail, which comes back."""
    await people.writes(JANS_PHONE, "in a group", group="-100")
    await people.answer(3, "your new password", to=await people.point(JAN))
    await people.deliver()
    (sent,) = await people.rows(
        "SELECT o.id FROM outbox AS o WHERE o.channel = 'support-mail' AND o.inquiry = 3"
    )
    await people.bounces(sent["id"])
    await people.deliver()
    said = people.last_to(JANS_PHONE)
    assert (said.text, said.conversation) == ("your new password", "")
    await people.answer(3, "for all of you", to=await people.point(JANS_PHONE))
    await people.deliver()
    assert people.last_to(JANS_PHONE).conversation == "-100"
