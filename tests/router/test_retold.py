"""Is a decision told again as it was, by its own rules, and compared with those of now?"""

import pytest

from inquiry.decision import Decision, Facts, Winner
from inquiry.understood import Edit, Report
from inquiry.words import Automated, Priority
from router.compare import Change
from router.conditions.customer import Attribute, Count
from router.conditions.words import Mentions
from router.customers import Organization, Organizations
from router.decide import decide
from router.retold import InForce, retold, tried, untold
from router.rules import FLOOR
from router.summary import asked, lines_of
from router.why_not import Wish
from tests.router.builders import a_message, a_rule, the_facts, the_rules

OUTAGE = a_rule("outage", Mentions(("outage",)), then={"queue": "second-line"})
LAST = a_rule("everything-else", then={"queue": "first-line"})
THEN = the_rules(OUTAGE, LAST)
DOWN = a_message(subject="All is down")


def test_what_was_decided_is_told_by_the_rules_of_then() -> None:
    decision = decide(THEN, DOWN, the_facts())
    now = InForce(rules=the_rules(LAST))
    told = retold(DOWN, the_facts(), decision, THEN, now, Wish("queue", "first-line"))
    assert told.trace
    assert told.trace.decision == decision
    assert [each.rule for each in told.trace.rules] == [OUTAGE, LAST]
    assert told.today
    place = LAST.place
    assert told.today.changes == (
        Change("queue", "second-line", "first-line", "everything-else", place),
    )
    assert told.why_not
    assert told.why_not.kept[0].too_late.startswith("queue was already decided by 'outage'")


def test_without_the_rules_of_then_only_what_was_recorded_is_told() -> None:
    decision = decide(THEN, DOWN, the_facts())
    wished = Wish("queue", "first-line")
    told = retold(DOWN, the_facts(), decision, "lost", InForce(rules=THEN), wished)
    assert (told.trace, told.why_not, told.unreadable) == (None, None, "lost")
    assert told.decision == decision
    assert told.today
    assert told.today.changes == ()


def test_todays_organizations_count_today_and_those_of_then_for_then() -> None:
    gold = a_rule("gold", Attribute("vip", ("yes",)), tags=["gold"])
    rules = the_rules(gold, LAST)
    facts = the_facts(customer={"address": "jan@acme.example"})
    now = InForce(
        rules=rules,
        organizations=Organizations([Organization("acme", ("acme.example",), {"vip": "yes"})]),
    )
    told = retold(DOWN, facts, decide(rules, DOWN, facts), rules, now)
    assert told.decision.tags == ()
    assert told.today
    assert told.today.changes == (Change("tags", "", "gold", "gold", gold.place),)


def test_what_nobody_looked_up_is_named() -> None:
    again = a_rule("again", Count(word="open_inquiry"), tags=["again"])
    rules = the_rules(again, LAST)
    assert untold(rules, the_facts()) == ["open-inquiries"]
    assert untold(rules, the_facts(counted={"open-inquiries": 0})) == []


@pytest.mark.parametrize(
    "understood",
    [
        Edit(message=DOWN, remote_id="1", conversation="2"),
        Report(message=DOWN, kind=Automated.BOUNCE),
    ],
    ids=["a change of a message", "a report"],
)
def test_the_message_inside_is_told(understood: Edit | Report) -> None:
    told = retold(understood, the_facts(), Decision(), THEN, InForce(rules=THEN))
    assert told.message == DOWN
    assert told.trace


def test_what_is_tried_out_has_no_past() -> None:
    told = tried(THEN, DOWN, the_facts(), Wish("queue", "first-line"))
    assert told.decision == decide(THEN, DOWN, the_facts())
    assert told.why_not
    assert told.today is None


def winner(field: str, value: str, rule: str = "r") -> Winner:
    return Winner(field=field, value=value, rule=rule, place="desk.yaml:7", because="always")


def test_lines_stand_in_the_order_in_which_people_ask() -> None:
    winners = (
        winner("sla", "gold"),
        winner("set.order", "1000"),
        winner("queue", "invoices"),
        winner("assign.by", "pull"),
        winner("snooze", "2h"),
        winner("tags", "vip"),
        winner("handle", "inquiry"),
    )
    fields = [line.field for line in lines_of(Decision(winners=winners))]
    assert fields == ["handle", "queue", "sla", "assign.by", "set.order", "snooze", "tags"]


@pytest.mark.parametrize(
    ("winners", "priority", "expected"),
    [
        pytest.param(
            [winner("priority", "high"), winner(FLOOR, "normal", "floor")],
            Priority.HIGH,
            Winner(field="priority", value="high", rule="r", place="desk.yaml:7", because="always"),
            id="decided, no floor above it",
        ),
        pytest.param(
            [winner("priority", "low"), winner(FLOOR, "high", "floor")],
            Priority.HIGH,
            Winner(
                field="priority",
                value="high",
                rule="floor",
                place="desk.yaml:7",
                because="raised from low · always",
            ),
            id="raised by a rule",
        ),
        pytest.param(
            [winner(FLOOR, "urgent", "urgency")],
            Priority.URGENT,
            Winner(
                field="priority",
                value="urgent",
                rule="urgency",
                place="desk.yaml:7",
                because="always",
            ),
            id="raised by urgency",
        ),
    ],
)
def test_the_priority_is_one_line(
    winners: list[Winner], priority: Priority, expected: Winner
) -> None:
    assert list(lines_of(Decision(winners=tuple(winners), priority=priority))) == [expected]


def test_a_floor_that_raised_nothing_is_no_line() -> None:
    decision = Decision(winners=(winner(FLOOR, "normal"),), priority=Priority.HIGH)
    assert list(lines_of(decision)) == []


def test_what_was_looked_up_is_told_in_words() -> None:
    facts = the_facts(
        counted={
            "open-inquiries": 2,
            "messages 86400s": 3,
            "inquiries 5400s": 0,
            "waiting first-line": 26,
            "reopened": 1,
        },
        at_least=("waiting first-line",),
        last_category="",
    )
    assert list(asked(facts)) == [
        "2 other open inquiries",
        "3 earlier messages in 1d",
        "0 inquiries in 90m",
        "26 or more waiting in first-line",
        "1 times reopened",
        "last category none",
    ]
    assert list(asked(Facts(now=facts.now, channel=facts.channel))) == []
