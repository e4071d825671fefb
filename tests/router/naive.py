"""The rules language the slow and obvious way, to compare the compiled one with.

Takes nothing from ``router`` but the values: no automaton, no index, no course.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inquiry.decision import Facts
from inquiry.folding import fold
from inquiry.understood import Message
from inquiry.words import Automated, Priority
from router.conditions.condition import Condition, Later
from router.conditions.message import Channel, Flag, HasAttachment, Language
from router.conditions.words import Contains, Mentions
from router.logic import All, Any, Not
from router.patterns import Pattern
from router.rules import Rule, Turn
from router.words import Phrase

ANYWAY = {"handle", "reason", "tags", "priority_at_least", "attachments"}
REPORTS = {
    Automated.BOUNCE,
    Automated.DSN_DELAYED,
    Automated.DSN_DELIVERED,
    Automated.FEEDBACK,
}


@dataclass(slots=True)
class Outcome:
    """What came out, as plain as can be."""

    fields: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    priority: Priority = Priority.NORMAL
    matched: list[str] = field(default_factory=list)


def outcome(
    rules: Sequence[Rule], lists: Mapping[str, Sequence[str]], message: Message, facts: Facts
) -> Outcome:
    """Read all rules from the top."""
    made = Outcome(priority=facts.priority if facts.follow_up else Priority.NORMAL)
    turn = Turn.FOLLOW_UP if facts.follow_up else Turn.OPENING
    floors = []
    for rule in rules:
        if rule.on and turn not in rule.on:
            continue
        if not holds(rule.when, lists, message, facts):
            continue
        made.matched.append(rule.name)
        for effect in rule.then:
            if facts.follow_up and turn not in rule.on and effect.field not in ANYWAY:
                continue
            if effect.field == "tags":
                made.tags += [effect.value] * (effect.value not in made.tags)
            elif effect.field == "priority_at_least":
                floors.append(Priority(effect.value))
            else:
                made.fields.setdefault(effect.field, effect.value)
        if rule.stop:
            break
    made.priority = Priority(made.fields.get("priority", made.priority))
    made.priority = max([made.priority, *floors], key=lambda each: each.rank)
    return made


def holds(
    condition: Condition, lists: Mapping[str, Sequence[str]], message: Message, facts: Facts
) -> bool | None:
    """Test one condition by looking at everything again."""
    match condition:
        case All(parts):
            told = [holds(part, lists, message, facts) for part in parts]
            return False if False in told else None if None in told else True
        case Any(parts):
            told = [holds(part, lists, message, facts) for part in parts]
            return True if True in told else None if None in told else False
        case Not(part):
            inner = holds(part, lists, message, facts)
            return None if inner is None else not inner
        case Later():
            return None
        case Channel(names):
            return facts.channel in names
        case Language(tags):
            return message.language in tags
        case Mentions(names):
            words = [word for name in names for word in lists[name]]
            return any(
                said(word, text) for word in words for text in (message.subject, body(message))
            )
        case Contains(part, wanted):
            return any(contains(part, each, message) for each in wanted)
        case HasAttachment():
            return bool(message.attachments) is condition.wanted
        case Flag("bounce", wanted):
            return (message.automated in REPORTS) is wanted
        case Flag(_, wanted):
            return (message.automated not in (Automated.NONE, Automated.LIST)) is wanted
    raise AssertionError(condition)


def body(message: Message) -> str:
    return message.new_text if message.new_text.strip() else message.text


def contains(part: str, wanted: Phrase | Pattern, message: Message) -> bool:
    if isinstance(wanted, Pattern):
        raw = {"subject": message.subject, "body": body(message)}
        text = raw.get(part, f"{message.subject}\n{body(message)}")
        return wanted.compiled.search(text) is not None
    texts = {"subject": [message.subject], "body": [body(message)]}
    return any(said(wanted.written, t) for t in texts.get(part, [message.subject, body(message)]))


def said(written: str, text: str) -> bool:
    stem = " ".join(fold(written.removesuffix("*")).split())
    end = "" if written.endswith("*") else r"(?!\w)"
    return re.search(rf"(?<!\w){re.escape(stem)}{end}", " ".join(fold(text).split())) is not None
