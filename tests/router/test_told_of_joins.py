"""Is who was known before told that somebody was joined to them, once, and how to undo it?"""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from inquiry.understood import Party
from inquiry.words import Audience, Automated, OutboxState
from storage import dispatches, portal, undoing
from storage.database import Database
from tests.people import BOT, RING, SHOP, SUPPORT, UNDO, URL, People

JAN, PHONE, EVE = "jan@kunde.example", "501", "666"


@pytest.fixture
async def people(database: Database) -> People:
    """Jan has written a mail, which has opened inquiry 1."""
    made = People(database)
    await made.mails(JAN, "the printer is broken")
    return made


def token_in(text: str) -> str:
    (found,) = re.findall(rf"^{re.escape(UNDO)}(\S+)$", text, re.MULTILINE)
    return str(found)


async def undone(people: People, who: str) -> bool:
    """Press the button of the newest notice that somebody has got."""
    token = token_in(people.notices(who)[-1].text)
    people.later()
    return await people.db.write(lambda tx: undoing.undo(tx, RING, token, now=people.now))


async def proof(people: People, way: str) -> str:
    return await (people.code(1, JAN) if way == "code" else people.link(1, JAN))


@pytest.mark.parametrize("way", ["code", "link"])
async def test_the_address_is_told_when_a_chat_is_joined(people: People, way: str) -> None:
    await people.writes(EVE, await proof(people, way))
    await people.deliver()
    assert people.notices(JAN) == [], "nothing is joined yet"
    await people.writes(EVE, "yes")
    await people.deliver()
    (notice,) = people.notices(JAN)
    assert notice.subject == "Nordlys: somebody goes on as you elsewhere [NL-2026-00001]"
    assert "a chat in Telegram belongs to you, too" in notice.text
    assert EVE not in notice.text
    assert notice.automatic
    assert people.notices(EVE) == []


async def test_it_is_told_once_for_each_join(people: People) -> None:
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.writes(PHONE, await people.link(1, JAN))
    await people.deliver()
    assert len(people.notices(JAN)) == 1
    assert len(await people.rows("SELECT id FROM join_notices")) == 1


async def test_all_that_are_known_are_told_each_in_their_language(people: People) -> None:
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.writes("visitor-1", "hei", channel=SHOP, language="nb")
    await people.goes_on("visitor-1", await people.code(1, JAN), channel=SHOP, language="nb")
    await people.deliver()
    assert len(people.notices(JAN)) == 2
    assert "a chat on our website" in people.notices(JAN)[1].text
    (told,) = people.notices(PHONE)
    assert (told.channel, told.conversation) == (BOT, PHONE)
    await people.rows(
        "UPDATE customers SET language = 'nb' WHERE id ="
        f" (SELECT alone FROM contact_points WHERE address = '{PHONE}')"
    )
    await people.goes_on(EVE, await people.code(1, JAN))
    await people.deliver()
    assert "en chat i Telegram" in people.notices(PHONE)[1].text
    assert "a chat in Telegram" in people.notices(JAN)[2].text
    assert "en chat i Telegram" in people.notices("visitor-1")[0].text


async def test_a_code_by_mail_is_told_to_the_address_and_the_other_chats(people: People) -> None:
    await people.writes("visitor-1", "hello", channel=SHOP)
    await people.writes("visitor-1", "anna@hjem.example", channel=SHOP)
    await people.deliver()
    code = people.code_for("anna@hjem.example")
    await people.writes("visitor-1", code, channel=SHOP)
    await people.deliver()
    (told,) = people.notices("anna@hjem.example")
    assert "a chat on our website belongs to you, too" in told.text
    assert people.notices("visitor-1") == [], "who wrote knows"
    assert await undone(people, "anna@hjem.example")
    assert await people.customer("visitor-1") != await people.customer("anna@hjem.example")


async def test_one_press_undoes_it_and_what_was_stolen_is_worth_nothing(people: People) -> None:
    stolen = await people.link(1, JAN)
    await people.goes_on(EVE, stolen)
    await people.answer(1, "your new password is on the back")
    await people.deliver()
    assert people.got(EVE)[-1] == "your new password is on the back"
    another = await people.code(1, JAN)
    assert await undone(people, JAN)
    assert await people.customer(EVE) != await people.customer(JAN)
    assert (await people.kinds(1))[-1] == "parted"
    (ended,) = await people.rows("SELECT ended_by FROM joins")
    assert ended["ended_by"] == "customer"
    for tried in (stolen, another, "yes"):
        await people.writes(EVE, tried)
        await people.writes(EVE, "yes")
    assert await people.customer(EVE) != await people.customer(JAN)
    await people.answer(1, "for Jan alone")
    await people.deliver()
    assert people.got(JAN)[-1] == "for Jan alone"
    assert "for Jan alone" not in people.got(EVE)
    token = stolen.rpartition("/")[2]
    assert await people.db.read(lambda tx: portal.find(tx, RING, token, now=people.now)) is None


async def test_it_works_once(people: People) -> None:
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.deliver()
    assert await undone(people, JAN)
    assert not await undone(people, JAN)
    assert (await people.kinds(1)).count("parted") == 1


async def test_a_later_join_is_told_anew_and_the_first_link_does_nothing_to_it(
    people: People,
) -> None:
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.deliver()
    old = token_in(people.notices(JAN)[0].text)
    assert await undone(people, JAN)
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.deliver()
    assert len(people.notices(JAN)) == 2
    assert not await people.db.write(lambda tx: undoing.undo(tx, RING, old, now=people.now))
    assert await people.customer(PHONE) == await people.customer(JAN)


async def test_it_ends_after_a_month_or_with_the_join(people: People) -> None:
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.deliver()
    people.later(undoing.GOOD_FOR)
    assert not await undone(people, JAN)
    assert await people.customer(PHONE) == await people.customer(JAN)
    await people.part(1)
    assert not await undone(people, JAN)


@pytest.mark.parametrize("forged", ["", "x", "{key}.aaaaaaaaaaaaaaaa", "{key}", "{key}.{portal}"])
async def test_what_we_did_not_sign_undoes_nothing(people: People, forged: str) -> None:
    await people.goes_on(PHONE, await people.code(1, JAN))
    ((key,),) = [tuple(row.values()) for row in await people.rows("SELECT key FROM join_notices")]
    token = forged.format(key=key, portal=RING.mac("portal", key))
    assert not await people.db.write(lambda tx: undoing.undo(tx, RING, token, now=people.now))
    assert await people.db.read(lambda tx: undoing.find(tx, RING, token, now=people.now)) is None
    good = undoing.address(URL, RING, key).rpartition("/")[2]
    assert await people.db.read(lambda tx: undoing.find(tx, RING, good, now=people.now))


async def test_an_automatic_answer_a_moment_ago_does_not_keep_it_back(people: People) -> None:
    """Else whoever stole a link could make us send one first."""
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.deliver()
    await people.goes_on(EVE, await people.code(1, JAN))
    await people.deliver()
    assert len(people.notices(JAN)) == 2


async def test_a_mailbox_is_not_flooded(people: People) -> None:
    for number in range(700, 700 + undoing.MOST_A_DAY + 2):
        await people.goes_on(str(number), await people.code(1, JAN))
        people.later(timedelta(minutes=10))
    await people.deliver()
    assert len(people.notices(JAN)) == undoing.MOST_A_DAY
    reasons = await people.rows("SELECT data FROM history WHERE kind = 'not-acknowledged'")
    assert "it was told of several joins today" in reasons[0]["data"]
    people.later(timedelta(days=1))
    await people.goes_on("800", await people.code(1, JAN))
    await people.deliver()
    assert len(people.notices(JAN)) == undoing.MOST_A_DAY + 1


async def test_what_was_not_told_ends_with_any_that_was(people: People) -> None:
    """Else whoever stole a link could join five chats to be seen, and a sixth one to stay."""
    for number in range(700, 700 + undoing.MOST_A_DAY + 2):
        await people.goes_on(str(number), await people.code(1, JAN))
        people.later(timedelta(minutes=10))
    await people.deliver()
    link = await people.link(1, "706")
    assert await undone(people, JAN)
    left = await people.rows("SELECT id, ended_at FROM joins ORDER BY id")
    assert [row["id"] for row in left if row["ended_at"] is None] == [1, 2, 3, 4]
    assert not await people.db.read(
        lambda tx: portal.find(tx, RING, link.rpartition("/")[2], now=people.now)
    ), "the sixth chat sees nothing more either"


async def test_nothing_is_told_where_only_programs_write(people: People) -> None:
    await people.rows(f"UPDATE messages SET automated = '{Automated.AUTO_REPLY}'")
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.deliver()
    assert people.notices(JAN) == []


async def test_an_absent_owner_is_told_all_the_same(people: People) -> None:
    """Whoever makes a mailbox answer by itself does not keep its owner from being told."""
    await people.mails(JAN, "I am away", automated=Automated.AUTO_REPLY)
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.deliver()
    assert len(people.notices(JAN)) == 1


async def test_it_goes_to_the_person_and_never_into_a_group(people: People) -> None:
    await people.writes(PHONE, "who knows this?", group="-100", audience=Audience.GROUP)
    await people.goes_on("visitor-1", await people.code(2, PHONE), channel=SHOP)
    await people.deliver()
    (told,) = people.notices(PHONE)
    assert told.conversation == ""


async def test_a_specialist_s_join_is_not_told(people: People) -> None:
    await people.writes(PHONE, "hello")
    await people.join(JAN, PHONE, 1)
    await people.deliver()
    assert people.notices(JAN) == people.notices(PHONE) == []


async def test_no_words_of_a_stranger_are_in_it(people: People) -> None:
    await people.rows("UPDATE contact_points SET name = 'BUY HERE'")
    await people.writes(EVE, "hello", sender=Party(EVE, "BUY THERE"))
    await people.goes_on(EVE, await people.code(1, JAN))
    await people.deliver()
    (told,) = people.notices(JAN)
    assert "BUY" not in f"{told.subject}{told.text}{told.recipient_name}"


async def test_specialists_do_not_read_the_link(people: People) -> None:
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.deliver()
    key = token_in(people.notices(JAN)[0].text).partition(".")[0]
    kept = await people.rows("SELECT text FROM messages WHERE direction = 'out'")
    assert any("belongs to you, too" in row["text"] for row in kept)
    assert not any(key in row["text"] for row in kept)


async def test_the_outbox_shows_neither_a_code_nor_a_link(people: People) -> None:
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.writes(EVE, "anna@hjem.example")
    await people.deliver()
    secrets = [
        people.code_for("anna@hjem.example"),
        token_in(people.notices(JAN)[0].text).partition(".")[0],
    ]
    listed = await people.db.read(lambda tx: dispatches.listed(tx, [OutboxState.SENT]))
    assert any("belongs to you, too" in one.text for one in listed)
    assert not any(secret in one.text for one in listed for secret in secrets)


async def test_what_waits_to_be_told_outlives_a_crash_and_is_told_once(people: People) -> None:
    """The join and its notices are one transaction; the rest is like any answer."""
    code = await people.code(1, JAN)
    await people.writes(PHONE, code)
    await people.rows("ALTER TABLE join_notices RENAME TO lost")
    with pytest.raises(Exception, match="join_notices"):
        await people.writes(PHONE, "yes")
    assert await people.rows("SELECT id FROM joins") == []
    await people.rows("ALTER TABLE lost RENAME TO join_notices")
    await people.writes(PHONE, "yes")
    people.wires[SUPPORT].blocked_by.clear()
    await people.deliver()
    await people.deliver()
    assert len(people.notices(JAN)) == 1


async def test_a_desk_without_a_way_there_says_so(people: People) -> None:
    outlets = tuple(one for one in people.composing.outlets if one.contact != "mail")
    people.composing = replace(people.composing, outlets=outlets)
    await people.goes_on(PHONE, await people.code(1, JAN))
    await people.deliver()
    (told,) = await people.rows("SELECT data FROM history WHERE kind = 'not-acknowledged'")
    assert "no channel reaches a mail address" in told["data"]
