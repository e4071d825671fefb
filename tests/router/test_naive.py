"""Do the compiled rules decide as the slow and obvious reading of them does?"""

from collections.abc import Sequence
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inquiry.decision import Decision, Facts, Winner
from inquiry.understood import Message, Report
from router.compare import values
from router.decide import decide
from router.explain import explain
from router.rules import FLOOR, Rule, Rules, compile_rules
from router.text import Text
from router.urgency import Scale
from router.words import phrase
from tests.router.builders import LISTS
from tests.router.naive import Outcome, outcome, rank
from tests.router.random_rules import CALENDARS, known, messages, rule_sets, scales

SETS, FEW = 330, 4
"""Each set of rules decides every message with all facts: more than 5 000 pairs in all."""
PHRASES = {name: [phrase(word) for word in words] for name, words in LISTS.items()}


@settings(max_examples=SETS, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rule_sets,
    scales,
    st.lists(messages, min_size=FEW, max_size=FEW),
    st.lists(known, min_size=FEW, max_size=FEW),
)
def test_compiled_rules_decide_as_the_naive_reading_does(
    rules: list[Rule], scale: Scale, arriving: list[Message | Report], possible: list[Facts]
) -> None:
    compiled = compile_rules(rules, PHRASES, calendars=CALENDARS, scale=scale)
    for message, facts in product(arriving, possible):
        made = decide(compiled, message, facts)
        expected = outcome(rules, LISTS, message, facts, calendars=CALENDARS, scale=scale)
        check(made, expected, facts)
        assert explain(compiled, message, facts).decision == made
        assert decide(compiled, message, facts, read_ahead(compiled, message, facts)) == made


def read_ahead(rules: Rules, message: Message | Report, facts: Facts) -> Text:
    """Look for words and patterns as the router does, before anything is known of the customer."""
    return rules.read_ahead(message, Facts(now=facts.now, channel=facts.channel))


def check(made: Decision, expected: Outcome, facts: Facts) -> None:
    """Compare all that was decided, by whom, and how the reading went."""
    plain = {"handle": "inquiry", "attachments": "keep"} | expected.fields
    plain["priority"] = expected.priority(facts)
    assert {k: v for k, v in values(made).items() if v} == plain
    assert list(made.tags) == expected.added["tags"]
    assert list(made.notify) == expected.added["notify"]
    assert list(made.matched) == expected.matched
    assert made.stopped_by == expected.stopped_by
    urgency = made.urgency
    assert (urgency.points, urgency.level) == (expected.points, expected.level)
    assert ([s.name for s in urgency.signals], urgency.impact) == (
        expected.signals,
        expected.impact,
    )
    assert winners(made.winners) == deciders(expected)


def winners(found: Sequence[Winner]) -> dict[str, str]:
    adding = ("tags", "notify", FLOOR)
    return {f"{w.field}={w.value}" if w.field in adding else w.field: w.rule for w in found}


def deciders(expected: Outcome) -> dict[str, str]:
    """Of the floors only the highest is a winner."""
    highest = max(expected.floors, key=rank, default=None)
    return {
        key: rule
        for key, rule in expected.deciders.items()
        if not key.startswith(FLOOR) or key == f"{FLOOR}={highest}"
    }
