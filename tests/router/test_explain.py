"""Does the explanation tell every rule and condition, and the same decision?"""

from router.conditions.condition import Later
from router.conditions.message import Flag, Language
from router.conditions.words import Mentions
from router.decide import decide
from router.explain import Outcome, Step, explain
from router.logic import All, Not
from router.rules import Effect, Turn
from tests.router.builders import a_message, a_rule, the_facts, the_rules

PRINTER = a_rule(
    "printer-offline",
    All((Mentions(("printer",)), Not(Mentions(("invoice",))))),
    then={"queue": "first-line"},
)
LAST = a_rule("everything-else", then={"queue": "other", "reply": "ack"})
POLISH = a_message(subject="Drukarka nie działa", language="pl")


def test_each_condition_is_told_in_words() -> None:
    trace = explain(the_rules(PRINTER, LAST), POLISH, the_facts())
    assert trace.rules[0].matched
    assert trace.rules[0].steps == (
        Step(True, "mentions printer: “drukarka”"),
        Step(True, "not mentions invoice: none of the words"),
    )
    assert trace.rules[1].steps == (Step(True, "always"),)


def test_what_was_decided_above_is_said() -> None:
    trace = explain(the_rules(PRINTER, LAST), POLISH, the_facts())
    assert trace.rules[1].outcomes == (
        Outcome(Effect("queue", "other"), decided_by="printer-offline"),
        Outcome(Effect("reply", "ack")),
    )


def test_a_rule_that_failed_tells_every_step() -> None:
    rule = a_rule("outage", All((Mentions(("outage",)), Not(Mentions(("printer",))))))
    (trace,) = explain(the_rules(rule), POLISH, the_facts()).rules
    assert trace.matched is False
    assert trace.failing == 1
    assert trace.steps[1] == Step(False, "not mentions printer: “drukarka”")


def test_what_this_version_cannot_tell_is_neither_true_nor_false() -> None:
    rule = a_rule("night", All((Later("outside"), Language(("pl",)))))
    (trace,) = explain(the_rules(rule), POLISH, the_facts()).rules
    assert trace.matched is None
    assert trace.steps[0] == Step(None, "outside: this version can't tell")


def test_rules_below_a_stop_are_unread() -> None:
    stop = a_rule("own-loops", Flag("bounce", False), stop=True)
    trace = explain(the_rules(stop, LAST), POLISH, the_facts())
    assert trace.rules[1].unread == "'own-loops' has stopped the reading"


def test_a_rule_for_other_messages_is_unread() -> None:
    trace = explain(the_rules(a_rule("it", on=[Turn.FOLLOW_UP]), LAST), POLISH, the_facts())
    assert trace.rules[0].unread == "not on opening messages"


def test_the_explanation_ends_in_the_decision_that_was_made() -> None:
    rules = the_rules(PRINTER, a_rule("tagged", tags=["a"]), LAST)
    for facts in (the_facts(), the_facts(follow_up=True)):
        assert explain(rules, POLISH, facts).decision == decide(rules, POLISH, facts)
