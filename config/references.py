"""Names that must exist: queues, specialists, channels, word lists, templates, rules."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from config.findings import Findings, did_you_mean
from config.scalars import Word
from config.sections import Sections
from config.when import tests_in

_WHEN = {"channel": "channel", "mentions": "word list", "language": "language"}
_THEN = {"queue": "queue", "assign.to": "specialist", "reply": "template"}
_CODES = {"template": "missing-template"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A name of something, where it is used."""

    what: str
    word: Word


def check_references(sections: Sections, templates: Collection[str], findings: Findings) -> None:
    """Note every name that nothing has."""
    known: Mapping[str, Collection[str]] = {
        "channel": [entry.key.text for entry in sections.channels.entries],
        "specialist": sections.specialists,
        "queue": sections.queues,
        "word list": sections.words,
        "template": templates,
        "rule": [rule.name for rule in sections.rules],
        "language": _languages(sections.desk.languages),
    }
    for found in _all_references(sections):
        names = known[found.what]
        if found.word not in names:
            code = _CODES.get(found.what, "reference")
            hint = did_you_mean(found.word, names, f"{found.what}s")
            findings.error(found.word.place, code, f"no {found.what} {str(found.word)!r}", hint)


def _languages(desk: Collection[str]) -> set[str]:
    """A message's language is one of the desk's; a condition may leave its region open."""
    return {*desk, *(language.partition("-")[0] for language in desk)}


def _all_references(sections: Sections) -> Iterator[Reference]:
    for queue in sections.queues.values():
        for member in queue.members:
            yield Reference("specialist", member)
        if queue.send_from is not None:
            yield Reference("channel", queue.send_from)
    for rule in sections.rules:
        for test in tests_in(rule.when):
            if test.word in _WHEN:
                yield from (Reference(_WHEN[test.word], value) for value in test.values)
        for effect in rule.then:
            if effect.field in _THEN:
                yield Reference(_THEN[effect.field], effect.value)
    for case in sections.tests:
        if case.given.channel is not None:
            yield Reference("channel", case.given.channel)
        for expected in case.expect:
            if expected.field in ("queue", "rule"):
                yield from (Reference(expected.field, value) for value in expected.values)
