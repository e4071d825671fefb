"""Is exactly that called shadowed which can never apply?"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import load
from inquiry.errors import ConfigError
from router.conditions.condition import Condition
from router.conditions.message import Flag, Language
from router.conditions.words import Mentions
from router.decide import decide
from router.logic import All
from router.rules import Effect, Rule, compile_rules
from router.words import phrase
from tests.config.builders import ENVIRONMENT, KINDS, a_text
from tests.router.builders import a_message, the_facts

ACME = "customers: {organizations: {acme: {domains: [acme.example]}}}\n"
CATCH_ALL = "{name: last, when: always, then: {queue: first-line}}"
DOWN, PRINTER = "{mentions: outage}", "{mentions: printer}"
BOTH = "{mentions: [outage, printer]}"


def rule(name: str, when: str, then: str, more: str = "") -> str:
    return f"{{name: {name}, when: {when}, then: {{{then}}}{more}}}"


def rules(*lines: str) -> str:
    return "rules:\n" + "".join(f"  - {line}\n" for line in (*lines, CATCH_ALL))


def shadowed(folder: Path, *lines: str, **sections: str) -> list[str]:
    """Return ``rule.field`` of all that is called shadowed, with the rule to blame."""
    file = folder / "desk.yaml"
    file.write_text(a_text(rules=rules(*lines), **{"more": ACME, **sections}))
    try:
        load(file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT)
    except ConfigError as wrong:
        return [
            f"{problem.text.split(chr(39))[3]}.{problem.text.split(chr(39))[1]} "
            f"by {problem.hint.split(chr(39))[1]}"
            for problem in wrong.problems
            if problem.code == "shadowed"
        ]
    return []


A, B = "category: a", "category: b"
FEW = "{inquiries_in: {days: 30, more_than: 2}}"
MANY = "{inquiries_in: {days: 30, more_than: 5}}"
LOAD = "{queue_load: {queue: first-line, waiting_more_than: 5}}"
ORDER = "{subject: '/ORD(?P<o>[0-9]+)?/'}"
CASES = [
    pytest.param([], [], id="a catch-all alone"),
    pytest.param([rule("x", DOWN, A), rule("y", PRINTER, B)], [], id="two things apart"),
    pytest.param([rule("x", DOWN, A), rule("y", DOWN, B)], ["y.category by x"], id="the same"),
    pytest.param([rule("x", DOWN, A), rule("y", DOWN, "queue: second-line")], [], id="other field"),
    pytest.param([rule("x", "always", A), rule("y", DOWN, B)], ["y.category by x"], id="always"),
    pytest.param(
        [rule("x", "always", "queue: second-line")], ["last.queue by x"], id="the catch-all itself"
    ),
    pytest.param([rule("x", BOTH, A), rule("y", DOWN, B)], ["y.category by x"], id="wider list"),
    pytest.param([rule("x", DOWN, A), rule("y", BOTH, B)], [], id="narrower list"),
    pytest.param(
        [rule("x", DOWN, A), rule("y", "{mentions: outage, language: pl}", B)],
        ["y.category by x"],
        id="one condition more below",
    ),
    pytest.param(
        [rule("x", "{mentions: outage, language: pl}", A), rule("y", DOWN, B)],
        [],
        id="one condition more above",
    ),
    pytest.param(
        [
            rule("x", "{language: pl, mentions: outage}", A),
            rule("y", "{mentions: outage, language: pl}", B),
        ],
        ["y.category by x"],
        id="in another order",
    ),
    pytest.param(
        [rule("x", f"{{any: [{DOWN}, {PRINTER}]}}", A), rule("y", PRINTER, B)],
        ["y.category by x"],
        id="one of several above",
    ),
    pytest.param(
        [rule("x", BOTH, A), rule("y", f"{{any: [{DOWN}, {PRINTER}]}}", B)],
        ["y.category by x"],
        id="several below, all covered",
    ),
    pytest.param(
        [rule("x", DOWN, A), rule("y", f"{{any: [{DOWN}, {PRINTER}]}}", B)],
        [],
        id="several below, one not covered",
    ),
    pytest.param(
        [rule("x", f"{{not: {DOWN}}}", A), rule("y", f"{{not: {DOWN}}}", B)],
        ["y.category by x"],
        id="the same not",
    ),
    pytest.param(
        [rule("x", f"{{not: {DOWN}}}", A), rule("y", f"{{not: {BOTH}}}", B)], [], id="another not"
    ),
    pytest.param(
        [rule("x", "{bounce: yes}", A), rule("y", "{bounce: no}", B)], [], id="yes and no"
    ),
    pytest.param(
        [rule("x", "{bounce: yes}", A), rule("y", "{bounce: yes, language: pl}", B)],
        ["y.category by x"],
        id="flags",
    ),
    pytest.param(
        [rule("x", "{attachment: yes}", A), rule("y", "{attachment: {extension: pdf}}", B)],
        [],
        id="files, as far as one can see",
    ),
    pytest.param([rule("x", "always", "tags: [a]"), rule("y", DOWN, "tags: [a]")], [], id="tags"),
    pytest.param(
        [rule("x", "always", "priority_at_least: high"), rule("y", DOWN, "priority_at_least: low")],
        [],
        id="floors",
    ),
    pytest.param(
        [rule("x", "always", "priority: high"), rule("y", DOWN, "priority_at_least: urgent")],
        [],
        id="a floor under a decided priority",
    ),
    pytest.param(
        [rule("x", DOWN, A, ", stop: yes"), rule("y", DOWN, "tags: [a]")],
        ["y.tags by x"],
        id="a stop shadows tags too",
    ),
    pytest.param(
        [rule("x", DOWN, A, ", stop: yes"), rule("y", PRINTER, "tags: [a]")], [], id="a stop aside"
    ),
    pytest.param(
        [rule("x", "always", "tags: [a]", ", stop: yes")],
        ["last.queue by x"],
        id="a stop for everything",
    ),
    pytest.param(
        [rule("x", DOWN, A, ", on: [follow-up]"), rule("y", DOWN, B)], [], id="on follow-ups above"
    ),
    pytest.param(
        [rule("x", DOWN, A), rule("y", DOWN, B, ", on: [follow-up]")], [], id="on follow-ups below"
    ),
    pytest.param(
        [rule("x", DOWN, A), rule("y", DOWN, B, ", on: [opening]")],
        ["y.category by x"],
        id="on opening messages below",
    ),
    pytest.param(
        [rule("x", DOWN, "handle: inquiry"), rule("y", DOWN, "handle: quarantine")],
        ["y.handle by x"],
        id="what applies to both",
    ),
    pytest.param(
        [
            rule("x", DOWN, "handle: inquiry", ", on: [opening]"),
            rule("y", DOWN, "handle: quarantine"),
        ],
        [],
        id="what still applies to follow-ups",
    ),
    pytest.param(
        [rule("x", DOWN, "assign: {to: ola}"), rule("y", DOWN, "assign: {by: pull}")],
        [],
        id="keys of one table apart",
    ),
    pytest.param(
        [rule("x", DOWN, "assign: {to: ola}"), rule("y", DOWN, "assign: {to: kasia, by: pull}")],
        ["y.assign.to by x"],
        id="one key of a table",
    ),
    pytest.param(
        [rule("x", "{customer: {vip: yes}}", A), rule("y", "{customer: {vip: no}}", B)],
        [],
        id="conditions that nobody has looked inside",
    ),
    pytest.param(
        [rule("x", DOWN, A), rule("y", DOWN, A), rule("z", DOWN, B)],
        ["y.category by x", "z.category by x"],
        id="the first is to blame",
    ),
    pytest.param([rule("x", FEW, A), rule("y", MANY, B)], ["y.category by x"], id="a higher count"),
    pytest.param([rule("x", MANY, A), rule("y", FEW, B)], [], id="a lower count"),
    pytest.param(
        [rule("x", FEW, A), rule("y", MANY.replace("30", "31"), B)], [], id="within another time"
    ),
    pytest.param(
        [rule("x", LOAD, A), rule("y", LOAD.replace("first", "second"), B)],
        [],
        id="the load of another queue",
    ),
    pytest.param(
        [rule("x", "{reopened: yes}", A), rule("y", "{reopened: 3}", B)],
        ["y.category by x"],
        id="reopened oftener",
    ),
    pytest.param(
        [rule("x", "{urgency: {more_than: 30}}", A), rule("y", "{urgency: {more_than: 60}}", B)],
        ["y.category by x"],
        id="more urgent",
    ),
    *(
        pytest.param([rule("x", asked, A), rule("y", asked, B)], [], id=f"decided above: {asked}")
        for asked in (
            "{queue: second-line}",
            "{category: a}",
            "{priority: [high, urgent]}",
            "{tags: vip}",
            "{not: {queue: second-line}}",
            "{any: [{mentions: outage}, {tags: vip}]}",
        )
    ),
    pytest.param(
        [rule("x", DOWN, A), rule("y", "{mentions: outage, priority: high}", B)],
        ["y.category by x"],
        id="what was decided above narrows the rule below",
    ),
    *(
        pytest.param(
            [rule("x", asked, A), rule("y", asked, B)], ["y.category by x"], id=f"twice {asked}"
        )
        for asked in (
            "{form: {product: router}}",
            "{header: {x-priority: '1*'}}",
            "{organization: acme}",
            "{known: yes}",
            "{authenticated: {dmarc: pass}}",
            "{open_inquiry: no}",
            "{last_category: a}",
            "{subject: '/a+/'}",
            "{attachment: {extension: [exe, js], count: 2}}",
        )
    ),
    pytest.param(
        [rule("x", "{form: {product: router}}", A), rule("y", "{header: {product: router}}", B)],
        [],
        id="the same name elsewhere",
    ),
    pytest.param(
        [rule("x", "{form: {product: yes}}", A), rule("y", "{form: {product: no}}", B)],
        [],
        id="there and not there",
    ),
    pytest.param(
        [rule("x", DOWN, "set: {a: one}"), rule("y", DOWN, "set: {a: two, b: two}")],
        ["y.set.a by x"],
        id="fields of the inquiry key by key",
    ),
    pytest.param(
        [rule("x", ORDER, "set: {a: '{o}'}"), rule("y", ORDER, "set: {a: none}")],
        [],
        id="a blank that may have nothing to be filled with",
    ),
    pytest.param(
        [rule("x", "always", "notify: [ola]"), rule("y", DOWN, "notify: [ola]")], [], id="notices"
    ),
    pytest.param(
        [rule("x", DOWN, "notify: [ola]", ", stop: yes"), rule("y", DOWN, "notify: [kasia]")],
        ["y.notify by x"],
        id="a stop shadows notices too",
    ),
    pytest.param(
        [
            rule("x", DOWN, A, ", stop: yes, on: [follow-up]"),
            rule("y", DOWN, "tags: [a]", ", on: [opening]"),
        ],
        [],
        id="a stop on the other turn",
    ),
    pytest.param(
        [rule("x", DOWN, "assign: {skills: [a]}"), rule("y", DOWN, "assign: {prefer: [ola]}")],
        [],
        id="skills and preferences apart",
    ),
    pytest.param(
        [rule("x", "{channel: support-mail}", A), rule("y", "{subject: support-mail}", B)],
        [],
        id="the same word for something else",
    ),
]


@pytest.mark.parametrize(("lines", "expected"), CASES)
def test_what_is_shadowed(tmp_path: Path, lines: list[str], expected: list[str]) -> None:
    assert shadowed(tmp_path, *lines) == expected


PARTS: Mapping[str, Condition] = {
    "mentions: outage": Mentions(("outage",)),
    "mentions: [outage, printer]": Mentions(("outage", "printer")),
    "language: pl": Language(("pl",)),
    "bounce: no": Flag("bounce", False),
    "bounce: yes": Flag("bounce", True),
}
LISTS = {"outage": ["down"], "printer": ["printer*"]}
parts = st.sampled_from(list(PARTS))
conditions = st.lists(parts, max_size=2, unique_by=lambda part: part.split(":")[0]).map(
    lambda found: f"{{{', '.join(found)}}}" if found else "always"
)
written = st.lists(
    st.tuples(conditions, st.sampled_from([A, B]), st.sampled_from(["", "", ", stop: yes"])),
    min_size=2,
    max_size=4,
)
SAMPLES = [
    a_message(subject=subject, language=language)
    for subject in ("Hello", "It is down", "The printer", "The printer is down")
    for language in ("pl", "en")
]


@settings(max_examples=100, deadline=None)
@given(written)
def test_what_is_shadowed_never_wins(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[str, str, str]]
) -> None:
    lines = [rule(f"r{n}", when, then, more) for n, (when, then, more) in enumerate(found)]
    losers = {line.split(".")[0] for line in shadowed(tmp_path_factory.mktemp("rules"), *lines)}
    made = compile_rules(
        [_compiled(f"r{n}", *each) for n, each in enumerate(found)],
        {name: [phrase(word) for word in words] for name, words in LISTS.items()},
    )
    winners = {
        winner.rule for message in SAMPLES for winner in decide(made, message, the_facts()).winners
    }
    assert winners.isdisjoint(losers)


def _compiled(name: str, when: str, then: str, more: str) -> Rule:
    conditions = tuple(PARTS[part] for part in PARTS if part in when.strip("{}").replace("}", ""))
    field, value = then.split(": ")
    return Rule(name=name, when=All(conditions), then=(Effect(field, value),), stop=bool(more))
