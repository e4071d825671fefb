"""Are the words about customer, moment and marks read as they are meant, and mistakes told?"""

from datetime import timedelta
from pathlib import Path

import pytest

from inquiry.words import Priority, Trust
from router.conditions.condition import Condition
from router.conditions.customer import Attribute, Count, LastCategory, Organization
from router.conditions.message import Authenticated, Flag, Trusted
from router.conditions.moment import Decided, Hours, IsUrgent
from router.conditions.words import Named
from router.logic import All, Not
from router.patterns import pattern
from tests.config.builders import CHANNELS, RULES, loaded, told

ASKING = "{mentions: outage, not: {mentions: printer}}"
FORM = (
    CHANNELS
    + """\
  web:
    kind: web-form
    path: /new
    fields: {product: {label: P}, Product: {label: P}, a: {label: A}, b: {label: B}}
"""
)
MORE = """\
calendars:
  office: {open: {mon-fri: 08:00-16:00}}
customers:
  attributes: {vip: boolean, contract: [basic, gold], region: text}
  organizations: {acme: {domains: [acme.example]}}
"""
MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{form: {product: router}}", Named("form", "product", ("router",))),
        ("{form: {Product: yes}}", Named("form", "Product")),
        ("{form: {product: no}}", Named("form", "product", present=False)),
        (
            "{header: {X-Priority: ['1*', '/2/']}}",
            Named("header", "x-priority", ("1*", pattern("/2/"))),
        ),
        (
            "{form: {a: x, b: y}}",
            All((Named("form", "a", ("x",)), Named("form", "b", ("y",)))),
        ),
        ("{customer: {vip: yes}}", Attribute("vip", ("yes",), "no")),
        ("{customer: {vip: True}}", Attribute("vip", ("yes",), "no")),
        ("{customer: {contract: [gold, basic]}}", Attribute("contract", ("gold", "basic"))),
        ("{customer: {region: '/n/'}}", Attribute("region", (pattern("/n/"),))),
        (
            "{customer: {organization: acme, known: no}}",
            All((Organization(("acme",)), Flag("known", False))),
        ),
        ("{organization: acme}", Organization(("acme",))),
        ("{known: yes}", Flag("known", True)),
        ("{shouting: yes}", Flag("shouting", True)),
        ("{mailing_list: no}", Flag("mailing_list", False)),
        ("{trust: [verified, claimed]}", Trusted((Trust.VERIFIED, Trust.CLAIMED))),
        (
            "{authenticated: {dmarc: pass, spf: [fail, softfail]}}",
            All((Authenticated("spf", ("fail", "softfail")), Authenticated("dmarc", ("pass",)))),
        ),
        ("{open_inquiry: yes}", Count(word="open_inquiry")),
        ("{open_inquiry: no}", Not(Count(word="open_inquiry"))),
        (
            "{inquiries_in: {days: 30, more_than: 3}}",
            Count(word="inquiries_in", more_than=3, within=MONTH),
        ),
        ("{repeated_within: 24h}", Count(word="repeated_within", within=timedelta(hours=24))),
        ("{reopened: yes}", Count(word="reopened")),
        ("{reopened: no}", Not(Count(word="reopened"))),
        ("{reopened: 3}", Count(word="reopened", more_than=2)),
        (
            "{queue_load: {queue: first-line, waiting_more_than: 25}}",
            Count(word="queue_load", queue="first-line", more_than=25),
        ),
        ("{last_category: [outage, other]}", LastCategory(("outage", "other"))),
        ("{during: office}", Hours("during", ("office",))),
        ("{outside: [office]}", Hours("outside", ("office",))),
        ("{urgency: [high, urgent]}", IsUrgent((Priority.HIGH, Priority.URGENT))),
        ("{urgency: {more_than: 60}}", IsUrgent(more_than=60)),
        ("{queue: first-line}", Decided("queue", ("first-line",))),
        ("{category: a}", Decided("category", ("a",))),
        ("{priority: high}", Decided("priority", ("high",))),
        ("{tags: [a, b]}", Decided("tags", ("a", "b"))),
    ],
)
def test_a_condition_is_what_is_meant(tmp_path: Path, when: str, expected: Condition) -> None:
    rules = RULES.replace(ASKING, when)
    found = loaded(tmp_path, rules=rules, more=MORE, channels=FORM).rules.rules[0].when
    assert found == (expected if isinstance(expected, All) else All((expected,)))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{form: {}}", "value: 'form' needs at least one name | "),
        ("{form: {product: []}}", "value: 'product' needs at least one value | "),
        ("{customer: {vipp: yes}}", "reference: no attribute 'vipp' of customers | did you mean"),
        ("{customer: {vip: often}}", "value: 'often' is not yes or no | "),
        ("{customer: {contract: golden}}", "value: 'golden' is not one of basic, gold | "),
        (
            "{customer: {language: nb}}",
            "value: a customer's language is not asked for | ask for the message's: language: …",
        ),
        ("{organization: acmee}", "reference: no organization 'acmee' | did you mean 'acme'?"),
        ("{trust: [sure]}", "value: 'sure' is not one of unverified, claimed, verified | "),
        (
            "{authenticated: {}}",
            "value: 'authenticated' needs at least one of spf, dkim, dmarc | ",
        ),
        ("{authenticated: {spf: pass, arc: pass}}", "unknown-key: unknown key 'arc' | "),
        ("{authenticated: {spf: good}}", "value: 'good' is not one of pass, fail, softfail, "),
        ("{open_inquiry: often}", "value: 'often' is not yes or no | "),
        ("{inquiries_in: {days: 0, more_than: 3}}", "value: 0 is not from 1 to 3650 | "),
        ("{inquiries_in: {days: 3}}", "missing: 'more_than' is missing | "),
        ("{repeated_within: a day}", "value: 'a day' is not a duration such as 30s, "),
        ("{reopened: 0}", "value: 0 is not 1 or more | "),
        ("{reopened: often}", "value: 'often' is not yes or no | "),
        (
            "{queue_load: {queue: first-lin, waiting_more_than: 2}}",
            "reference: no queue 'first-lin' | did you mean 'first-line'?",
        ),
        ("{queue_load: {queue: first-line}}", "missing: 'waiting_more_than' is missing | "),
        ("{during: offices}", "reference: no calendar 'offices' | did you mean 'office'?"),
        ("{urgency: hihg}", "value: 'hihg' is not one of low, normal, high, urgent | "),
        ("{urgency: {more_than: 3, points: 3}}", "unknown-key: unknown key 'points' | "),
        ("{priority: hihg}", "value: 'hihg' is not one of low, normal, high, urgent | "),
        ("{queue: first-lin}", "reference: no queue 'first-lin' | did you mean 'first-line'?"),
        ("{header: {x: '/(/'}}", "pattern: missing ) in the group that starts at character 1 | "),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, when: str, expected: str) -> None:
    assert told(tmp_path, rules=RULES.replace(ASKING, when), more=MORE)[0].startswith(expected)


@pytest.mark.parametrize("asked", ["from: '/(?P<who>.+)@/'", "customer: {region: '/(?P<who>.+)/'}"])
def test_groups_of_all_patterns_fill_blanks(tmp_path: Path, asked: str) -> None:
    rules = RULES.replace(ASKING, f"{{{asked}}}").replace("priority: high", "set: {who: '{who}'}")
    unknown = "reference: no pattern of this rule has a group 'whom' | did you mean 'who'?"
    assert unknown not in told(tmp_path, rules=rules, more=MORE)
    wrong = rules.replace("'{who}'", "'{whom}'")
    assert unknown in told(tmp_path, rules=wrong, more=MORE)
