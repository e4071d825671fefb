"""Are the texts complete in every language, and do times and events read well?"""

import string
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from storage.history import CUSTOMER, RULES, Event, specialist
from tests.inquiries import NOW
from web.customer_words import EN, NAMES, TEXTS, accepted, chosen, offered
from web.pages import age, initials, size, when
from web.words import called, decided, language, plain, sentence, without_guests

OSLO = ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize("code", TEXTS)
def test_every_language_has_every_text(code: str) -> None:
    assert TEXTS[code].keys() == EN.keys()
    assert all(text.strip() for text in TEXTS[code].values())
    assert code in NAMES


@pytest.mark.parametrize("code", TEXTS)
def test_every_language_fills_in_the_same_words(code: str) -> None:
    def blanks(text: str) -> list[str]:
        return [name for _, name, _, _ in string.Formatter().parse(text) if name]

    assert {key: blanks(text) for key, text in TEXTS[code].items()} == {
        key: blanks(text) for key, text in EN.items()
    }


@pytest.mark.parametrize("code", sorted(set(TEXTS) - {"en"}))
def test_no_text_was_left_in_english(code: str) -> None:
    same = {key for key in EN if TEXTS[code][key] == EN[key]}
    assert same <= {"send"}  # it is the same word in Norwegian


def test_russian_is_written_in_its_own_letters() -> None:
    latin = {text for text in TEXTS["ru"].values() if set(text) & set(string.ascii_letters)}
    named = ("thanks-text", "thanks-unconfirmed", "elsewhere-open", "elsewhere-slack")
    blanks_alone = ("undo-joined", "too-often")
    assert latin == {TEXTS["ru"][key] for key in (*named, *blanks_alone)}  # {email}, {chat}, Slack


@pytest.mark.parametrize(
    ("wishes", "desk", "found"),
    [
        (["pl"], ("nb", "pl"), "pl"),
        (["pl-PL"], ("nb", "pl"), "pl"),
        (["da"], ("en", "nb"), "nb"),
        (["uk"], ("en", "ru"), "ru"),
        (["de"], ("nb", "en"), "nb"),
        ([], ("fi",), "en"),
        (["", "et"], ("et",), "et"),
    ],
)
def test_the_first_wish_that_can_be_met(
    wishes: list[str], desk: tuple[str, ...], found: str
) -> None:
    assert chosen(wishes, desk) == found


def test_only_languages_with_a_table_are_offered() -> None:
    assert offered(("fi", "pl", "nb")) == ["pl", "nb"]
    assert accepted("en;q=0.2, pl;q=0.9, nb") == ["nb", "pl", "en"]


def event(kind: str, actor: str = RULES, **data: object) -> Event:
    return Event(id=1, at=NOW, kind=kind, actor=actor, message=None, note=None, data=data)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (event("assigned", specialist("ola"), to="kasia"), "OLA assigned it to KASIA"),
        (event("assigned", specialist("ola"), to="ola"), "OLA took it"),
        (event("moved", specialist("ola"), to="second-line"), "OLA moved it to second line"),
        (event("state", specialist("ola"), to="waiting-for-customer"), None),
        (event("works", CUSTOMER), "The customer says that it works now"),
        (event("dead", error="550 no"), "A message could not be delivered: 550 no"),
        (event("tagged", specialist("ola"), to=["a", "b"]), "OLA changed the tags to a, b"),
        (event("some-new-kind"), "A rule: some new kind"),
        (event("related", reference="NL-2026-00007"), "It may have to do with NL-2026-00007"),
        (event("decided", winners=[]), ""),
    ],
)
def test_an_event_is_a_sentence(told: Event, words: str | None) -> None:
    expected = "OLA set the state to waiting for customer" if words is None else words
    assert sentence(told, str.upper) == expected


def test_what_rules_decided_names_them() -> None:
    winners = [
        {"field": "queue", "value": "first-line", "rule": "printers"},
        {"field": "priority_at_least", "value": "high", "rule": "outages"},
        {"field": "category", "value": "printer", "rule": "printers"},
    ]
    assert decided(winners) == (
        "Queue first line, category printer by rule “printers”; "
        "priority at least high by rule “outages”"
    )


@pytest.mark.parametrize(
    ("moment", "lang", "written"),
    [
        (datetime(2026, 11, 21, 7, 5, tzinfo=OSLO), "en", "07:05"),
        (datetime(2026, 11, 20, 7, 5, tzinfo=OSLO), "en", "20 Nov 07:05"),
        (datetime(2026, 11, 20, 7, 5, tzinfo=OSLO), "pl", "20 lis 07:05"),
        (datetime(2026, 11, 20, 7, 5, tzinfo=OSLO), "nb", "20 nov. 07:05"),
        (datetime(2026, 11, 20, 7, 5, tzinfo=OSLO), "ru", "20 нояб. 07:05"),
        (datetime(2025, 11, 20, 7, 5, tzinfo=OSLO), "et", "20 nov 2025 07:05"),
    ],
)
def test_a_time_is_as_long_as_it_must_be(moment: datetime, lang: str, written: str) -> None:
    assert when(moment, NOW, OSLO, lang) == written


@pytest.mark.parametrize(
    ("passed", "written"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_an_age(passed: timedelta, written: str) -> None:
    assert age(passed) == written


@pytest.mark.parametrize(
    ("amount", "written"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (2_340_000, "2.3 MB")]
)
def test_a_size(amount: int, written: str) -> None:
    assert size(amount) == written


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Jan Kowalski", "JK"), ("ola", "O"), ("Анна М. Петрова", "АП"), ("<>", "?"), ("", "?")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_words_of_ours_read_as_words() -> None:
    assert plain("waiting-for-customer") == "waiting for customer"
    assert [language(code) for code in ("pl", "nb", "xx-nonsense", "")] == [
        "Polish",
        "Norwegian Bokmål",
        "xx-nonsense",
        "",
    ]


def test_a_field_with_a_dot_is_told_in_words() -> None:
    winners = [{"field": "assign.to", "value": "mari", "rule": "estonian"}]
    assert decided(winners) == "Assign to mari by rule “estonian”"


GUEST = "visitor-ibh22p6g7kq4m2x5ra3tz6wyce"


@pytest.mark.parametrize(
    ("name", "address", "contact", "expected"),
    [
        ("Jan", "jan@kunde.example", "mail", "jan@kunde.example"),
        ("Jan", "501", "telegram", "Jan"),
        ("", "501", "telegram", "501"),
        ("", GUEST, "web-chat", "Visitor ibh2"),
        ("Ewa", GUEST, "web-chat", "Ewa"),
    ],
)
def test_what_people_call_somebody(name: str, address: str, contact: str, expected: str) -> None:
    assert called(name, address, contact) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"web-chat {GUEST}", "Visitor ibh2"),
        (f"{GUEST}, jan@kunde.example", "Visitor ibh2, jan@kunde.example"),
        ("visitor-1", "visitor-1"),
        (f"x{GUEST}", f"x{GUEST}"),
        ("", ""),
    ],
)
def test_no_text_has_a_guest_s_whole_address(text: str, expected: str) -> None:
    assert without_guests(text) == expected


def test_history_calls_a_guest_as_the_pages_do() -> None:
    data = {"to": [f"web-chat {GUEST}", "mail jan@kunde.example"], "way": "code"}
    event = Event(id=1, at=NOW, kind="joined", actor=CUSTOMER, message=None, note=None, data=data)
    told = "The customer joined Visitor ibh2 and mail jan@kunde.example as one person,"
    assert sentence(event, str).startswith(told)
