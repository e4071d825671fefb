"""Does the first rule that decides a field decide it, and what about tags, floors and stops?"""

import pytest

from inquiry.decision import Decision, Winner
from inquiry.understood import Report
from inquiry.words import Automated, Handle, Priority
from router.conditions.condition import Later
from router.conditions.message import Channel, Flag
from router.conditions.words import Contains, Mentions
from router.decide import decide
from router.logic import All
from router.patterns import pattern
from router.rules import Rule, Turn
from tests.router.builders import a_message, a_rule, the_facts, the_rules

LAST = a_rule("everything-else", then={"queue": "first-line", "priority": "normal", "reply": "ack"})


def decided(
    *rules: Rule, text: str = "hello", follow_up: bool = False, **facts: object
) -> Decision:
    message = a_message(text=text)
    return decide(the_rules(*rules), message, the_facts(follow_up=follow_up, **facts))


def test_the_first_rule_that_decides_a_field_decides_it() -> None:
    above = a_rule("outage", Mentions(("outage",)), then={"queue": "second-line"})
    made = decided(above, LAST, text="it is down")
    assert (made.queue, made.reply) == ("second-line", "ack")
    assert made.matched == ("outage", "everything-else")


def test_every_field_names_its_winner() -> None:
    above = a_rule("outage", Mentions(("outage",)), then={"queue": "second-line"}, tags=["fire"])
    made = decided(above, text="it is down")
    because = "mentions outage: “down”"
    assert made.winners == (
        Winner(
            field="queue", value="second-line", rule="outage", place="desk.yaml:6", because=because
        ),
        Winner(field="tags", value="fire", rule="outage", place="desk.yaml:6", because=because),
    )
    assert made.configuration == "7f3a9c"


def test_tags_add_up_and_each_counts_once() -> None:
    made = decided(a_rule("one", tags=["a", "b"]), a_rule("two", tags=["b", "c"]))
    assert made.tags == ("a", "b", "c")
    assert [(w.value, w.rule) for w in made.winners] == [("a", "one"), ("b", "one"), ("c", "two")]


@pytest.mark.parametrize(
    ("floors", "priority", "expected"),
    [
        pytest.param([], None, Priority.NORMAL, id="undecided is normal"),
        pytest.param([], "low", Priority.LOW, id="decided"),
        pytest.param(["high"], "low", Priority.HIGH, id="raised"),
        pytest.param(["low"], "high", Priority.HIGH, id="a floor lowers nothing"),
        pytest.param(["high", "urgent", "low"], "low", Priority.URGENT, id="the highest floor"),
        pytest.param(["high"], None, Priority.HIGH, id="a floor alone"),
    ],
)
def test_a_floor_raises_the_priority(
    floors: list[str], priority: str | None, expected: Priority
) -> None:
    rules = [a_rule(f"floor-{i}", then={"priority_at_least": f}) for i, f in enumerate(floors)]
    last = a_rule("last", then={"priority": priority} if priority else {})
    assert decided(*rules, last).priority is expected


def test_stop_ends_the_reading() -> None:
    quarantine = {"handle": "quarantine", "reason": "automatic mail"}
    made = decided(a_rule("own-loops", then=quarantine, stop=True), LAST)
    assert (made.handle, made.reason) == (Handle.QUARANTINE, "automatic mail")
    assert (made.queue, made.stopped_by, made.matched) == (None, "own-loops", ("own-loops",))


def test_an_inquiry_whose_reading_was_stopped_goes_where_the_last_rule_says() -> None:
    made = decided(a_rule("vip", then={"category": "vip"}, stop=True), LAST)
    assert (made.queue, made.category, made.reply) == ("first-line", "vip", "")
    assert made.matched == ("vip",)
    because = "the reading was stopped before a queue was chosen"
    assert [(w.rule, w.because) for w in made.winners if w.field == "queue"] == [
        ("everything-else", because)
    ]
    assert decided(a_rule("vip", stop=True), LAST, follow_up=True).queue is None


def test_a_rule_that_does_not_match_stops_nothing() -> None:
    made = decided(a_rule("bounces", Flag("bounce", True), stop=True), LAST)
    assert (made.queue, made.stopped_by) == ("first-line", "")


def test_a_condition_of_a_later_version_never_lets_a_rule_match() -> None:
    made = decided(a_rule("night", Later("outside"), then={"queue": "night"}), LAST)
    assert made.queue == "first-line"


def test_people_and_ways_of_assigning_are_fields_of_their_own() -> None:
    made = decided(
        a_rule("by", then={"assign.by": "pull"}),
        a_rule("to", then={"assign.to": "kasia", "assign.by": "round-robin"}),
    )
    assert (made.assign_to, made.assign_by) == ("kasia", "pull")


def test_an_unmatched_delivery_report_reaches_the_rules_as_a_bounce() -> None:
    rules = the_rules(
        a_rule("bounces", Flag("bounce", True), then={"handle": "delivery-report"}, stop=True), LAST
    )
    report = Report(kind=Automated.BOUNCE, message=a_message())
    assert decide(rules, report, the_facts()).handle is Handle.DELIVERY_REPORT


def test_our_own_mail_that_comes_back_is_no_inquiry_unless_a_rule_says_so() -> None:
    loop = a_message(automated=Automated.LOOP, automated_because="From: one of our addresses")
    made = decide(the_rules(LAST), loop, the_facts())
    assert (made.handle, made.winners[-1]) == (
        Handle.QUARANTINE,
        Winner(
            field="handle",
            value="quarantine",
            rule="deskbridge",
            because="our own mail comes back: From: one of our addresses",
        ),
    )
    ruled = the_rules(a_rule("own", Flag("auto_generated", True), then={"handle": "inquiry"}), LAST)
    assert decide(ruled, loop, the_facts()).handle is Handle.INQUIRY
    assert decide(the_rules(LAST), loop, the_facts(follow_up=True)).handle is Handle.INQUIRY


EVERYTHING = {
    "queue": "second-line",
    "category": "outage",
    "priority": "urgent",
    "reply": "ack",
    "assign.to": "kasia",
    "handle": "inquiry",
    "attachments": "block",
}


@pytest.mark.parametrize(
    ("on", "opening", "follow_up"),
    [
        pytest.param([], set(EVERYTHING), {"handle", "attachments"}, id="in full, and in part"),
        pytest.param([Turn.FOLLOW_UP], set(), set(EVERYTHING), id="on follow-ups alone"),
        pytest.param([Turn.OPENING], set(EVERYTHING), set(), id="on opening messages alone"),
        pytest.param(list(Turn), set(EVERYTHING), set(EVERYTHING), id="on both in full"),
    ],
)
def test_what_a_rule_decides_on_which_message(
    on: list[Turn], opening: set[str], follow_up: set[str]
) -> None:
    rule = a_rule("it", on=on, then=EVERYTHING)
    assert {winner.field for winner in decided(rule).winners} == opening
    assert {winner.field for winner in decided(rule, follow_up=True).winners} == follow_up


def test_a_follow_up_keeps_its_priority_unless_a_floor_raises_it() -> None:
    floor = a_rule("outage", Mentions(("outage",)), then={"priority_at_least": "urgent"})
    before = Priority.HIGH
    assert decided(floor, LAST, follow_up=True, priority=before).priority is Priority.HIGH
    raised = decided(floor, LAST, text="all down", follow_up=True, priority=before)
    assert raised.priority is Priority.URGENT
    assert raised.queue is None


def test_rules_are_read_in_order_however_they_are_looked_up() -> None:
    rules = [
        a_rule("by-channel", Channel(("support-mail",)), tags=["1"]),
        a_rule("always", tags=["2"]),
        a_rule("by-word", Mentions(("outage",)), tags=["3"]),
        a_rule("not", Flag("bounce", False), tags=["4"]),
    ]
    assert decided(*rules, text="down").tags == ("1", "2", "3", "4")


def test_of_two_groups_of_one_name_the_first_counts_and_blanks_of_nothing_decide_nothing() -> None:
    groups = [Contains("text", (pattern(f"/{at}(?P<it>.*?);/"),)) for at in ("one=", "two=")]
    rule = a_rule("it", All(tuple(groups)), then={"set.it": "{it}"}, tags=["{it}"])
    assert decided(rule, text="two=b; one=a;").set == {"it": "a"}
    made = decided(rule, a_rule("last", then={"set.it": "none"}), text="one= ; two=b;")
    assert (made.set, made.tags) == ({"it": "none"}, ())
