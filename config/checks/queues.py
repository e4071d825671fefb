"""Queues that nothing leads to or nobody works, and languages that nobody there writes."""

from collections.abc import Collection, Iterator

from config.asked import Group, Test, When
from config.checks.walking import below
from config.findings import Findings
from config.nodes import Table
from config.scalars import Word
from config.sections import QueueEntry, RuleEntry, Sections


def check_queues(sections: Sections, root: Table, findings: Findings) -> None:
    """Look at every queue, and at who writes what language."""
    reached = set(_reached(sections, root))
    for name, queue in sections.queues.items():
        if name not in reached:
            text = f"no rule and no other queue leads to {str(name)!r}"
            hint = f"write 'queue: {name}' in a rule, or take it away"
            findings.warn(name.place, "unreachable-queue", text, hint)
        if not queue.members:
            text = f"nobody works {str(name)!r}"
            findings.warn(name.place, "empty-queue", text, "name somebody in 'members'")
    for rule in sections.rules:
        _check_assigned(rule, sections, findings)
    _check_languages(sections, root, findings)


def _check_assigned(rule: RuleEntry, sections: Sections, findings: Findings) -> None:
    """Note whom a rule gives inquiries of a queue in which he doesn't work."""
    given = {str(effect.field): effect.value for effect in rule.then}
    person, queue = given.get("assign.to"), given.get("queue")
    if person is None:
        return
    if queue is not None:
        members = sections.queues[queue].members
        if members and person not in members:
            text = f"{str(person)!r} is no member of {str(queue)!r}, where the rule sends it"
            hint = f"members: {', '.join(members)}"
            findings.warn(person.place, "not-a-member", text, hint)
    elif not any(person in entry.members for entry in sections.queues.values()):
        text = f"{str(person)!r} is a member of no queue"
        findings.warn(person.place, "not-a-member", text, "name them in the 'members' of one")


def _reached(sections: Sections, root: Table) -> Iterator[str]:
    for rule in sections.rules:
        yield from (str(effect.value) for effect in rule.then if effect.field == "queue")
    for name, queue in sections.queues.items():
        if queue.next is not None and queue.next != name:
            yield str(queue.next)
    yield from (found.text for found in below(root.get("escalation"), "do", "move"))


def _check_languages(sections: Sections, root: Table, findings: Findings) -> None:
    spoken = {language for name in sections.specialists for language in _written(sections, name)}
    if not spoken:
        return  # nobody has said what they write
    for language in below(root.get("desk"), "languages"):
        if _plain(language.text) not in spoken:
            text = f"nobody at the desk writes {language.text!r}"
            hint = "add it to the languages of a specialist"
            findings.warn(language.place, "member-without-language", text, hint)
    _check_members(sections, findings)
    for rule in sections.rules:
        _check_rule(rule, sections, findings)


def _check_members(sections: Sections, findings: Findings) -> None:
    members = {str(member) for queue in sections.queues.values() for member in queue.members}
    for name, specialist in sections.specialists.items():
        if name in members and not specialist.languages:
            text = f"it is not said which languages {str(name)!r} writes"
            hint = f"languages: [{', '.join(sections.desk.languages)}]"
            findings.warn(name.place, "member-without-language", text, hint)


def _check_rule(rule: RuleEntry, sections: Sections, findings: Findings) -> None:
    for effect in rule.then:
        queue = sections.queues.get(effect.value) if effect.field == "queue" else None
        if queue is None or not queue.members:
            continue
        missing = [lang for lang in _required(rule.when) if not _writes(queue, lang, sections)]
        if missing:
            text = f"nobody in {str(effect.value)!r} writes {missing[0]!r}"
            hint = f"rule {str(rule.name)!r} sends there what is written so"
            findings.warn(effect.value.place, "member-without-language", text, hint)


def _required(when: When) -> tuple[Word, ...]:
    """Return the languages that a message may have for the condition to hold."""
    parts = when.parts if isinstance(when, Group) and when.how == "all" else (when,)
    tests = (part for part in parts if isinstance(part, Test) and part.word == "language")
    return next((test.values for test in tests), ())


def _writes(queue: QueueEntry, language: str, sections: Sections) -> bool:
    return any(_plain(language) in _written(sections, member) for member in queue.members)


def _written(sections: Sections, name: str) -> Collection[str]:
    specialist = sections.specialists.get(Word(name))
    return {_plain(language) for language in specialist.languages} if specialist else set()


def _plain(language: str) -> str:
    return language.partition("-")[0]
