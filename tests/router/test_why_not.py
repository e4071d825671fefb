"""Does the answer to "why not?" name every rule that would have, and all that kept it?"""

import pytest

from inquiry.decision import Winner
from inquiry.understood import Attachment
from inquiry.words import Priority
from router.conditions.message import Channel, Flag, HasAttachment, Language
from router.conditions.words import Contains, Mentions, Named
from router.logic import All, Any, Not
from router.missed import Missed, missed
from router.rules import Effect, Rules, Turn, compile_rules
from router.text import Text
from router.urgency import Impact, Scale, Weight
from router.why_not import BadWish, Lacking, WhyNot, Wish, why_not, wish
from router.words import phrase
from tests.router.builders import LISTS, a_message, a_rule, the_facts, the_rules

POLISH = a_message(subject="Drukarka", text="nie działa od rana", language="pl")
INVOICES = a_rule(
    "invoices-by-address",
    Any((Channel(("faktura-mail",)), Mentions(("invoice",)), Named("form", "invoice"))),
    then={"queue": "invoices"},
)
PRINTER = a_rule("printer", Mentions(("printer",)), then={"queue": "first-line"})
LAST = a_rule("everything-else", then={"queue": "other", "priority": "normal"})
RULES = the_rules(PRINTER, INVOICES, LAST)


def asked(written: str, *rules_: Rules, **facts: object) -> WhyNot:
    (rules,) = rules_ or (RULES,)
    return why_not(rules, POLISH, the_facts(**facts), wish(written))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("queue=invoices", Wish("queue", "invoices")),
        (" tags = vip ", Wish("tags", "vip")),
        ("assignee=ola", Wish("assign.to", "ola")),
        ("set.order=10=20", Wish("set.order", "10=20")),
    ],
)
def test_a_wish_is_read(written: str, expected: Wish) -> None:
    assert wish(written) == expected


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("queue", "'queue' is not FIELD=VALUE"),
        ("queue=", "is not FIELD=VALUE"),
        ("queu=invoices", "rules decide no field 'queu'; did you mean 'queue'?"),
        ("colour=red", "rules decide no field 'colour'; there are queue, category"),
    ],
)
def test_what_is_no_wish_is_said(written: str, said: str) -> None:
    with pytest.raises(BadWish, match=said.replace("?", r"\?")):
        wish(written)


def test_every_branch_of_any_is_told_with_the_words_that_were_looked_for() -> None:
    (kept,) = asked("queue=invoices").kept
    assert kept.rule is INVOICES
    assert kept.missed == (
        Missed(
            False,
            "none of these:",
            (
                Missed(False, "channel is support-mail, not faktura-mail"),
                Missed(False, "mentions invoice: none of faktura*, счёт*, bill in 5 words"),
                Missed(False, "form invoice: -"),
            ),
        ),
    )


def test_what_was_decided_above_would_have_come_first_anyway() -> None:
    answer = asked("queue=invoices")
    assert answer.kept[0].too_late == (
        "queue was already decided by 'printer' (desk.yaml:7) above it: first-line"
    )
    assert answer.instead
    assert (answer.instead.rule, answer.instead.value) == ("printer", "first-line")


def test_a_rule_that_matched_too_late_missed_nothing() -> None:
    (kept,) = asked("queue=other").kept
    assert (kept.matched, kept.missed) == (True, ())
    assert kept.too_late.startswith("queue was already decided by 'printer'")


def test_a_rule_below_a_stop_is_unread_but_looked_at() -> None:
    stop = a_rule("loops", Flag("bounce", False), stop=True)
    (kept,) = asked("queue=invoices", the_rules(stop, INVOICES)).kept
    assert kept.unread == "'loops' above it has stopped the reading"
    assert kept.missed[0].words == "none of these:"
    assert kept.too_late == ""


def test_a_rule_for_other_messages_says_so() -> None:
    follow_up = a_rule("again", then={"queue": "invoices"}, on=[Turn.FOLLOW_UP])
    (kept,) = asked("queue=invoices", the_rules(follow_up, LAST)).kept
    assert kept.unread == "it is not read on opening messages"


def test_on_a_follow_up_most_rules_decide_no_queue() -> None:
    (kept,) = asked("queue=other", the_rules(LAST), follow_up=True).kept
    assert kept.unread == (
        "on a follow-up message only a rule with on: [follow-up] decides the queue"
    )


def test_what_is_so_is_said_to_be_so() -> None:
    answer = asked("queue=first-line")
    assert answer.so
    assert (answer.so.rule, answer.kept, answer.instead) == ("printer", (), None)


def test_what_comes_out_of_itself_needs_no_rule() -> None:
    assert asked("handle=inquiry").of_itself
    assert asked("priority=normal", the_rules(PRINTER)).of_itself
    assert not asked("handle=quarantine").of_itself


def test_what_no_rule_says_is_met_with_what_they_do_say() -> None:
    answer = asked("queue=invoicse")
    assert answer.kept == ()
    assert answer.known == ("first-line", "invoices", "other")
    assert answer.near == "invoices"


def test_values_with_groups_and_several_values_are_known() -> None:
    order = a_rule("order", Flag("bounce", True), then={"set.order": "{number}"}, tags=["o-{n}"])
    skills = a_rule("skills", Flag("bounce", True), then={"assign.skills": "printers, network"})
    rules = the_rules(order, skills)
    for written in ("set.order=1000", "tags=o-17", "assign.skills=network"):
        assert len(asked(written, rules).kept) == 1, written
    assert asked("tags=p-17", rules).kept == ()


def test_floors_and_urgency_lead_to_a_priority_too() -> None:
    gold = a_rule("gold", Language(("et",)), then={"priority_at_least": "high"})
    answer = asked("priority=high", _with_urgency(gold, LAST))
    assert [(one.rule.name, one.effect.field) for one in answer.kept] == [
        ("gold", "priority_at_least")
    ]
    assert answer.urgency == Lacking(
        points=40, needed=50, signals=(("printer", 20, "language is pl, not et"),)
    )
    assert answer.instead
    assert answer.instead.value == "normal"


def test_a_higher_floor_hides_what_a_rule_decided() -> None:
    floor = a_rule("gold", then={"priority_at_least": "urgent"})
    answer = asked("priority=normal", the_rules(LAST, floor))
    assert answer.so is None
    assert answer.instead == Winner(
        field="priority_at_least",
        value="urgent",
        rule="gold",
        place="desk.yaml:4",
        because="always",
    )


def test_a_floor_below_a_higher_one_is_too_late() -> None:
    urgent = a_rule("urgent", then={"priority_at_least": "urgent"})
    high = a_rule("high", then={"priority_at_least": "high"})
    (kept,) = asked("priority=high", the_rules(urgent, high)).kept
    assert kept.too_late == ("the priority was raised to urgent by 'urgent' (desk.yaml:6) above it")


def test_the_matrix_says_which_level_would_lead_there() -> None:
    one = Impact("one", Language(("pl",)))
    steps = {"one": {Priority.URGENT: Priority.HIGH, Priority.HIGH: Priority.NORMAL}}
    rules = _with_urgency(LAST, impacts=(one,), matrix=steps)
    lacking = asked("priority=high", rules).urgency
    assert lacking
    assert lacking.needed == 80
    assert asked("priority=urgent", rules).urgency is None


def test_what_urgency_has_raised_is_so() -> None:
    rules = _with_urgency(LAST, levels={Priority.HIGH: 30})
    so = asked("priority=high", rules).so
    assert so
    assert so.rule == "urgency"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        pytest.param(
            Contains("subject", (phrase("faktura*"), phrase("bill"))),
            "subject: none of faktura*, bill in 1 word",
            id="words of a part",
        ),
        pytest.param(
            Named("form", "product", ("router",)),
            "form product: “tv”, not router",
            id="a field with another value",
        ),
        pytest.param(
            HasAttachment(extensions=("exe",)),
            "attachment: none is exe; there is a.pdf",
            id="another file",
        ),
        pytest.param(
            Not(Mentions(("printer",))), "not mentions printer: “drukarka”", id="what is there"
        ),
    ],
)
def test_a_condition_tells_what_it_looked_for(condition: object, words: str) -> None:
    file = Attachment(filename="a.pdf", content_type="application/pdf", size=1, sha256="")
    message = a_message(subject="Drukarka", form={"product": "tv"}, attachments=(file,))
    rule = a_rule("it", All((condition,)))  # type: ignore[arg-type]  # any of the conditions
    rules = the_rules(rule)
    reading = rules.reading(Text(message, rules.words), the_facts())
    (told,) = missed(rule.when, reading, rules.words)
    assert (told.holds, told.words) == (False, words)


def test_a_long_list_is_cut() -> None:
    many = {"many": [f"word{number}" for number in range(15)]}
    rule = a_rule("it", Mentions(("many",)), then={"queue": "x"})
    (kept,) = asked("queue=x", the_rules(rule, lists=many)).kept
    assert kept.missed[0].words.endswith("word10, word11 and 3 more in 5 words")


def test_all_inside_any_stays_together() -> None:
    both = All((Language(("et",)), Channel(("fax",)), Flag("bounce", False)))
    rule = a_rule("it", Any((both, Flag("bounce", True))), then={"queue": "x"})
    (kept,) = asked("queue=x", the_rules(rule)).kept
    (any_of,) = kept.missed
    together, bounce = any_of.parts
    assert [part.words for part in together.parts] == [
        "language is pl, not et",
        "channel is support-mail, not fax",
    ]
    assert bounce.words == "bounce no"


def test_asking_changes_nothing_of_the_rule() -> None:
    (kept,) = asked("queue=invoices").kept
    assert kept.effect == Effect("queue", "invoices")


def _with_urgency(*rules: object, **changes: object) -> Rules:
    values: dict[str, object] = {
        "weights": (
            Weight("outage", 40, Mentions(("outage",))),
            Weight("printer", 20, Language(("et",))),
            Weight("thanks", -10, Language(("et",))),
        ),
        "levels": {Priority.HIGH: 50, Priority.URGENT: 80},
    }
    phrases = {name: [phrase(word) for word in words] for name, words in LISTS.items()}
    scale = Scale(**(values | changes))  # type: ignore[arg-type]  # by name
    return compile_rules(rules, phrases, scale=scale)  # type: ignore[arg-type]
