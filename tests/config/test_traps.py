"""Is every way of writing YAML wrong told at its place, with what to write instead?"""

from pathlib import Path

import pytest

from config.findings import Findings
from config.nodes import parse

BESIDE = "indent it exactly like the keys that stand beside it"
COMMA = "a comma stands between two values; put a text with a colon or comma in quotes"
LONG_QUOTE = "is the quote at its end missing?"
APOSTROPHE = "in 'single quotes' an apostrophe is written twice: ''"
PATTERN = "write a pattern in single quotes: '/…/'"
MIXED = "among the '- …' of a list there can be no key: indent it, or write it above"
TRAPS = [
    ("when: {subject: 'order}\nthen: {tags: 'a', queue: b}\n", "1:17", LONG_QUOTE),
    ("when: {subject: 'order}\nthen: {queue: b}\n", "1:17", LONG_QUOTE),
    ('name: "Nordlys\nurl: b\n', "1:7", LONG_QUOTE),
    ("when: {subject: 'don't work'}\n", "1:22", APOSTROPHE),
    ("subject: 'don't work'\n", "1:15", APOSTROPHE),
    ("when: {subject: /\\bA(?P<x>\\d{6})/i}\n", "1:29", PATTERN),
    ("when: {subject: /[A-Z]{2}/}\n", "1:18", PATTERN),
    ("when: {subject: [/a{1,2}/]}\n", "1:20", PATTERN),
    (
        "when: {subject: #123}\nthen: {queue: b}\n",
        "2:5",
        "what follows a # is a comment: put the value in quotes",
    ),
    ("then: {tags: [a] queue: b}\n", "1:18", COMMA),
    ("subject: [FW]-123\nfrom: a\n", "1:14", "put the whole value in quotes"),
    ("when: {subject: a, from: b\nthen: {queue: c}\n", "2:5", "close the bracket of line 1"),
    ("then: {tags: a}}\n", "1:16", "a bracket is closed here that was never opened"),
    (
        "when: {subject: !now}\n",
        "1:21",
        "a value that starts with ! means something to YAML: put it in quotes",
    ),
    (
        "when: {from: *@acme.example}\n",
        "1:15",
        "a value that starts with * means something to YAML: put it in quotes",
    ),
    (
        "rules:\n  - name: a\n\u00a0\u00a0  when: {b: c}\n    then: d\n",
        "4:5",
        "line 3 begins with odd blanks (U+00A0): write spaces",
    ),
    (
        "rules:\n  - name: a\n\tthen: d\n",
        "3:1",
        "indent with spaces; YAML allows no tabs there",
    ),
    ("rules:\n  - when: {a: b}\n      then: c\n", "3:7", BESIDE),
    ("rules:\n  - name: a\n      then: c\n", "3:11", BESIDE),
    ("rules:\n  - name: a\n   when: b\n    then: c\n", "3:4", BESIDE),
    ("desk:\n  name: a\n url: b\n", "3:2", BESIDE),
    ("- when: {c: d}\n  then {tags: [b]}\n", "2:18", "write a colon and a space after 'then'"),
    ("desk:\n  name: a\n  url\n  zone: b\n", "3:3", "write a colon and a space after 'url'"),
    ("- when: {c: d}\n  then:{tags: [b]}\n", "2:18", "write a space after the colon: 'then: …'"),
    ("tags:\n  -a\n  -b\n  c: d\n", "4:4", "write a space after the dash"),
    (
        "rules:\n  words: a\n  - name: b\n",
        "3:3",
        "among keys there can be no '- …': a list has a key of its own",
    ),
    ("rules:\n  - name: b\n  words: a\n", "3:3", MIXED),
    ("a: b\n---\nc: d\n", "2:1", "a file is one document: take --- away"),
]


@pytest.mark.parametrize(("text", "place", "hint"), TRAPS)
def test_what_is_no_yaml_is_told_with_its_cure(text: str, place: str, hint: str) -> None:
    findings = Findings()
    assert parse(text, Path("desk.yaml"), findings) is None
    (problem,) = findings.problems
    assert (f"{problem.place.line}:{problem.place.column}", problem.hint) == (place, hint)


def test_a_quote_that_is_meant_to_be_long_is_not_blamed() -> None:
    findings = Findings()
    parse("a: 'one\n  two'\nb: {c: d e: f}\n", Path("desk.yaml"), findings)
    (problem,) = findings.problems
    assert (problem.place.line, problem.hint) == (3, COMMA)
