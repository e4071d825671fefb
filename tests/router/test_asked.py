"""Do conditions on customer, moment and marks hold when they should, and say what was found?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from inquiry.decision import Ask, Figure, Urgency
from inquiry.journey import QueueName
from inquiry.understood import Party
from inquiry.words import Priority, Trust
from router.conditions.condition import Condition
from router.conditions.customer import Attribute, Count, LastCategory, Organization
from router.conditions.message import Address, Authenticated, Flag, Trusted
from router.conditions.moment import Decided, Hours, IsUrgent
from router.conditions.words import Named
from router.decide import Course
from router.logic import Not
from router.patterns import pattern
from router.rules import compile_rules
from router.text import Text
from tests.router.builders import MONDAY, a_message, a_rule, the_facts
from tests.router.random_rules import CALENDARS

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)
NIGHT = MONDAY - 5 * HOUR
ANSWERED = {"messages 86400s": 2, "waiting first-line": 26, "reopened": 0}
SLOW = tuple(pattern(f"/(a|aa)+{end}$/") for end in "bc")
LONG = "a" * 100_000 + "!"
URGENT = Urgency(points=60, level=Priority.HIGH)
CASES = [
    (Organization(("acme",)), {"organization": "acme"}, True, "customer organization is acme"),
    (Organization(("acme",)), {}, False, "customer organization is none, not acme"),
    (Attribute("vip", ("yes",), "no"), {"attributes": {"vip": "yes"}}, True, "customer vip is yes"),
    (Attribute("vip", ("yes",), "no"), {}, False, "customer vip is no, not yes"),
    (Attribute("vip", ("no",), "no"), {}, True, "customer vip is no"),
    (
        Attribute("contract", ("gold", "silver")),
        {"attributes": {"contract": "basic"}},
        False,
        "customer contract is basic, not gold or silver",
    ),
    (Attribute("region", ("*",)), {}, False, "customer region is unknown, not *"),
    (Attribute("region", ("*",)), {"attributes": {"region": "x"}}, True, "customer region is x"),
    (
        Attribute("region", (pattern("/^(n|s)/"),)),
        {"attributes": {"region": "north"}},
        True,
        "customer region is north",
    ),
    (
        Attribute("region", SLOW),
        {"attributes": {"region": LONG}},
        None,
        "customer region: a pattern took too long",
    ),
    (
        Count(word="repeated_within", within=DAY),
        {"counted": ANSWERED},
        True,
        "2 earlier messages in 1d",
    ),
    (
        Count(word="repeated_within", within=HOUR),
        {"counted": ANSWERED},
        None,
        "repeated_within: not recorded",
    ),
    (
        Count(word="queue_load", queue="first-line", more_than=25),
        {"counted": ANSWERED},
        True,
        "26 waiting in first-line",
    ),
    (
        Count(word="queue_load", queue="first-line", more_than=26),
        {"counted": ANSWERED},
        False,
        "26 waiting in first-line, not more than 26",
    ),
    (
        Count(word="queue_load", queue="first-line", more_than=26),
        {"counted": ANSWERED, "at_least": ("waiting first-line",)},
        None,
        "queue_load: 26 waiting in first-line or more, nobody counted on",
    ),
    (Count(word="reopened"), {"counted": ANSWERED}, False, "reopened 0 times, not more than 0"),
    (Count(word="open_inquiry"), {}, None, "open_inquiry: not recorded"),
    (
        Not(Count(word="open_inquiry")),
        {"counted": {"open-inquiries": 0}},
        True,
        "not 0 open inquiries, not more than 0",
    ),
    (
        Count(word="inquiries_in", within=30 * DAY, more_than=3),
        {"counted": {"inquiries 2592000s": 4}},
        True,
        "4 inquiries in 30d",
    ),
    (LastCategory(("invoice",)), {"last_category": "invoice"}, True, "last_category is invoice"),
    (LastCategory(("x",)), {"last_category": ""}, False, "last_category is none, not x"),
    (LastCategory(("invoice",)), {}, None, "last_category: not recorded"),
    (Hours("during", ("office",)), {}, True, "during office: office is open"),
    (Hours("during", ("office",)), {"now": NIGHT}, False, "during office: office is closed"),
    (Hours("outside", ("office",)), {"now": NIGHT}, True, "outside office: office is closed"),
    (
        Hours("during", ("office", "always")),
        {"now": NIGHT},
        True,
        "during office, always: office is closed, always is open",
    ),
    (
        Hours("outside", ("office", "always")),
        {},
        False,
        "outside office, always: office is open, always is open",
    ),
    (Flag("known", True), {"customer_known": True}, True, "known yes"),
    (Flag("known", True), {}, False, "known no"),
    (Flag("known", False), {}, True, "known no"),
    (Decided("queue", ("first-line",)), {}, False, "queue is undecided, not first-line"),
    (
        Decided("queue", ("first-line",)),
        {"follow_up": True, "queue": QueueName("first-line")},
        True,
        "queue is first-line",
    ),
    (Decided("priority", (Priority.NORMAL,)), {}, True, "priority is normal"),
    (
        Decided("priority", (Priority.HIGH, Priority.URGENT)),
        {},
        False,
        "priority is normal, not high or urgent",
    ),
    (Decided("tags", ("vip",)), {"tags": ("a", "vip")}, True, "tags is a, vip"),
    (Decided("tags", ("vip",)), {}, False, "tags is undecided, not vip"),
    (Decided("category", ("x",)), {"category": "x", "follow_up": True}, True, "category is x"),
]


@pytest.mark.parametrize(("condition", "facts", "holds", "words"), CASES)
def test_what_is_asked_of_the_facts(
    condition: Condition, facts: dict[str, Any], holds: bool | None, words: str
) -> None:
    course = begun(condition, the_facts(**facts))
    assert condition.holds(course.reading) is holds
    assert condition.words(course.reading) == words


def begun(condition: Condition, facts: Any, **message: Any) -> Course:
    rules = compile_rules([a_rule("it", condition)], calendars=CALENDARS)
    reading = rules.reading(Text(a_message(**message), rules.words), facts)
    return Course.begin(reading, rules.scale)


@pytest.mark.parametrize(
    ("condition", "holds", "words"),
    [
        (IsUrgent((Priority.HIGH,)), True, "urgency 60 (high)"),
        (IsUrgent((Priority.URGENT,)), False, "urgency 60 (high)"),
        (IsUrgent(more_than=59), True, "urgency 60 (high)"),
        (IsUrgent(more_than=60), False, "urgency 60 (high)"),
    ],
)
def test_how_urgent_it_is(condition: IsUrgent, holds: bool, words: str) -> None:
    course = replace(begun(condition, the_facts()), urgency=URGENT)
    course.reading.so_far = course
    assert condition.holds(course.reading) is holds
    assert condition.words(course.reading) == words


@pytest.mark.parametrize("condition", [IsUrgent(more_than=-9), Decided("tags", ("a",))])
def test_nothing_is_decided_while_urgency_is_counted(condition: Condition) -> None:
    course = begun(condition, the_facts(tags=("a",)))
    course.reading.so_far = None
    assert condition.holds(course.reading) is False


MARKED = {
    "trust": Trust.VERIFIED,
    "authentication": {"spf": "pass", "dmarc": "fail"},
    "form": {"product": "Router", "empty": " "},
    "headers": {"x-priority": "1 (Highest)"},
    "subject": "WHERE IS MY ROUTER, THEN",
    "text": "no",
}


@pytest.mark.parametrize(
    ("condition", "holds", "words"),
    [
        (Trusted((Trust.VERIFIED,)), True, "trust is verified"),
        (Trusted((Trust.CLAIMED,)), False, "trust is verified, not claimed"),
        (Authenticated("spf", ("pass",)), True, "spf is pass"),
        (Authenticated("dmarc", ("pass",)), False, "dmarc is fail, not pass"),
        (Authenticated("dkim", ("none",)), True, "dkim is none"),
        (Flag("shouting", True), True, "shouting yes"),
        (Flag("mailing_list", True), False, "mailing_list no"),
        (Named("form", "product", ("router",)), True, "form product: “Router”"),
        (Named("form", "product", ("printer",)), False, "form product: “Router”"),
        (Named("form", "invoice", (pattern("/x/"),)), False, "form invoice: -"),
        (Named("form", "empty"), False, "form empty: -"),
        (Named("form", "product"), True, "form product: “Router”"),
        (Named("form", "invoice", present=False), True, "form invoice: -"),
        (Named("form", "product", present=False), False, "form product: “Router”"),
        (Named("header", "x-priority", ("1*",)), True, "header x-priority: “1 (Highest)”"),
        (Named("form", "product", (pattern("/^r$/i"),)), False, "form product: “Router”"),
    ],
)
def test_what_is_asked_of_the_message(condition: Condition, holds: bool, words: str) -> None:
    reading = begun(condition, the_facts(), **MARKED).reading
    assert condition.holds(reading) is holds
    assert condition.words(reading) == words


def test_all_that_has_to_be_looked_up_is_known_and_the_farthest_count() -> None:
    near, far = (Count(word="queue_load", queue="a", more_than=most) for most in (3, 25))
    rules = compile_rules([a_rule("x", far), a_rule("y", Not(near)), a_rule("z", LastCategory(()))])
    assert rules.asks == (Ask(Figure.WAITING, "a"), Ask(Figure.LAST_CATEGORY))
    assert rules.asks[0].up_to == 26


def test_a_pattern_that_takes_too_long_is_told_of() -> None:
    named, sender = Named("form", "x", SLOW), Address("from", SLOW)
    course = begun(named, the_facts(), form={"x": LONG}, sender=Party("a", LONG))
    assert named.holds(course.reading) is sender.holds(course.reading) is None
    assert named.words(course.reading).endswith("…”: a pattern took too long")
    assert sender.words(course.reading) == "from a: a pattern took too long"
