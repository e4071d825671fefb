"""Does each condition and effect, as it is written, become the one that is meant?"""

from pathlib import Path

import pytest

from router.conditions.condition import Condition, Later
from router.conditions.message import Address, Channel, Flag, HasAttachment, Language
from router.conditions.words import Contains, Mentions
from router.logic import ALWAYS, All, Any, Not
from router.patterns import pattern
from router.rules import Effect, Turn
from router.words import phrase
from tests.config.builders import RULES, loaded, told

FIRE = Contains("subject", (phrase("fire"),))
OUTAGE, PRINTER = Mentions(("outage",)), Mentions(("printer",))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param("always", ALWAYS, id="always"),
        pytest.param("{channel: support-mail}", Channel(("support-mail",)), id="one value"),
        pytest.param("{language: [nb, pl]}", Language(("nb", "pl")), id="a list means or"),
        pytest.param("{mentions: [outage, printer]}", Mentions(("outage", "printer")), id="lists"),
        pytest.param("{mentions: outage, subject: fire}", All((OUTAGE, FIRE)), id="keys mean and"),
        pytest.param("{not: {mentions: outage}}", Not(OUTAGE), id="not"),
        pytest.param(
            "{not: [{mentions: outage}, {mentions: printer}]}",
            Not(Any((OUTAGE, PRINTER))),
            id="not of a list: none of them",
        ),
        pytest.param(
            "{not: {mentions: outage, subject: fire}}",
            Not(All((OUTAGE, FIRE))),
            id="not of a table: not all of them",
        ),
        pytest.param(
            "{any: [{mentions: outage}, {all: [{mentions: printer}, {subject: fire}]}]}",
            Any((OUTAGE, All((PRINTER, FIRE)))),
            id="nested",
        ),
        pytest.param("{any: [{mentions: outage}]}", OUTAGE, id="any of one"),
        pytest.param(
            r"{subject: '/\bORD-\d+/i'}",
            Contains("subject", (pattern(r"/\bORD-\d+/i"),)),
            id="a pattern",
        ),
        pytest.param(
            "{text: [fire, 'burn*', '/ab+/']}",
            Contains("text", (phrase("fire"), phrase("burn*"), pattern("/ab+/"))),
            id="words and patterns",
        ),
        pytest.param("{body: fire}", Contains("body", (phrase("fire"),)), id="the body"),
        pytest.param("{from: acme.example}", Address("from", ("acme.example",)), id="from"),
        pytest.param("{any: {subject: fire}}", FIRE, id="any of one table"),
        pytest.param("{to: '/two words/'}", Address("to", (pattern("/two words/"),)), id="blanks"),
        pytest.param("{to: '/desk/'}", Address("to", (pattern("/desk/"),)), id="to a pattern"),
        pytest.param("{bounce: no}", Flag("bounce", False), id="a flag"),
        pytest.param("{auto_generated: yes}", Flag("auto_generated", True), id="another"),
        pytest.param("{attachment: yes}", HasAttachment(), id="any file"),
        pytest.param("{attachment: no}", HasAttachment(wanted=False), id="no file"),
        pytest.param(
            "{attachment: {extension: [EXE, .js], type: Image/*, bigger_than: 1KB, count: 2}}",
            HasAttachment(extensions=("exe", "js"), types=("image/*",), bigger_than=1024, count=2),
            id="a sort of file",
        ),
        pytest.param("{mood: angry}", Later("mood"), id="of a later version"),
    ],
)
def test_a_condition_is_what_is_meant(tmp_path: Path, when: str, expected: Condition) -> None:
    rules = RULES.replace("{mentions: outage, not: {mentions: printer}}", when)
    if when == "always":
        rules = rules.replace("queue: second-line, priority: high", "tags: [a]").replace(
            "category: outage, ", ""
        )
    found = loaded(tmp_path, rules=rules).rules.rules[0].when
    assert found == (expected if isinstance(expected, All) else All((expected,)))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param("{channel: []}", "value: 'channel' needs at least one value | ", id="none"),
        pytest.param("{any: []}", "value: 'any' needs at least one condition | ", id="any of none"),
        pytest.param("{attachment: {count: 0}}", "value: 0 is not 1 or more | ", id="no files"),
        pytest.param("{bounce: [yes]}", "value: here belongs one value,", id="a list of flags"),
        pytest.param(
            "{any: {subject: a, body: b}}",
            "value: in one table all must hold, so 'any' needs a list"
            " | write any: [{subject: …}, {body: …}]",
            id="any of a table",
        ),
        pytest.param(
            "{subject: invoice, bill}",
            "unknown-key: unknown key 'bill' | between brackets a text with a comma needs quotes,"
            " and a list brackets of its own",
            id="a list without brackets",
        ),
        pytest.param(
            "{mentions: {en: [bill]}}",
            "value: here belongs the name of a word list"
            " | give these words a name in the section 'words', and write that name here",
            id="words in a rule",
        ),
        pytest.param(
            "{attachment: pdf}",
            "value: 'pdf' is not yes or no | write {extension: pdf}",
            id="a sort of file without its key",
        ),
        pytest.param(
            "{urgency: '>60'}",
            "value: '>60' is no level of urgency | write {more_than: 60}",
            id="points without their key",
        ),
        pytest.param(
            "{from: Jan Kowalski}",
            "value: no address is 'Jan Kowalski' | write jan@acme.example, acme.example",
            id="a person's name as an address",
        ),
        pytest.param(
            "{to: 'a@b.example, c@d.example'}",
            "value: no address is 'a@b.example, c@d.example' | ",
            id="two addresses as one",
        ),
        pytest.param(
            "{attachment: {size: 1}}", "unknown-key: unknown key 'size' | keys: ", id="a key"
        ),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, when: str, expected: str) -> None:
    rules = RULES.replace("{mentions: outage, not: {mentions: printer}}", when)
    assert told(tmp_path, rules=rules)[0].startswith(expected)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("{queue: second-line}", [("queue", "second-line")]),
        ("{tags: [a, b]}", [("tags", "a"), ("tags", "b")]),
        ("{tags: a}", [("tags", "a")]),
        ("{priority_at_least: urgent}", [("priority_at_least", "urgent")]),
        ("{assign: {to: ola, by: pull}}", [("assign.to", "ola"), ("assign.by", "pull")]),
        ("{handle: quarantine, reason: a loop}", [("handle", "quarantine"), ("reason", "a loop")]),
        ("{attachments: block, reply: ack}", [("attachments", "block"), ("reply", "ack")]),
        ("{category: no}", [("category", "no")]),
    ],
)
def test_an_effect_is_what_is_meant(
    tmp_path: Path, then: str, expected: list[tuple[str, str]]
) -> None:
    rules = RULES.replace("{category: outage, queue: second-line, priority: high}", then)
    found = loaded(tmp_path, rules=rules).rules.rules[0].then
    assert list(found) == [Effect(field, value) for field, value in expected]


def test_what_else_a_rule_may_say(tmp_path: Path) -> None:
    more = "priority: high}\n    stop: yes\n    on: [opening, follow-up]\n"
    found = loaded(tmp_path, rules=RULES.replace("priority: high}\n", more)).rules.rules
    assert (found[0].stop, found[0].on) == (True, frozenset(Turn))
    assert (found[1].stop, found[1].on) == (False, frozenset())


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        pytest.param(
            "{assign: kasia}",
            "value: here belongs a table of to, by, skills, prefer | write {to: kasia}",
            id="an assignee without the key",
        ),
        pytest.param(
            "{set: order}",
            "value: here belongs a table of fields of the inquiry | write {order: …}",
            id="a field without its value",
        ),
        pytest.param(
            "[{queue: second-line}, {tags: [a]}]",
            "value: here belongs a table of fields to decide | write its keys without dashes",
            id="a list of decisions",
        ),
        pytest.param(
            "{tags: a, b}",
            "unknown-key: unknown key 'b' | between brackets a text with a comma needs quotes,"
            " and a list brackets of its own",
            id="tags without brackets",
        ),
    ],
)
def test_a_decision_in_another_form_is_told(tmp_path: Path, then: str, expected: str) -> None:
    rules = RULES.replace("{category: outage, queue: second-line, priority: high}", then)
    assert told(tmp_path, rules=rules)[0] == expected


def test_a_key_that_is_joined_to_its_value_is_told(tmp_path: Path) -> None:
    then = "    then: {category: outage, queue: second-line, priority: high}"
    found = told(tmp_path, rules=RULES.replace(then, "    then {queue: second-line}"))
    assert (
        "unknown-key: unknown key 'then {queue' | write a colon and a space after 'then'" in found
    )


def test_words_without_their_language_are_told(tmp_path: Path) -> None:
    assert told(tmp_path, words="words:\n  outage: [down]\n  printer: {en: [printer]}\n") == [
        "value: here belongs a table of languages, such as nb: […] | "
    ]
