"""Rules and messages to change: a test names only what it is about."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from inquiry.decision import Facts
from inquiry.journey import ChannelName
from inquiry.understood import Message, Party
from router.conditions.condition import Condition
from router.logic import ALWAYS
from router.rules import Effect, Rule, Rules, Turn, compile_rules
from router.words import phrase

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LISTS: Mapping[str, Sequence[str]] = {
    "outage": ["nede", "down", "nie działa", "не работает"],
    "printer": ["skriver*", "printer*", "drukar*", "принтер*"],
    "invoice": ["faktura*", "счёт*", "bill"],
}


def a_message(**changes: Any) -> Message:
    """A mail of a customer; its new text is all of its text unless a test says otherwise."""
    values: dict[str, Any] = {
        "sender": Party("jan@acme.example", "Jan Kowalski"),
        "to": (Party("support@nordlys.example"),),
        "subject": "Hello",
        "text": "Could somebody help me?",
        "language": "en",
    }
    values |= changes
    values.setdefault("new_text", values["text"])
    return Message(**values)


def the_facts(**changes: Any) -> Facts:
    """An opening message by mail on a Monday morning."""
    values: dict[str, Any] = {"now": MONDAY, "channel": ChannelName("support-mail")}
    return Facts(**(values | changes))


def a_rule(
    name: str,
    when: Condition = ALWAYS,
    *,
    stop: bool = False,
    on: Sequence[Turn] = (),
    then: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
) -> Rule:
    """A rule whose effects are ``then`` and ``tags``."""
    effects = [Effect(field, value) for field, value in (then or {}).items()]
    effects += [Effect("tags", tag) for tag in tags]
    return Rule(
        name=name,
        when=when,
        then=tuple(effects),
        stop=stop,
        on=frozenset(on),
        place=f"desk.yaml:{len(name)}",
    )


def the_rules(*rules: Rule, lists: Mapping[str, Sequence[str]] = LISTS) -> Rules:
    """Rules with the word lists above."""
    phrases = {name: [phrase(word) for word in words] for name, words in lists.items()}
    return compile_rules(rules, phrases, configuration="7f3a9c")
