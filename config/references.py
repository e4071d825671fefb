"""Names that must exist: queues, specialists, channels, word lists, templates, rules."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from config.asked import CountTest, NamedTest, Test, When, tests_in
from config.customers import check_attribute
from config.findings import Findings, did_you_mean
from config.scalars import Word, boolean
from config.sections import Sections
from config.then import is_duration
from config.urgency import conditions_of
from router.conditions.words import is_like
from router.patterns import is_pattern

_WHEN = {
    "channel": "channel",
    "mentions": "word list",
    "language": "language",
    "organization": "organization",
    "during": "calendar",
    "outside": "calendar",
    "queue": "queue",
}
_THEN = {"queue": "queue", "assign.to": "specialist", "reply": "template"}
_EXPECTED = {**_THEN, "rule": "rule"}
_CODES = {"template": "missing-template"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A name of something, where it is used."""

    what: str
    word: Word


def check_references(
    sections: Sections,
    templates: Collection[str],
    form_fields: Mapping[str, Collection[str]],
    findings: Findings,
) -> None:
    """Note every name that nothing has."""
    known: Mapping[str, Collection[str]] = {
        "channel": [entry.key.text for entry in sections.channels.entries],
        "specialist": sections.specialists,
        "queue": sections.queues,
        "word list": sections.words,
        "template": templates,
        "rule": [rule.name for rule in sections.rules],
        "language": _languages(sections.desk.languages),
        "organization": sections.customers.organizations,
        "calendar": _calendars(sections),
        "form field": form_fields,
    }
    for found in _all_references(sections):
        names = known[found.what]
        if found.word not in names:
            code = _CODES.get(found.what, "reference")
            hint = did_you_mean(found.word, names, f"{found.what}s")
            if found.what == "language" and len(found.word) == 2 and found.word != "no":
                hint = f"languages: {', '.join(sorted(names))}"
            if found.what == "word list" and not hint:
                hint = f"a word that stands in no list is asked for by 'text: {found.word}'"
            findings.error(found.word.place, code, f"no {found.what} {str(found.word)!r}", hint)
    for test in _all_tests(sections):
        if isinstance(test, NamedTest) and test.word == "customer":
            check_attribute(sections.customers.attributes, test.name, test.values, findings)
        if isinstance(test, NamedTest) and test.word == "form":
            _check_answers(test, form_fields.get(test.name, ()), findings)
    for case in sections.tests:
        for name, value in case.given.customer.items():
            _check_customer(sections, name, value, findings)


def _check_customer(sections: Sections, name: Word, value: Word, findings: Findings) -> None:
    """Note what no customer of a test can be."""
    if name == "known":
        try:
            boolean(value)
        except ValueError as error:
            findings.error(value.place, "value", str(error))
    elif name != "organization":
        check_attribute(sections.customers.attributes, name, (value,), findings)


def _check_answers(test: NamedTest, options: Collection[str], findings: Findings) -> None:
    """Note what no customer can choose in a form."""
    for value in test.values:
        if not options or is_pattern(value) or any(is_like(value, each) for each in options):
            continue
        text = f"nobody can choose {str(value)!r} in field {str(test.name)!r}"
        findings.error(value.place, "value", text, did_you_mean(value, options, "options"))


def _languages(desk: Collection[str]) -> set[str]:
    """A message's language is one of the desk's; a condition may leave its region open."""
    return {*desk, *(language.partition("-")[0] for language in desk)}


def _calendars(sections: Sections) -> Collection[str]:
    return [entry.key.text for entry in sections.calendars.entries] if sections.calendars else []


def _all_tests(sections: Sections) -> Iterator[When]:
    for when in (*(rule.when for rule in sections.rules), *conditions_of(sections.urgency)):
        yield from tests_in(when)


def _all_references(sections: Sections) -> Iterator[Reference]:
    yield from _of_queues(sections)
    for test in _all_tests(sections):
        yield from _of_test(test)
    for rule in sections.rules:
        for effect in rule.then:
            if effect.field in _THEN:
                yield Reference(_THEN[effect.field], effect.value)
            elif effect.field == "snooze" and not is_duration(effect.value):
                yield Reference("calendar", effect.value)
    yield from _of_cases(sections)


def _of_queues(sections: Sections) -> Iterator[Reference]:
    for queue in sections.queues.values():
        for member in queue.members:
            yield Reference("specialist", member)
        if queue.next is not None:
            yield Reference("queue", queue.next)
        if queue.send_from is not None:
            yield Reference("channel", queue.send_from)


def _of_test(test: When) -> Iterator[Reference]:
    if isinstance(test, Test) and test.word in _WHEN:
        yield from (Reference(_WHEN[test.word], value) for value in test.values)
    elif isinstance(test, NamedTest) and test.word == "form":
        yield Reference("form field", test.name)
    elif isinstance(test, CountTest) and test.queue is not None:
        yield Reference("queue", test.queue)


def _of_cases(sections: Sections) -> Iterator[Reference]:
    for case in sections.tests:
        if case.given.channel is not None:
            yield Reference("channel", case.given.channel)
        if case.given.queue is not None:
            yield Reference("queue", case.given.queue)
        yield from (Reference("queue", queue) for queue in case.given.load)
        yield from _of_customer(case.given.customer)
        for expected in case.expect:
            if what := _EXPECTED.get(expected.field):
                yield from (Reference(what, value) for value in expected.values if value)


def _of_customer(given: Mapping[Word, Word]) -> Iterator[Reference]:
    yield from (Reference("organization", v) for name, v in given.items() if name == "organization")
