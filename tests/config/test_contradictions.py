"""Is exactly that called a contradiction, or asked too early, which can never be?"""

from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.asked import When
from config.checks.hours import never_together
from config.checks.opposites import Claim, exclude
from config.configuration import Configuration
from config.findings import Findings
from config.load import load
from config.nodes import parse
from config.reader import Reader
from config.when import read_when
from inquiry.decision import Facts
from inquiry.understood import Message, Report
from router.urgency import Scale
from tests.config.builders import CHANNELS, ENVIRONMENT, KINDS, a_text, told
from tests.router.builders import LISTS, a_message, the_facts
from tests.router.naive import Naive, outcome
from tests.router.random_rules import known, messages

FAX = CHANNELS + "  fax: {kind: smtp, listen: 127.0.0.1:25}\n"
MORE = """\
customers:
  attributes: {vip: boolean, region: [north, south]}
  organizations: {acme: {domains: [acme.example]}, wonka: {domains: [wonka.example]}}
calendars:
  office: {open: {mon-fri: ['08:00-12:00', '12:30-16:00']}}
  evening: {open: {mon-fri: 16:00-20:00}}
  night: {open: {mon-sun: 20:00-08:00}}
  late: {open: {mon-fri: 15:00-20:00}}
  sundays: {open: {sun: 00:00-24:00}}
  here: {open: {mon-fri: 09:00-12:00}, holidays: {extra: {2026-06-07: 10:00-12:00}}}
  there: {timezone: UTC, open: {mon-fri: 18:00-20:00}}
"""
REST = "  - {name: rest, when: always, then: {queue: first-line}}\n"


def said(folder: Path, when: str, code: str, then: str = "tags: [a]", above: str = "") -> list[str]:
    """All that is told by this code of a rule that asks so."""
    second = "  - {name: second, when: {subject: two}, then: {queue: second-line}}\n"
    one = f"  - {{name: one, when: {when}, then: {{{then}}}}}\n"
    found = told(folder, rules=f"rules:\n{above}{one}{second}{REST}", channels=FAX, more=MORE)
    errors = [line for line in found if line.startswith(("value", "reference", "unknown"))]
    assert errors == []
    return [line.partition(": ")[2] for line in found if line.startswith(code)]


IMPOSSIBLE = [
    ("{all: [{channel: fax}, {channel: support-mail}]}", "channel: fax", "channel: support-mail"),
    ("{channel: fax, not: {channel: [support-mail, fax]}}", "channel: fax", "not channel: "),
    ("{channel: fax, any: [{channel: support-mail}, {bounce: yes, not: {bounce: yes}}]}", "", ""),
    ("{all: [{language: nb}, {language: [en, pl]}]}", "language: nb", "language: [en, pl]"),
    ("{language: nb, not: {language: nb}}", "language: nb", "not language: nb"),
    ("{all: [{trust: verified}, {trust: unverified}]}", "trust: verified", "trust: unverified"),
    ("{all: [{priority: high}, {priority: [low, urgent]}]}", "priority: high", "priority: [low"),
    ("{bounce: yes, all: [{bounce: no}]}", "bounce: yes", "bounce: no"),
    ("{bounce: yes, auto_generated: no}", "bounce: yes", "auto_generated: no"),
    ("{not: [{known: yes}, {known: no}]}", "not known: yes", "not known: no"),
    ("{all: [{from: jan@acme.example}, {from: kim@acme.example}]}", "from: jan", "from: kim"),
    ("{all: [{from: acme.example}, {from: '@wonka.example'}]}", "from: acme", "from: @wonka"),
    ("{from: acme.example, not: {from: [acme.example, b.example]}}", "from: acme", "not from: ["),
    ("{mentions: outage, not: {mentions: [outage, printer]}}", "mentions: outage", "not mentions"),
    ("{subject: order, not: {text: [order, bill]}}", "subject: order", "not text: [order, bill]"),
    ("{subject: '/a+/', not: {subject: '/a+/'}}", "subject: /a+/", "not subject: /a+/"),
    ("{all: [{header: {x-a: yes}}, {header: {X-A: no}}]}", "header x-a: yes", "header x-a: no"),
    ("{all: [{header: {x-a: one}}, {header: {x-a: Two}}]}", "header x-a: one", "header x-a: Two"),
    ("{all: [{header: {x-a: no}}, {header: {x-a: '1*'}}]}", "header x-a: no", "header x-a: 1*"),
    (
        "{all: [{customer: {vip: yes}}, {customer: {vip: false}}]}",
        "customer vip: yes",
        "vip: false",
    ),
    ("{all: [{customer: {region: north}}, {customer: {region: south}}]}", "north", "south"),
    ("{all: [{organization: acme}, {organization: wonka}]}", "acme", "wonka"),
    (
        "{all: [{authenticated: {spf: pass}}, {authenticated: {spf: [fail, none]}}]}",
        "pass",
        "[fail",
    ),
    (
        "{inquiries_in: {days: 30, more_than: 5}, not: {inquiries_in: {days: 30, more_than: 2}}}",
        "inquiries_in more than 5",
        "not inquiries_in more than 2",
    ),
    ("{open_inquiry: yes, not: {open_inquiry: yes}}", "open_inquiry", "not open_inquiry"),
    ("{reopened: 3, not: {reopened: 2}}", "reopened more than 2", "not reopened more than 1"),
    ("{attachment: no, all: [{attachment: {extension: [pdf]}}]}", "attachment: no", "attachment"),
    ("{attachment: {count: 3}, not: {attachment: {count: 2}}}", "attachment", "not attachment"),
    ("{tags: [a, b], not: {tags: [b, a, c]}}", "tags: [a, b]", "not tags: [b, a, c]"),
    ("{during: office, outside: office}", "during: office", "outside: office"),
    ("{all: [{during: office}, {during: evening}]}", "during: office", "during: evening"),
    ("{all: [{during: evening}, {outside: late}]}", "during: evening", "outside: late"),
    ("{all: [{during: night}, {during: office}]}", "during: night", "during: office"),
    ("{during: office, not: {during: [office, late]}}", "during: office", "not during: [office"),
]


@pytest.mark.parametrize(
    ("when", "one", "other"), IMPOSSIBLE, ids=[when for when, *_ in IMPOSSIBLE]
)
def test_what_can_never_hold_together_is_told(
    tmp_path: Path, when: str, one: str, other: str
) -> None:
    (found,) = said(tmp_path, when, "contradiction")
    first, _, second = found.partition("' and '")
    assert one in first
    assert other in second
    assert "rule 'one' never matches" in found


POSSIBLE = [
    "{any: [{channel: fax}, {channel: support-mail}]}",
    "{channel: [fax, support-mail], not: {channel: fax}}",
    "{all: [{channel: [fax, support-mail]}, {channel: fax}]}",
    "{not: [{channel: fax}, {channel: support-mail}]}",
    "{all: [{mentions: outage}, {mentions: printer}]}",
    "{mentions: [outage, printer], not: {mentions: printer}}",
    "{all: [{tags: a}, {tags: b}]}",
    "{all: [{text: one}, {text: two}]}",
    "{subject: order, not: {body: order}}",
    "{text: order, not: {subject: order}}",
    "{subject: '/^order/', not: {text: '/^order$/'}}",
    "{subject: '/^order$/', not: {text: '/^order$/'}}",
    "{all: [{from: acme.example}, {from: jan@mail.acme.example}]}",
    "{all: [{from: '*@acme.example'}, {from: jan@acme.example}]}",
    "{from: acme.example, not: {from: jan@acme.example}}",
    "{all: [{to: jan@acme.example}, {to: kim@wonka.example}]}",
    "{auto_generated: yes, bounce: no}",
    "{all: [{header: {x-a: '1*'}}, {header: {x-a: '*2'}}]}",
    "{all: [{header: {x-a: one}}, {header: {x-b: two}}]}",
    "{header: {x-a: yes}, not: {header: {x-a: one}}}",
    "{header: {x-a: no}, not: {header: {x-a: one}}}",
    "{all: [{header: {x-a: Faktura}}, {header: {x-a: FAKTURÅ}}]}",
    "{all: [{customer: {vip: yes}}, {customer: {vip: true}}]}",
    "{inquiries_in: {days: 30, more_than: 2}, not: {inquiries_in: {days: 30, more_than: 5}}}",
    "{inquiries_in: {days: 30, more_than: 5}, not: {inquiries_in: {days: 7, more_than: 2}}}",
    "{queue_load: {queue: first-line, waiting_more_than: 5},"
    " not: {queue_load: {queue: second-line, waiting_more_than: 2}}}",
    "{attachment: {count: 2}, not: {attachment: {count: 3}}}",
    "{attachment: yes, not: {attachment: {extension: [pdf]}}}",
    "{attachment: {extension: [pdf]}, not: {attachment: {extension: [pdf], bigger_than: 1MB}}}",
    "{all: [{during: office}, {during: late}]}",
    "{during: late, outside: evening}",
    "{all: [{during: here}, {during: sundays}]}",
    "{all: [{during: office}, {during: there}]}",
    "{all: [{during: [office, evening]}, {outside: office}]}",
    "{outside: office, not: {during: evening}}",
    "{all: [{priority: [high, urgent]}, {priority: [urgent, low]}]}",
    "{not: {all: [{bounce: yes}, {bounce: no}]}}",
]


@pytest.mark.parametrize("when", POSSIBLE)
def test_what_may_hold_together_is_left_alone(tmp_path: Path, when: str) -> None:
    assert said(tmp_path, when, "contradiction") == []


def test_a_part_that_never_holds_is_told_at_its_place(tmp_path: Path) -> None:
    when = "{channel: fax, any: [{channel: support-mail}, {bounce: yes}]}"
    assert said(tmp_path, when, "contradiction") == [
        "'channel: fax' and 'channel: support-mail' never hold together | this part of rule 'one'"
        " never holds; where one of them will do, write any: [{…}, {…}]"
    ]


def test_signals_and_impacts_are_looked_at_too(tmp_path: Path) -> None:
    never = "{all: [{bounce: yes}, {bounce: no}]}"
    signal = f"signals: [{{all: [{never}], points: 40, name: odd}}]"
    impact = f"impacts: [{{name: all, when: {never}}}]"
    text = f"urgency: {{{signal}, levels: {{high: 30}}, {impact}}}\n"
    found = [line.rpartition("| ")[2].partition(";")[0] for line in told(tmp_path, urgency=text)]
    assert found == ["signal 'odd' never matches", "impact 'all' never matches"]


SECOND = "  - {name: up, when: {subject: x}, then: {queue: second-line, category: c, tags: [a]}}\n"
FOLLOWING = SECOND.replace("then:", "on: [follow-up], then:")
ASKED = "{queue: second-line}"
FILLED = "  - {name: up, when: {subject: '/(?P<o>x)/'}, then: {tags: ['{o}']}}\n"


@pytest.mark.parametrize(
    ("above", "when", "then", "found"),
    [
        pytest.param("", "{queue: second-line}", "priority: high", True, id="nothing above"),
        pytest.param(SECOND, "{queue: first-line}", "priority: high", True, id="another queue"),
        pytest.param(FOLLOWING, "{queue: second-line}", "priority: high", True, id="too late"),
        pytest.param("", "{category: c}", "priority: high", True, id="a category"),
        pytest.param("", "{tags: [a, b], subject: s}", "priority: high", True, id="tags"),
        pytest.param("", "{queue: second-line}", "tags: [x], priority: high", True, id="in part"),
        pytest.param("", f"{ASKED}, on: [opening]", "tags: [x]", True, id="first messages alone"),
        pytest.param("", f"{ASKED}, on: [follow-up]", "sla: x", False, id="follow-ups alone"),
        pytest.param(SECOND, "{queue: second-line}", "priority: high", False, id="set above"),
        pytest.param(
            SECOND, "{queue: [first-line, second-line]}", "sla: x", False, id="one of two"
        ),
        pytest.param(SECOND, "{tags: a}", "priority: high", False, id="a tag above"),
        pytest.param(
            FILLED, "{tags: any}", "priority: high", False, id="a tag that a pattern finds"
        ),
        pytest.param("", "{not: {queue: second-line}}", "priority: high", False, id="not there"),
        pytest.param(
            "", "{any: [{queue: first-line}, {bounce: no}]}", "sla: x", False, id="or else"
        ),
        pytest.param("", "{queue: second-line}", "tags: [x]", False, id="good for follow-ups"),
        pytest.param("", "{priority: normal}", "category: x", False, id="a priority is there"),
    ],
)
def test_what_is_asked_before_any_rule_may_have_decided_it(
    tmp_path: Path, above: str, when: str, then: str, found: bool
) -> None:
    assert bool(said(tmp_path, when, "asked-too-early", then, above)) is found


LEAVES = [
    *("channel: fax", "channel: [fax, support-mail]", "channel: support-mail", "language: pl"),
    *("language: [en, pl]", "language: en", "trust: verified", "trust: [unverified, verified]"),
    *("bounce: yes", "bounce: no", "auto_generated: no", "known: yes", "known: no"),
    *("from: acme.example", "from: jan@acme.example", "from: '@notacme.example'"),
    *("from: ['*@acme.example', '12345']", "to: acme.example", "mentions: outage"),
    *("mentions: [outage, printer]", "subject: hello", "text: [hello, down]", "body: down"),
    *("subject: '/down$/'", "text: '/down$/'", "text: ['/down$/', hello]"),
    *("header: {x-priority: yes}", "header: {x-priority: no}", "header: {x-priority: low}"),
    *("header: {x-priority: '1*'}", "header: {x-priority: '1 (highest)'}"),
    *("customer: {vip: yes}", "customer: {vip: no}", "customer: {vip: [true, no]}"),
    *("customer: {region: north}", "customer: {region: [south, north]}", "organization: acme"),
    *("organization: wonka", "authenticated: {spf: pass}", "authenticated: {spf: [fail, none]}"),
    *("inquiries_in: {days: 30, more_than: 0}", "inquiries_in: {days: 30, more_than: 1}"),
    *("inquiries_in: {days: 1, more_than: 1}", "open_inquiry: yes", "open_inquiry: no"),
    *("reopened: yes", "reopened: 2", "attachment: yes", "attachment: no"),
    *("attachment: {count: 2}", "attachment: {extension: [pdf]}", "attachment: {bigger_than: 1KB}"),
    *(
        "tags: a",
        "tags: b",
        "tags: [a, b]",
        "queue: second-line",
        "queue: first-line",
        "category: invoice",
    ),
    *("category: other", "priority: high", "priority: [high, urgent]", "last_category: invoice"),
    *("last_category: [other, invoice]", "during: office", "outside: office", "during: nights"),
    *("outside: nights", "during: always", "outside: [office, nights]", "during: [office, nights]"),
]
RANDOM = """\
customers:
  attributes: {vip: boolean, region: [north, south]}
  organizations: {acme: {domains: [acme.example]}, wonka: {domains: [wonka.example]}}
calendars:
  office: {open: {mon-fri: ['08:00-12:00', '12:30-16:00']},
           holidays: {extra: {2026-03-30: '08:00-12:00'}}}
  nights: {timezone: UTC, open: {mon-sun: 22:00-06:00}, holidays: {extra: {2026-01-05: closed}}}
  always: {open: 24/7}
words:
  outage: {en: OUTAGE}
  printer: {en: PRINTER}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[When], Configuration]:
    """Every leaf as it is read, and as the condition of a rule that runs."""
    rules = "".join(
        f"  - {{name: r{n}, when: {{{leaf}}}, then: {{tags: [t{n}]}}}}\n"
        for n, leaf in enumerate(LEAVES)
    )
    second = "  - {name: second, when: {subject: two}, then: {queue: second-line}}\n"
    lists = {name: str(list(LISTS[name])) for name in ("outage", "printer")}
    more = RANDOM.replace("OUTAGE", lists["outage"]).replace("PRINTER", lists["printer"])
    file = tmp_path_factory.mktemp("rules") / "desk.yaml"
    file.write_text(a_text(rules=f"rules:\n{rules}{second}{REST}", channels=FAX, words=more))
    whole = load(file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT)
    reader, findings = Reader(Findings(), {}), Findings()
    nodes = [parse(f"{{{leaf}}}", file, findings) for leaf in LEAVES]
    return [read_when(reader, node) for node in nodes if node is not None], whole


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(messages, min_size=12, max_size=12),
    st.lists(known, min_size=12, max_size=12),
    st.sampled_from([("a",), ("b",), ("a", "b"), ()]),
)
def test_nothing_that_is_called_impossible_is_ever_true(
    made: tuple[list[When], Configuration],
    arriving: list[Message | Report],
    possible: list[Facts],
    tags: tuple[str, ...],
) -> None:
    asked, whole = made
    conditions = [rule.when for rule in whole.rules.rules[: len(asked)]]
    true: list[set[int]] = []
    for message, facts in product(arriving, possible):
        naive = Naive(LISTS, whole.calendars, message, replace(facts, tags=tags))
        naive.count_urgency(Scale())
        held = [naive.holds(condition) for condition in conditions]
        true.append({n if holds else ~n for n, holds in enumerate(held) if holds is not None})
    claims = [(n, Claim(when)) for n, when in enumerate(asked)]
    claims += [(~n, Claim(when, holds=False)) for n, when in enumerate(asked)]
    for (one, first), (other, second) in combinations(claims, 2):
        if exclude(first, second) or never_together([first, second], whole.calendars):
            assert [found for found in true if {one, other} <= found] == [], f"{first}, {second}"


QUESTIONS = st.sampled_from(["{queue: second-line}", "{category: c}", "{tags: [a, b]}", "always"])
ANSWERS = st.sampled_from(
    ["queue: second-line", "queue: first-line", "category: c", "tags: [a]", "sla: x"]
)
TURNS = st.sampled_from(["", "", ", on: [opening]", ", on: [follow-up]"])


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(QUESTIONS, ANSWERS, TURNS), min_size=2, max_size=6))
def test_what_is_asked_too_early_never_matches_a_first_message(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[str, str, str]]
) -> None:
    lines = "".join(
        f"  - {{name: r{n}, when: {when}, then: {{{then}}}{turn}}}  # deskbridge: allow=shadowed\n"
        for n, (when, then, turn) in enumerate(written)
    )
    last = REST.replace("\n", "  # deskbridge: allow=shadowed\n")
    file = tmp_path_factory.mktemp("rules") / "desk.yaml"
    file.write_text(a_text(rules=f"rules:\n{lines}{last}", words=""))
    loaded = load(file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT)
    early = {p.text.split("'")[1] for p in loaded.warnings if p.code == "asked-too-early"}
    came = outcome(loaded.rules.rules, LISTS, a_message(), the_facts())
    assert early.isdisjoint(came.matched)
