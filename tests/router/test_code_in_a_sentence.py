"""Is a code found that somebody says within a sentence, and nothing else taken for one?"""

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.codes import new_code, plain
from inquiry.understood import Party
from router.continuity.said import INTRODUCING, offered
from storage.database import Database
from tests.inquiries import a_message
from tests.people import SHOP, People
from tests.router.chat import picture

JAN, PHONE, EVE = "jan@kunde.example", "501", "666"


@pytest.fixture
async def people(database: Database) -> People:
    """Jan has written a mail, which has opened inquiry 1."""
    made = People(database)
    await made.mails(JAN, "the printer is broken")
    return made


def found(text: str) -> tuple[str, str] | None:
    """Return the code in a text, as it is compared, and what the text says besides."""
    given_ = offered(a_message(sender=Party(PHONE), new_text=text, text=text))
    return (plain(given_.code), given_.rest) if given_ and given_.code else None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        pytest.param("my code is AB12-CD34", "", id="nothing more, in English"),
        pytest.param("My code is: AB12-CD34.", "", id="with signs"),
        pytest.param("Koden min er ab12-cd34", "", id="in Norwegian, in small letters"),
        pytest.param("Mój kod to AB12CD34", "", id="in Polish, without its dash"),
        pytest.param("Minu kood on AB12–CD34!", "", id="in Estonian, with a long dash"),
        pytest.param("код AB12-CD34", "", id="in Russian"),
        pytest.param("(AB12-CD34)", "", id="in brackets"),
        pytest.param("AB12-CD34\u200b", "", id="with something unseen"),
        pytest.param(
            "code:AB12-CD34 – it is still broken", "code:… – it is still broken", id="more"
        ),
        pytest.param("well-done, AB12-CD34", "well-done, …", id="beside a word with a dash"),
        pytest.param("my code is AB12-CD34, order 17", "my code is …, order 17", id="a number"),
        pytest.param("here\nAB12-CD34\nthanks", "here\n…\nthanks", id="on a line of its own"),
    ],
)
def test_what_may_be_a_code(text: str, rest: str) -> None:
    assert found(text) == ("AB12CD34", rest)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("AB12-CD34 or EF56-GH78?", id="two"),
        pytest.param("AB12-CD34 AB12-CD34", id="one twice"),
        pytest.param("/start help AB12-CD34", id="a command"),
        pytest.param("it was well-done", id="a word with a dash"),
        pytest.param("my password is wrong", id="a word of eight letters"),
        pytest.param("order 12345678 is late", id="a number"),
        pytest.param("see https://shop.example/AB12-CD34", id="part of a link"),
        pytest.param("see AB12-CD34.pdf", id="a file's name"),
        pytest.param("mail AB12CD34@kunde.example please now", id="part of an address"),
        pytest.param("550e8400-e29b-41d4-a716-446655440000 it is", id="part of a longer number"),
        pytest.param("my code is XAB12-CD34Y", id="part of a word"),
        pytest.param("my code is ЖAB12-CD34", id="part of a word in other letters"),
        pytest.param("my code is AU12-CD34", id="a letter that no code has"),
        pytest.param(f"my code is AB12-CD34 {'x' * 10_000}", id="a book"),
    ],
)
def test_what_is_none(text: str) -> None:
    assert found(text) is None


LINK = f"https://help.example/s/{'0' * 8}-0000-4000-8000-{'0' * 12}.{'a' * 16}"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        pytest.param(LINK, "", id="nothing more"),
        pytest.param(f"see {LINK}?lang=en today", "see … today", id="in a sentence"),
        pytest.param(f"see\n(see:{LINK})\nthanks", "see\n…\nthanks", id="all of its word"),
        pytest.param(f"a a{LINK}", "a …", id="the same word before"),
        pytest.param(f"it works {LINK} {LINK}", f"it works … {LINK}", id="twice"),
    ],
)
def test_a_link_is_taken_out_with_its_word(text: str, rest: str) -> None:
    given_ = offered(a_message(sender=Party(PHONE), new_text=text, text=text))
    assert given_
    assert given_.link == LINK.rpartition("/")[2]
    assert given_.rest == rest


@pytest.mark.parametrize("piece", ["/s/", "/", "a", f"/s/{'a' * 36}", "AB12-CD34"])
def test_one_long_word_takes_no_time(piece: str) -> None:
    text = piece * (10_000 // len(piece))
    began = time.process_time()
    offered(a_message(sender=Party(PHONE), new_text=text, text=text))
    assert time.process_time() - began < 0.2


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    given_ = found(text)
    assert given_ is None or given_[0]


@pytest.mark.parametrize("words", sorted(INTRODUCING))
def test_every_code_with_a_digit_is_found(words: str) -> None:
    for _ in range(20):
        code = new_code()
        if any(letter.isdigit() for letter in code):
            assert found(f"{words} {code}") == (plain(code), "")


async def test_a_code_in_a_sentence_brings_the_chat(people: People) -> None:
    await people.goes_on(PHONE, f"my code is {await people.code(1, JAN)}")
    assert await people.customer(PHONE) == await people.customer(JAN)
    assert len(await people.rows("SELECT id FROM inquiries")) == 1, "that was all it said"


async def test_what_it_says_besides_is_kept(people: People) -> None:
    code = await people.code(1, JAN)
    await people.writes(PHONE, f"Hello, {code}, and the ink is empty")
    await people.deliver()
    assert len(people.got(PHONE)) == 1, "asked"
    assert await people.texts(2) == ["Hello, …, and the ink is empty"]
    await people.writes(PHONE, "yes")
    assert await people.customer(PHONE) == await people.customer(JAN)


async def test_a_picture_beside_it_is_kept(people: People) -> None:
    code = await people.code(1, JAN)
    await people.writes(PHONE, f"my code is {code}", attachments=(picture("a"),))
    assert await people.texts(2) == ["…"]


async def test_a_code_by_mail_may_stand_in_a_sentence_too(people: People) -> None:
    await people.writes("visitor-1", JAN, channel=SHOP)
    await people.deliver()
    await people.writes("visitor-1", f"koden er {people.code_for(JAN)}", channel=SHOP)
    assert await people.customer("visitor-1") == await people.customer(JAN)


async def test_one_that_is_none_is_a_message_like_any_other(people: People) -> None:
    """All of these are alike: nobody learns which codes there are, or were."""
    used, old = await people.code(1, JAN), ""
    await people.writes(PHONE, used)
    old = await people.code(1, JAN)
    newer = await people.code(1, JAN)
    said = [f"my code is {code}" for code in (used, old, "ABCD-EFG1", newer)]
    for number, text in enumerate(said[:3], start=700):
        await people.writes(str(number), text)
    people.later(timedelta(minutes=15))
    await people.writes("703", said[3])
    await people.deliver()
    assert [people.got(str(number)) for number in range(700, 704)] == [[]] * 4
    assert [await people.texts(inquiry) for inquiry in (2, 3, 4, 5)] == [[one] for one in said]
    assert len(await people.rows("SELECT * FROM wrong_codes")) == 4


async def test_who_guesses_in_sentences_is_not_listened_to_either(people: People) -> None:
    for number in range(5):
        await people.writes(EVE, f"my code is AAAA-AAA{number}")
    await people.goes_on(EVE, f"my code is {await people.code(1, JAN)}")
    assert await people.customer(EVE) != await people.customer(JAN)
    people.later(timedelta(hours=1))
    await people.goes_on(EVE, f"my code is {await people.code(1, JAN)}")
    assert await people.customer(EVE) == await people.customer(JAN)


async def test_of_two_in_one_sentence_none_is_used(people: People) -> None:
    code = await people.code(1, JAN)
    await people.writes(EVE, f"{code} or AAAA-AAA1")
    await people.writes(EVE, "yes")
    assert await people.rows("SELECT id FROM joins") == []
    assert await people.texts(2) == [f"{code} or AAAA-AAA1", "yes"]
    await people.goes_on(PHONE, code)
    assert await people.customer(PHONE) == await people.customer(JAN)
