"""Does the page of mishaps leave out no channel, and is there a test behind every line?"""

import re

from tests.channels.mishaps_page import NOT_THERE, PAGE, Table, is_a_test, table_of, tables
from tests.layout.tree import text_of

WAYS_IN = (
    *("IMAP", "SMTP and LMTP", "Telegram poll", "Telegram webhook", "Slack socket", "Slack http"),
    *("web chat", "form", "webhook"),
)
COLUMNS = ("what happens", "shown by")
MISHAPS = 17


def tables_in() -> dict[str, Table]:
    """Return the tables of what comes in, by the heading above each."""
    titles = re.findall(r"^### (.*)$", text_of(PAGE), re.MULTILINE)
    found = [table for table in tables() if table != table_of("asks us to wait a second")]
    return dict(zip(titles, found, strict=True))


def test_every_mishap_is_told_of_every_way_in_once() -> None:
    assert len(tables_in()) == MISHAPS
    for title, table in tables_in().items():
        told = [way for ways in table for way in ways.split(", ")]
        assert sorted(told) == sorted(WAYS_IN), title


def test_every_line_says_what_happens_and_names_a_test_that_there_is() -> None:
    for title, table in tables_in().items():
        for ways, line in table.items():
            assert tuple(line) == COLUMNS
            what, shown = line["what happens"], line["shown by"]
            if what == NOT_THERE:
                assert shown == "", (title, ways)
            else:
                assert len(what) > len("refused"), (title, ways)
                assert is_a_test(shown.strip("`")), (title, ways, shown)


def test_the_words_around_the_tables_name_tests_that_there_are() -> None:
    named = re.findall(r"`(\S+\.py::\S+)`", text_of(PAGE))
    assert len(named) > MISHAPS
    assert [name for name in named if not is_a_test(name)] == []


def test_a_test_that_is_not_there_would_be_noticed() -> None:
    assert is_a_test("channels/test_form.py::test_a_double_click_is_one_message")
    assert not is_a_test("channels/test_form.py::test_a_double_click")
    assert not is_a_test("channels/test_nowhere.py::test_a_double_click_is_one_message")
