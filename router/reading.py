"""A message as the rules look at it: its words, the facts, and what was decided above."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Protocol

from inquiry.calendar import Calendar
from inquiry.decision import Facts, Urgency
from inquiry.understood import Message, Party
from inquiry.words import Priority
from router.patterns import Pattern
from router.text import Text
from router.words import Hits


class SoFar(Protocol):
    """What the rules above have decided."""

    @property
    def queue(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def priority(self) -> Priority: ...
    @property
    def all_tags(self) -> tuple[str, ...]: ...
    @property
    def urgency(self) -> Urgency: ...


class Reading:
    """One message while the rules are read."""

    def __init__(self, text: Text, facts: Facts, calendars: Mapping[str, Calendar]) -> None:
        self.text = text
        self.message: Message = text.message
        self.facts = facts
        self.calendars = calendars
        self.so_far: SoFar | None = None
        """None before the first rule: while urgency is counted."""

    @property
    def hits(self) -> Hits:
        return self.text.hits

    @property
    def recipients(self) -> tuple[Party, ...]:
        return self.message.to + self.message.cc

    def finds(self, pattern: Pattern, text: str) -> str | None:
        """Return what ``pattern`` finds in ``text``, None if nothing. Raises TooSlow."""
        found = self.text.search(pattern, text)
        return None if found is None else found.text

    def signs(self) -> Iterator[Hashable]:
        """Name what is there: a rule can match only if one of its own keys is among these."""
        message, facts = self.message, self.facts
        yield "channel", str(facts.channel)
        yield "language", message.language.partition("-")[0].lower()
        for name, so in (
            ("auto_generated", self.text.auto_generated),
            ("bounce", self.text.bounce),
            ("attachment", bool(message.attachments)),
            ("mailing_list", message.mailing_list),
        ):
            if so:
                yield name
        if message.sender:
            yield from _signs_of(message.sender)
        yield from (("form", name) for name in message.form)
        yield from (("header", name) for name in message.headers)
        yield from (("customer", name) for name in facts.attributes)
        if facts.organization:
            yield "organization", facts.organization
        yield from (("list", name) for name in self.hits.lists)
        yield from (phrase for phrase, _part in self.hits.phrases)


def _signs_of(sender: Party) -> Iterator[Hashable]:
    """Name an address and every domain that it is in."""
    address = sender.address.lower()
    yield "from", address
    domain = address.rpartition("@")[2]
    while domain:
        yield "from", domain
        domain = domain.partition(".")[2]
