"""Does proof, and proof alone, bring one person's chat to their inquiry?"""

import asyncio
from datetime import timedelta

import pytest

from inquiry.codes import to_start
from inquiry.understood import Party
from inquiry.words import Automated
from router.continuity.said import between_two, half_hidden
from storage import portal, renames
from storage.database import Database
from storage.renames import Rename
from tests.inquiries import a_message
from tests.people import BOT, SHOP, People

JAN, JANS_PHONE, EVE = "jan@kunde.example", "501", "666"
HOUR = timedelta(hours=1)


@pytest.fixture
async def people(database: Database) -> People:
    """Jan has written a mail, which has opened inquiry 1."""
    made = People(database)
    await made.mails(JAN, "the printer is broken")
    return made


@pytest.mark.parametrize("form", ["{}", " {} ", "/start {}", "/start@desk_bot {}", "{}\n"])
async def test_a_code_brings_a_chat_to_its_inquiry(people: People, form: str) -> None:
    code = await people.code(1, JAN)
    await people.goes_on(JANS_PHONE, form.format(code))
    await people.writes(JANS_PHONE, "it is blue, by the way")
    await people.deliver()
    assert await people.texts(1) == ["the printer is broken", "it is blue, by the way"]
    assert await people.customer(JANS_PHONE) == await people.customer(JAN)
    assert await people.kinds(1) == [
        *("opened", "decided", "joined", "continued", "followed-up", "decided"),
        *("acknowledged", "sent") * 3,
    ]
    told = people.got(JANS_PHONE)[1]
    assert "NL-2026-00001" in told
    assert "ja…@kunde.example" in told
    assert JAN not in told


async def test_a_link_to_the_bot_says_the_code(people: People) -> None:
    await people.goes_on(JANS_PHONE, f"/start {to_start(await people.code(1, JAN))}")
    assert await people.customer(JANS_PHONE) == await people.customer(JAN)


async def test_answers_then_go_to_the_chat(people: People) -> None:
    await people.goes_on(JANS_PHONE, await people.code(1, JAN))
    await people.answer(1, "turn it off")
    await people.deliver()
    assert people.got(JAN) == []
    assert people.got(JANS_PHONE)[2:] == ["turn it off"]
    await people.mails(JAN, "other things")
    await people.answer(2, "which ones?")
    await people.deliver()
    assert people.got(JAN) == ["which ones?"], "another inquiry, begun by mail"


async def test_a_code_without_its_dash_and_in_small_letters_is_the_same(people: People) -> None:
    code = await people.code(1, JAN)
    await people.goes_on(JANS_PHONE, code.lower().replace("-", ""))
    assert await people.customer(JANS_PHONE) == await people.customer(JAN)


async def test_a_code_is_good_once(people: People) -> None:
    code = await people.code(1, JAN)
    await people.writes(JANS_PHONE, code)
    await people.writes(EVE, code)
    assert await people.customer(EVE) != await people.customer(JAN)
    await people.deliver()
    (told,) = people.got(EVE)
    assert "not valid" in told
    assert "NL-2026-00001" not in told


async def test_wrong_codes_are_all_answered_alike_and_nothing_is_lost(people: People) -> None:
    used, old = await people.code(1, JAN), ""
    await people.writes(JANS_PHONE, used)
    old = await people.code(1, JAN)
    newer = await people.code(1, JAN)
    for number, code in enumerate((used, old, "ABCD-EFGH"), start=700):
        await people.writes(str(number), code)
    people.later(timedelta(minutes=15))
    await people.writes("703", newer)
    await people.deliver()
    told = {tuple(people.got(str(number))) for number in range(700, 704)}
    assert len(told) == 1
    assert [await people.texts(inquiry) for inquiry in (2, 3, 4, 5)] == [
        [used],
        [old],
        ["ABCD-EFGH"],
        [newer],
    ]


async def test_who_tries_too_many_is_not_listened_to_for_an_hour(people: People) -> None:
    for number in range(5):
        await people.writes(EVE, f"AAAA-AAA{number}")
    await people.writes(EVE, await people.code(1, JAN))
    assert await people.customer(EVE) != await people.customer(JAN)
    people.later(HOUR)
    await people.goes_on(EVE, await people.code(1, JAN))
    assert await people.customer(EVE) == await people.customer(JAN)


async def test_a_word_of_eight_letters_is_a_word(people: People) -> None:
    await people.writes(EVE, "password")
    await people.deliver()
    assert await people.texts(2) == ["password"]
    assert people.got(EVE) == []


async def test_the_status_link_does_it_too_and_is_not_kept(people: People) -> None:
    link = await people.link(1, JAN)
    await people.goes_on(JANS_PHONE, f"Hello, this one: {link}\nIt is still broken.")
    assert await people.customer(JANS_PHONE) == await people.customer(JAN)
    assert await people.texts(1) == ["the printer is broken"]
    assert await people.texts(2) == ["Hello, this one: …\nIt is still broken."], "before the yes"
    await people.writes(JANS_PHONE, f"{link} any news?")
    assert await people.texts(1) == ["the printer is broken", "… any news?"], "one person by now"
    await people.writes(JANS_PHONE, link)
    assert len(await people.texts(1)) == 2, "the link alone is no message"


@pytest.mark.parametrize(
    "text",
    [
        "https://help.nordlys.example/s/{key}.{wrong}",
        "https://help.nordlys.example/s/{key}.",
        "NL-2026-00001",
        "jan@kunde.example, you know me",
        "/start",
        "/start status",
    ],
)
async def test_what_is_no_proof_is_a_message_like_any_other(people: People, text: str) -> None:
    link = await people.link(1, JAN)
    key, _, mac = link.rpartition("/")[2].partition(".")
    said = text.format(key=key, wrong="a" * len(mac))
    await people.writes(EVE, said)
    assert await people.customer(EVE) != await people.customer(JAN)
    assert await people.texts(2) == [said]
    assert await people.texts(1) == ["the printer is broken"]


async def test_a_revoked_link_proves_nothing(people: People) -> None:
    link = await people.link(1, JAN)
    await people.rows("UPDATE portal_links SET revoked_at = 1")
    await people.writes(EVE, link)
    assert await people.customer(EVE) != await people.customer(JAN)


async def test_in_a_group_nothing_is_proved(people: People) -> None:
    code, link = await people.code(1, JAN), await people.link(1, JAN)
    for said in (code, link, f"/start {code}"):
        await people.writes(JANS_PHONE, said, group="-100200")
    assert await people.customer(JANS_PHONE) != await people.customer(JAN)


async def test_a_program_proves_nothing(people: People) -> None:
    code = await people.code(1, JAN)
    await people.writes(EVE, code, automated=Automated.AUTO_REPLY)
    assert await people.customer(EVE) != await people.customer(JAN)


async def test_a_proof_by_mail_is_none(people: People) -> None:
    """A code in a mail's text may have been quoted by anybody."""
    code = await people.code(1, JAN)
    await people.mails("eve@else.example", code)
    assert await people.customer("eve@else.example") != await people.customer(JAN)
    assert await people.texts(2) == [code]


async def test_a_closed_inquiry_is_continued_by_a_new_one(people: People) -> None:
    await people.goes_on(JANS_PHONE, await people.code(1, JAN))
    await people.rows("UPDATE inquiries SET state = 'closed', closed_at = 1")
    await people.writes(JANS_PHONE, "something else")
    assert await people.texts(2) == ["something else"]
    assert await people.customer(JANS_PHONE) == await people.customer(JAN)


async def test_what_the_chat_had_begun_goes_on_by_replying_to_it(people: People) -> None:
    await people.writes(JANS_PHONE, "a question of its own")
    await people.goes_on(JANS_PHONE, await people.code(1, JAN))
    await people.writes(JANS_PHONE, "about the printer")
    assert await people.texts(1) == ["the printer is broken", "about the printer"]
    (first,) = await people.rows("SELECT remote_id FROM messages WHERE inquiry = 2")
    await people.writes(JANS_PHONE, "about my question", in_reply_to=first["remote_id"])
    assert await people.texts(2) == ["a question of its own", "about my question"]


class TestByMail:
    """A chat names an address, and its code comes back."""

    async def test_it_is_joined_by_the_code_that_comes_by_mail(self, people: People) -> None:
        await people.writes(JANS_PHONE, "where is my parcel?")
        await people.writes(JANS_PHONE, JAN)
        await people.deliver()
        assert await people.customer(JANS_PHONE) != await people.customer(JAN)
        assert "ja…@kunde.example" in people.got(JANS_PHONE)[-1]
        await people.writes(JANS_PHONE, people.code_for(JAN))
        assert await people.customer(JANS_PHONE) == await people.customer(JAN)
        assert await people.texts(2) == ["where is my parcel?", JAN]
        assert "joined" in await people.kinds(2)
        await people.answer(2, "on its way", to=await people.point(JAN))
        await people.deliver()
        assert people.got(JAN)[-1] == "on its way"

    async def test_the_code_is_for_that_chat_alone(self, people: People) -> None:
        await people.writes(JANS_PHONE, JAN)
        await people.deliver()
        await people.writes(EVE, people.code_for(JAN))
        assert await people.customer(EVE) != await people.customer(JAN)

    @pytest.mark.parametrize("address", [JAN, "nobody@else.example"])
    async def test_nobody_learns_whether_an_address_is_known(
        self, people: People, address: str
    ) -> None:
        await people.writes(EVE, f"/mail {address}")
        await people.deliver()
        (told,) = people.got(EVE)
        assert told.replace(half_hidden(address), "X") == (
            "To let us know that X is yours, type the code here that we have just sent to it. It "
            "is good for an hour.\n\nYou need not do this to get an answer here."
        )
        assert len(people.got(address)) == 1
        assert "printer" not in people.got(address)[0]

    async def test_an_unproved_address_takes_no_part(self, people: People) -> None:
        """Its owner asks what this is about: a specialist decides; nothing goes to it."""
        await people.writes(EVE, "hello")
        await people.writes(EVE, JAN)
        await people.deliver()
        await people.answers_mail(JAN, "who are you?", people.last_to(JAN))
        assert await people.texts(2) == ["hello", JAN]
        assert [row["text"] for row in await people.rows("SELECT text FROM asides")] == [
            "who are you?"
        ]
        await people.answer(2, "for the chat")
        await people.deliver()
        assert people.got(EVE)[-1] == "for the chat"
        assert "for the chat" not in people.got(JAN)

    async def test_nobody_can_be_buried_in_codes(self, people: People) -> None:
        for number in range(4):
            await people.writes(EVE, JAN)
            await people.writes(str(800 + number), JAN)
        await people.deliver()
        assert len(people.got(JAN)) == 5
        assert len(people.got(EVE)) == 4, "and is told the same each time"

    async def test_specialists_do_not_read_the_code(self, people: People) -> None:
        await people.writes(JANS_PHONE, JAN)
        await people.deliver()
        code = people.code_for(JAN)
        kept = await people.rows("SELECT text, new_text FROM messages")
        assert all(code not in row["text"] + row["new_text"] for row in kept)

    async def test_who_was_only_named_is_not_known(self, people: People) -> None:
        await people.writes(EVE, "new@kunde.example")
        await people.deliver()
        await people.mails("new@kunde.example", "hello")
        (row,) = await people.rows("SELECT facts FROM decisions ORDER BY id DESC LIMIT 1")
        assert '"customer_known"' not in row["facts"]

    async def test_a_web_chat_does_it_too(self, people: People) -> None:
        await people.writes("visitor-1", JAN, channel=SHOP)
        await people.deliver()
        await people.writes("visitor-1", people.code_for(JAN), channel=SHOP)
        assert await people.customer("visitor-1") == await people.customer(JAN)


async def test_rules_see_the_joined_person(people: People) -> None:
    await people.goes_on(JANS_PHONE, await people.code(1, JAN))
    await people.rows("UPDATE inquiries SET state = 'closed', closed_at = 1")
    await people.writes(JANS_PHONE, "again")
    (row,) = await people.rows("SELECT facts FROM decisions ORDER BY id DESC LIMIT 1")
    assert '"customer_known": true' in row["facts"]
    assert f'"also": ["{JAN}"]' in row["facts"]


@pytest.mark.parametrize(
    ("address", "hidden"),
    [("jan@kunde.example", "ja…@kunde.example"), ("a@b.example", "a…@b.example"), ("501", "50…")],
)
def test_an_address_is_known_to_its_owner_only(address: str, hidden: str) -> None:
    assert half_hidden(address) == hidden


async def test_several_in_one_batch_find_their_own(people: People) -> None:
    assert BOT in people.wires
    await people.mails("ola@kunde.example", "my phone")
    first, second = await people.code(1, JAN), await people.code(2, "ola@kunde.example")
    await people.goes_on("901", second)
    await people.goes_on("902", first)
    assert await people.customer("901") == await people.customer("ola@kunde.example")
    assert await people.customer("902") == await people.customer(JAN)


@pytest.mark.parametrize(
    ("who", "where", "alone"),
    [
        pytest.param("501", "501", True, id="a private chat in Telegram"),
        pytest.param("501", "-100501", False, id="a group"),
        pytest.param("501", "-100501/7", False, id="a topic of a forum"),
        pytest.param("U501", "D0AB", True, id="direct messages in Slack"),
        pytest.param("U501", "C0AB/17.1", False, id="a thread in Slack"),
        pytest.param("visitor-1", "visitor-1", True, id="a web chat"),
        pytest.param("sms:+4790", "+4790", True, id="another system, person by person"),
        pytest.param("sms:+4790", "room", False, id="another system's room"),
        pytest.param("jan@kunde.example", "", False, id="a mail"),
    ],
)
def test_who_is_alone_with_the_desk(who: str, where: str, alone: bool) -> None:
    assert between_two(a_message(sender=Party(who), conversation=where)) is alone


async def test_a_channel_s_new_name_is_followed(people: People) -> None:
    await people.goes_on(JANS_PHONE, await people.code(1, JAN))
    await renames.follow(people.db, [Rename(thing="channel", old=BOT, new="robot")], now=people.now)
    kept = await people.rows("SELECT channel FROM continuations")
    assert [row["channel"] for row in kept] == ["robot"]


async def test_all_at_once_each_ends_in_the_same_state(people: People) -> None:
    """Joins, undoings and messages of the same people side by side: nothing is stuck or half."""
    phones = [str(900 + number) for number in range(4)]
    for number in phones:
        await people.writes(number, "hello")
    for _ in range(3):
        joins_ = await asyncio.gather(*(people.join(JAN, number) for number in phones))
        assert len({await people.customer(number) for number in (JAN, *phones)}) == 1
        await asyncio.gather(*(people.part(number) for number in reversed(joins_)))
        assert len({await people.customer(number) for number in (JAN, *phones)}) == 5


async def test_the_chat_is_told_how_the_inquiry_stands_until_it_is_parted(people: People) -> None:
    await people.mails(JAN, "another thing")
    await people.goes_on(JANS_PHONE, await people.code(1, JAN))
    number = await people.point(JANS_PHONE)

    async def told() -> list[str]:
        found = await people.db.read(lambda tx: portal.latest(tx, number, limit=5))
        return [one.reference for one in found]

    assert await told() == ["NL-2026-00001"], "not what the person has begun elsewhere"
    (join,) = await people.rows("SELECT id FROM joins")
    await people.part(join["id"])
    assert await told() == []
