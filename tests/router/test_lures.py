"""Is a chat asked before it is joined, so that who was sent another's code shares nothing?"""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from inquiry.codes import plain, to_start
from inquiry.journey import ChannelName, ContactPointId, InquiryId
from inquiry.words import Audience, Automated
from storage import proofs, renames
from storage.database import Database
from storage.renames import Rename
from tests.people import BOT, People
from tests.router.chat import picture

JAN, JANS_PHONE = "jan@kunde.example", "501"


@pytest.fixture
async def people(database: Database) -> People:
    """Jan has written a mail, which has opened inquiry 1."""
    made = People(database)
    await made.mails(JAN, "the printer is broken")
    return made


@pytest.fixture(params=["code", "start", "link"])
async def lure(people: People, request: pytest.FixtureRequest) -> str:
    """What Eve has sent to somebody: it is of Jan's inquiry here."""
    if request.param == "link":
        return await people.link(1, JAN)
    code = await people.code(1, JAN)
    return f"/start {to_start(code)}" if request.param == "start" else code


async def test_the_chat_is_asked_before_anything_is_shared(people: People, lure: str) -> None:
    await people.writes("700", lure)
    await people.deliver()
    (asked,) = people.got("700")
    assert "NL-2026-00001" in asked
    assert "ja…@kunde.example" in asked
    assert "printer" not in asked
    assert JAN not in asked
    assert "write: yes" in asked
    assert await people.rows("SELECT id FROM joins") == []
    await people.writes("700", "my password is 1234")
    assert await people.texts(1) == ["the printer is broken"]
    assert await people.texts(2) == ["my password is 1234"]
    await people.answer(1, "for Jan")
    await people.deliver()
    assert people.got(JAN) == ["for Jan"]


async def test_no_is_no(people: People, lure: str) -> None:
    await people.writes("700", lure)
    await people.writes("700", "No!")
    await people.writes("700", "yes")
    assert await people.rows("SELECT id FROM joins") == []
    assert await people.texts(1) == ["the printer is broken"]
    assert await people.texts(2) == ["yes"]
    assert (await people.kinds(1))[-1] == "not-continued"


async def test_only_who_was_asked_may_say_yes(people: People, lure: str) -> None:
    await people.writes("700", lure)
    await people.writes("701", "yes")
    await people.writes("700", "yes", group="-100200")
    await people.writes("700", "yes", automated=Automated.AUTO_REPLY)
    assert await people.rows("SELECT id FROM joins") == []


async def test_not_for_ever(people: People, lure: str) -> None:
    await people.writes("700", lure)
    people.later(timedelta(minutes=15))
    await people.writes("700", "yes")
    assert await people.rows("SELECT id FROM joins") == []
    assert await people.texts(2) == ["yes"]


async def test_yes_to_a_specialist_is_for_the_specialist(people: People, lure: str) -> None:
    await people.writes("700", "it is broken")
    await people.writes("700", lure)
    await people.answer(2, "Is it plugged in?")
    await people.deliver()
    await people.writes("700", "yes")
    assert await people.rows("SELECT id FROM joins") == []
    assert await people.texts(2) == ["it is broken", "yes"]


async def test_who_takes_part_no_more_has_nothing_to_give(people: People, lure: str) -> None:
    await people.writes("700", lure)
    await people.rows("UPDATE participants SET ended_at = 1 WHERE inquiry = 1")
    await people.writes("700", "yes")
    assert await people.rows("SELECT id FROM joins") == []


async def test_yes_once(people: People, lure: str) -> None:
    await people.goes_on(JANS_PHONE, lure)
    await people.writes(JANS_PHONE, "yes")
    assert len(await people.rows("SELECT id FROM joins")) == 1
    assert await people.texts(1) == ["the printer is broken", "yes"]


@pytest.mark.parametrize("language", ["en", "nb", "pl", "et", "ru"])
async def test_the_word_that_the_question_names_is_understood(
    people: People, lure: str, language: str
) -> None:
    await people.writes("700", lure, language=language)
    await people.deliver()
    (asked,) = people.got("700")
    yes, no = re.findall(r": (\w+)$", asked, re.MULTILINE)
    await people.writes("700", no.capitalize())
    await people.writes("701", await people.link(1, JAN))
    await people.writes("701", f" {yes.upper()}. ")
    assert [row["other"] for row in await people.rows("SELECT other FROM joins")] == [
        await people.point("701")
    ]


async def test_the_question_stands_on_no_status_page(people: People, lure: str) -> None:
    await people.writes("700", lure)
    await people.deliver()
    sent = await people.rows("SELECT purpose FROM messages WHERE direction = 'out'")
    assert [row["purpose"] for row in sent] == ["acknowledgement"]
    taking = "SELECT contact_point FROM participants WHERE inquiry = 1 AND ended_at IS NULL"
    assert [row["contact_point"] for row in await people.rows(taking)] == [await people.point(JAN)]


async def test_a_second_question_is_the_one_that_counts(people: People) -> None:
    await people.mails("ola@kunde.example", "my phone")
    await people.writes(JANS_PHONE, await people.link(1, JAN))
    await people.writes(JANS_PHONE, await people.link(2, "ola@kunde.example"))
    await people.writes(JANS_PHONE, "yes")
    await people.writes(JANS_PHONE, "yes")
    assert await people.customer(JANS_PHONE) == await people.customer("ola@kunde.example")
    assert await people.customer(JANS_PHONE) != await people.customer(JAN)


async def test_pressed_twice_it_is_asked_twice(people: People, lure: str) -> None:
    await people.writes("700", lure)
    await people.writes("700", lure)
    await people.deliver()
    first, second = people.got("700")
    assert first == second
    await people.writes("700", "yes")
    assert await people.customer("700") == await people.customer(JAN)
    assert await people.texts(1) == ["the printer is broken"]


async def test_a_code_is_asked_about_once(people: People) -> None:
    """Two use one code: the second gets no question, and can't say yes to the first's."""
    code = await people.code(1, JAN)
    await people.writes("700", code)
    await people.writes("701", code)
    await people.writes("701", "yes")
    assert await people.rows("SELECT id FROM joins") == []
    await people.writes("700", "yes")
    assert await people.customer("700") == await people.customer(JAN)


async def test_a_picture_is_not_lost_because_a_code_stands_below_it(people: People) -> None:
    code = await people.code(1, JAN)
    await people.writes(JANS_PHONE, code, attachments=(picture("screen"),))
    assert await people.texts(2) == ["…"]
    await people.writes(JANS_PHONE, "yes")
    await people.writes(JANS_PHONE, await people.link(1, JAN), attachments=(picture("more"),))
    assert await people.texts(1) == ["the printer is broken", "…"]


async def test_who_writes_in_a_group_s_own_name_is_not_alone(people: People) -> None:
    """An anonymous administrator is called as his group is."""
    code = await people.code(1, JAN)
    await people.writes("-100200", code, audience=Audience.GROUP)
    await people.writes("-100200", "yes", audience=Audience.GROUP)
    assert await people.rows("SELECT id FROM joins") == []


async def test_of_two_at_once_one_is_asked(people: People) -> None:
    """As two nodes would: both have looked, before either has used the code."""
    code = await people.code(1, JAN)
    for who in ("700", "701"):
        await people.writes(who, "hello")
    jan, *others = [await people.point(who) for who in (JAN, "700", "701")]

    async def look(by: ContactPointId) -> proofs.Proof | None:
        return await people.db.read(lambda tx: proofs.look(tx, code, by, now=people.now))

    found = [await look(by) for by in others]

    async def ask(by: ContactPointId, proof: proofs.Proof | None, chat: str) -> bool:
        where = proofs.Where(BOT, chat)
        return await people.db.write(
            lambda tx: proofs.ask(
                tx, InquiryId(1), jan, by, code=proof, where=where, now=people.now
            )
        )

    asked = await asyncio.gather(*map(ask, others, found, ("700", "701")))
    assert sorted(asked) == [False, True]
    for who in ("700", "701"):
        await people.writes(who, "yes")
    assert len(await people.rows("SELECT id FROM joins")) == 1


async def test_a_message_that_becomes_a_code_asks_nothing(people: People) -> None:
    """Changed words are words of the message that is here already."""
    code = await people.code(1, JAN)
    await people.writes("700", "hello", remote_id="17")
    await people.changes("700", code, "17")
    await people.writes("700", "yes")
    assert await people.rows("SELECT id FROM joins") == []
    assert await people.texts(2) == [code, "yes"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("{} {}", id="twice"),
        pytest.param("/start help {}", id="behind another word"),
    ],
)
async def test_what_only_holds_a_code_is_a_message(people: People, said: str) -> None:
    code = await people.code(1, JAN)
    await people.writes("700", said.format(code, code))
    await people.writes("700", "yes")
    assert await people.rows("SELECT id FROM joins") == []
    assert len(await people.texts(2)) == 2


@pytest.mark.parametrize(
    ("old", "new"), [pytest.param("A", "А", id="Cyrillic"), pytest.param("0", "О", id="a letter")]
)
def test_letters_that_only_look_alike_are_others(old: str, new: str) -> None:
    assert plain(f"ABCD-{old}FGH") != ""
    assert plain(f"ABCD-{new}FGH") == ""


OTHER_BOT = ChannelName("other-bot")


async def two_bots(people: People) -> None:
    """The desk has a second bot: the same person writes to both, as one contact point."""
    contacts = {**people.routing.contacts, OTHER_BOT: "telegram"}
    people.routing = replace(people.routing, contacts=contacts)


async def test_a_yes_to_another_bot_of_ours_is_no_answer_to_this_one(
    people: People, lure: str
) -> None:
    await two_bots(people)
    await people.writes("700", lure)
    await people.writes("700", "yes", channel=OTHER_BOT)
    assert await people.rows("SELECT id FROM joins") == []
    assert await people.texts(2) == ["yes"], "a message like any other"
    await people.writes("700", "yes")
    assert len(await people.rows("SELECT id FROM joins")) == 1
    (on,) = await people.rows("SELECT channel FROM continuations")
    assert on["channel"] == BOT


async def test_each_bot_has_a_question_of_its_own(people: People) -> None:
    await two_bots(people)
    await people.mails("ola@kunde.example", "the scanner, too")
    await people.writes("700", await people.code(1, JAN))
    await people.writes("700", await people.code(2, "ola@kunde.example"), channel=OTHER_BOT)
    await people.writes("700", "no", channel=OTHER_BOT)
    await people.writes("700", "yes")
    (joined,) = await people.rows("SELECT inquiry FROM joins")
    assert joined["inquiry"] == 1


async def test_an_answer_by_another_bot_leaves_the_question_open(people: People) -> None:
    await two_bots(people)
    await people.writes("700", "hello", channel=OTHER_BOT)
    await people.writes("700", await people.code(1, JAN))
    await people.answer(2, "hello to you")
    await people.deliver()
    await people.rows("UPDATE outbox SET channel = 'other-bot' WHERE purpose = 'answer'")
    await people.writes("700", "yes")
    assert len(await people.rows("SELECT id FROM joins")) == 1


async def test_a_code_said_again_to_the_other_bot_moves_its_question_there(people: People) -> None:
    await two_bots(people)
    code = await people.code(1, JAN)
    await people.writes("700", code)
    await people.writes("700", code, channel=OTHER_BOT)
    await people.writes("700", "yes")
    assert await people.rows("SELECT id FROM joins") == []
    await people.writes("700", "yes", channel=OTHER_BOT)
    (on,) = await people.rows("SELECT channel FROM continuations")
    assert on["channel"] == OTHER_BOT


async def test_the_question_follows_a_bot_that_is_renamed(people: People) -> None:
    await people.writes("700", await people.code(1, JAN))
    renamed = Rename(thing="channel", old=BOT, new=OTHER_BOT)
    await two_bots(people)
    await renames.follow(people.db, [renamed], now=people.now)
    await people.writes("700", "yes", channel=OTHER_BOT)
    assert len(await people.rows("SELECT id FROM joins")) == 1
