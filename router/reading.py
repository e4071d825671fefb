"""A message as the rules look at it: each thing worked out once, and only if a rule asks."""

from collections.abc import Hashable, Iterator
from functools import cached_property
from time import monotonic

from inquiry.decision import Facts
from inquiry.understood import Message, Party, Report
from inquiry.words import Automated
from router.patterns import TIMEOUT_SECONDS, Pattern
from router.words import Hits, Words

LONGEST_SUBJECT = 2_000
LONGEST_BODY = 100_000  # a rule that hasn't found its words by then won't be missed
PATIENCE_SECONDS = 4 * TIMEOUT_SECONDS
_REPORTS = {
    Automated.BOUNCE,
    Automated.DSN_DELAYED,
    Automated.DSN_DELIVERED,
    Automated.FEEDBACK,
}


class Reading:
    """One message, its facts, and the words found in it."""

    def __init__(self, message: Message | Report, facts: Facts, words: Words) -> None:
        self.message = message.message if isinstance(message, Report) else message
        self.facts = facts
        self.bounce = isinstance(message, Report) or self.message.automated in _REPORTS
        self._words = words
        self._spent = 0.0

    @cached_property
    def subject(self) -> str:
        return self.message.subject[:LONGEST_SUBJECT]

    @cached_property
    def body(self) -> str:
        """Return what the customer wrote now; all of it where nothing but quotes is there."""
        new = self.message.new_text
        return (new if new.strip() else self.message.text)[:LONGEST_BODY]

    @cached_property
    def hits(self) -> Hits:
        return self._words.find(self.subject, self.body)

    @property
    def auto_generated(self) -> bool:
        return self.bounce or self.message.automated not in (Automated.NONE, Automated.LIST)

    @property
    def recipients(self) -> tuple[Party, ...]:
        return self.message.to + self.message.cc

    def text_of(self, part: str) -> str:
        """Return the raw text that ``subject``, ``body`` or ``text`` stands for."""
        if part == "text":
            return f"{self.subject}\n{self.body}"
        return self.subject if part == "subject" else self.body

    def search(self, pattern: Pattern, text: str) -> str | None:
        """Return what ``pattern`` finds in ``text``, None if nothing, or nothing in time."""
        if self._spent > PATIENCE_SECONDS:
            return None
        began = monotonic()
        try:
            found = pattern.search(text)
        except TimeoutError:
            found = None
        self._spent += monotonic() - began
        return found[0] if found else None

    def signs(self) -> Iterator[Hashable]:
        """Name what is there: a rule can match only if one of its own keys is among these."""
        yield "channel", str(self.facts.channel)
        yield "language", self.message.language.partition("-")[0].lower()
        if self.auto_generated:
            yield "auto_generated"
        if self.bounce:
            yield "bounce"
        if self.message.attachments:
            yield "attachment"
        for name in self.hits.lists:
            yield "list", name
        for phrase, _part in self.hits.phrases:
            yield phrase
