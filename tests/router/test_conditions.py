"""Does each condition hold when it should, say why, and name keys that never hide it?"""

from typing import Any

import pytest

from inquiry.understood import Attachment, Party, Report
from inquiry.words import Automated
from router.conditions.condition import Condition, Later
from router.conditions.message import Address, Channel, Flag, HasAttachment, Language
from router.conditions.words import Contains, Mentions
from router.logic import ALWAYS, All, Not
from router.logic import Any as AnyOf
from router.patterns import pattern
from router.reading import Reading
from router.text import Text
from router.words import phrase
from tests.router.builders import a_message, a_rule, the_facts, the_rules

ORDER = pattern(r"/\bORD-\d{8}\b/i")
LIST = {"automated": Automated.LIST}
AWAY = {"automated": Automated.AUTO_REPLY, "automated_because": "Auto-Submitted: auto-replied"}


def a_file(name: str, kind: str = "application/pdf", size: int = 1000) -> Attachment:
    return Attachment(filename=name, content_type=kind, size=size, sha256="00")


def reading(condition: Condition, **message: Any) -> Reading:
    rules = the_rules(a_rule("it", condition))
    return rules.reading(Text(a_message(**message), rules.words), the_facts())


FILES = {"attachments": (a_file("Setup.EXE"), a_file("plan.pdf", size=5000))}
CASES = [
    pytest.param(ALWAYS, {}, True, "always", id="always"),
    pytest.param(Channel(("support-mail",)), {}, True, "channel is support-mail", id="channel"),
    pytest.param(
        Channel(("fax", "chat")),
        {},
        False,
        "channel is support-mail, not fax or chat",
        id="another channel",
    ),
    pytest.param(Language(("et", "en")), {}, True, "language is en", id="language"),
    pytest.param(Language(("en",)), {"language": "en-GB"}, True, "language is en-GB", id="region"),
    pytest.param(
        Language(("et",)), {"language": ""}, False, "language is unknown, not et", id="unknown"
    ),
    pytest.param(
        Mentions(("invoice", "outage")),
        {"subject": "All is DOWN"},
        True,
        "mentions outage: “down”",
        id="a list",
    ),
    pytest.param(
        Mentions(("outage",)), {}, False, "mentions outage: none of the words", id="no word"
    ),
    pytest.param(
        Contains("subject", (ORDER,)),
        {"subject": "where is ord-12345678"},
        True,
        "subject: “ord-12345678”",
        id="pattern",
    ),
    pytest.param(
        Contains("subject", (ORDER,)),
        {"text": "ORD-12345678"},
        False,
        "subject no match",
        id="part",
    ),
    pytest.param(
        Contains("text", (ORDER,)),
        {"text": "ORD-12345678"},
        True,
        "text: “ORD-12345678”",
        id="text",
    ),
    pytest.param(
        Contains("body", (phrase("angry"), phrase("fire"))),
        {"text": "My printer is on FIRE"},
        True,
        "body: “fire”",
        id="a word in the body",
    ),
    pytest.param(
        Contains("body", (phrase("help"),)),
        {"text": "Thanks!\n> help", "new_text": "Thanks!"},
        False,
        "body no match",
        id="quoted words do not count",
    ),
    pytest.param(
        Contains("body", (phrase("help"),)),
        {"text": "> help", "new_text": " "},
        True,
        "body: “help”",
        id="unless nothing else is there",
    ),
    pytest.param(
        Address("from", ("JAN@acme.example",)), {}, True, "from jan@acme.example", id="address"
    ),
    pytest.param(
        Address("from", ("acme.example",)), {}, True, "from jan@acme.example", id="domain"
    ),
    pytest.param(
        Address("from", ("acme.example",)),
        {"sender": Party("a@mail.acme.example")},
        True,
        "from a@mail.acme.example",
        id="below a domain",
    ),
    pytest.param(
        Address("from", ("me.example",)),
        {},
        False,
        "from is jan@acme.example, not me.example",
        id="part of a name",
    ),
    pytest.param(
        Address("from", ("j*@*.example",)), {}, True, "from jan@acme.example", id="asterisk"
    ),
    pytest.param(
        Address("from", (pattern("/kowalski/i"),)), {}, True, "from jan@acme.example", id="name"
    ),
    pytest.param(
        Address("from", ("a.example",)),
        {"sender": None},
        False,
        "from is -, not a.example",
        id="nobody",
    ),
    pytest.param(
        Address("from", ("12345",)), {"sender": Party("12345")}, True, "from 12345", id="number"
    ),
    pytest.param(
        Address("to", ("billing@nordlys.example",)),
        {"cc": (Party("billing@nordlys.example"),)},
        True,
        "to support@nordlys.example, billing@nordlys.example",
        id="a copy counts as to",
    ),
    pytest.param(
        HasAttachment(extensions=("exe", "js")), FILES, True, "attachment Setup.EXE", id="extension"
    ),
    pytest.param(
        HasAttachment(extensions=("exe",)),
        {"attachments": (a_file("virus.exe. "),)},
        True,
        "attachment virus.exe. ",
        id="an ending that some systems drop",
    ),
    pytest.param(HasAttachment(types=("image/*",)), FILES, False, "attachment none", id="type"),
    pytest.param(HasAttachment(bigger_than=4000), FILES, True, "attachment plan.pdf", id="size"),
    pytest.param(
        HasAttachment(extensions=("exe",), bigger_than=4000),
        FILES,
        False,
        "attachment none",
        id="all of it about one file",
    ),
    pytest.param(
        HasAttachment(count=3), FILES, False, "attachment Setup.EXE, plan.pdf", id="too few"
    ),
    pytest.param(HasAttachment(wanted=False), {}, True, "attachment none", id="no attachment"),
    pytest.param(Flag("auto_generated", True), LIST, False, "auto_generated no", id="list mail"),
    pytest.param(
        Flag("auto_generated", True),
        AWAY,
        True,
        "auto_generated: Auto-Submitted: auto-replied",
        id="out of office",
    ),
    pytest.param(Flag("bounce", False), AWAY, True, "bounce no", id="is no bounce"),
    pytest.param(
        Flag("bounce", True), {"automated": Automated.BOUNCE}, True, "bounce yes", id="bounce"
    ),
    pytest.param(Later("mood"), {}, None, "mood: this version can't tell", id="later"),
    pytest.param(
        Not(Mentions(("outage",))), {}, True, "not mentions outage: none of the words", id="not"
    ),
    pytest.param(
        Not(Later("mood")), {}, None, "not mood: this version can't tell", id="not of unknown"
    ),
    pytest.param(
        AnyOf((Later("mood"), Flag("bounce", False))), {}, True, "bounce no", id="any of unknown"
    ),
    pytest.param(
        AnyOf((Later("mood"), Flag("bounce", True))),
        {},
        None,
        "any of mood: this version can't tell; bounce no",
        id="any stays unknown",
    ),
    pytest.param(
        All((Later("mood"), Flag("bounce", True))), {}, False, "bounce no", id="all is false"
    ),
    pytest.param(
        All((Later("mood"), Flag("bounce", False))),
        {},
        None,
        "mood: this version can't tell; bounce no",
        id="all stays unknown",
    ),
]


@pytest.mark.parametrize(("condition", "message", "holds", "words"), CASES)
def test_a_condition_holds_and_says_why(
    condition: Condition, message: dict[str, Any], holds: bool | None, words: str
) -> None:
    read = reading(condition, **message)
    assert condition.holds(read) is holds
    assert condition.words(read) == words


@pytest.mark.parametrize(("condition", "message", "holds", "words"), CASES)
def test_a_rule_that_matches_is_always_among_the_candidates(
    condition: Condition, message: dict[str, Any], holds: bool | None, words: str
) -> None:
    rule = a_rule("it", condition)
    read = reading(condition, **message)
    if holds:
        assert list(the_rules(rule).candidates(read)) == [rule]


def test_a_report_is_a_bounce_whatever_its_kind() -> None:
    report = Report(kind=Automated.FEEDBACK, message=a_message())
    assert Text(report, the_rules().words).bounce


def test_a_rule_with_rare_keys_is_looked_up_by_them() -> None:
    condition = All((Language(("en",)), Mentions(("outage",)), Channel(("support-mail",))))
    assert condition.keys() == frozenset([("list", "outage")])


def test_whether_a_pattern_that_takes_too_long_matches_cannot_be_told() -> None:
    slow = Contains("body", tuple(pattern(f"/(a|aa)+{end}$/") for end in "bcdefg"))
    read = reading(slow, text="a" * 5000 + "!")
    assert slow.holds(read) is None
    assert Not(slow).holds(read) is None
    assert list(read.text.too_slow) == [f"/(a|aa)+{end}$/" for end in "bcdefg"]


def test_slow_patterns_take_nothing_from_the_others() -> None:
    slow = Contains("body", tuple(pattern(f"/(a|aa)+{end}$/") for end in "bcdefgh"))
    quick = Contains("body", (pattern("/a!$/"),))
    read = reading(All((slow, quick)), text="a" * 5000 + "!")
    assert slow.holds(read) is None
    assert quick.holds(read) is True
