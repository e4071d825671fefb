"""What a rule may ask of a message. Each condition says whether it holds, and in words why."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, Protocol

from inquiry.understood import Attachment, Party
from router.patterns import Pattern
from router.reading import Reading
from router.words import Part, Phrase

Keys = frozenset[Hashable] | None
"""What must be there for a condition to hold, any one of it; None if that can't be told."""


class Condition(Protocol):
    """One test of a message."""

    def holds(self, reading: Reading) -> bool | None:
        """Is it so? None where this version can't tell, which never makes a rule match."""
        ...

    def words(self, reading: Reading) -> str:
        """Say what was found, for the explanation."""
        ...

    def keys(self) -> Keys:
        """Name what an index may look for."""
        ...


@dataclass(frozen=True, slots=True)
class Channel:
    """``channel: support-mail``"""

    names: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        return reading.facts.channel in self.names

    def words(self, reading: Reading) -> str:
        return _is("channel", reading.facts.channel, self.names, so=self.holds(reading))

    def keys(self) -> Keys:
        return frozenset(("channel", name) for name in self.names)


@dataclass(frozen=True, slots=True)
class Language:
    """``language: [et, ru]``; a language covers its regional forms."""

    tags: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        found = reading.message.language.lower()
        return any(found == tag or found.startswith(f"{tag}-") for tag in map(str.lower, self.tags))

    def words(self, reading: Reading) -> str:
        found = reading.message.language or "unknown"
        return _is("language", found, self.tags, so=self.holds(reading))

    def keys(self) -> Keys:
        return frozenset(("language", tag.partition("-")[0].lower()) for tag in self.tags)


@dataclass(frozen=True, slots=True)
class Mentions:
    """``mentions: outage``: a word of one of these lists stands in subject or body."""

    lists: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        found = reading.hits.lists
        return any(name in found for name in self.lists)

    def words(self, reading: Reading) -> str:
        for name in self.lists:
            if name in reading.hits.lists:
                return f"mentions {name}: “{reading.hits.lists[name]}”"
        return f"mentions {', '.join(self.lists)}: none of the words"

    def keys(self) -> Keys:
        return frozenset(("list", name) for name in self.lists)


@dataclass(frozen=True, slots=True)
class Contains:
    """``subject: drukar*`` or ``text: '/…/'``: one of these stands in that part."""

    part: Literal["subject", "body", "text"]
    wanted: tuple[Phrase | Pattern, ...]

    def holds(self, reading: Reading) -> bool:
        return self._found(reading) is not None

    def words(self, reading: Reading) -> str:
        found = self._found(reading)
        return f"{self.part} no match" if found is None else f"{self.part}: “{found}”"

    def keys(self) -> Keys:
        needed = [w.needs if isinstance(w, Pattern) else w for w in self.wanted]
        return None if None in needed else frozenset(needed)

    def phrases(self) -> Iterator[Phrase]:
        for wanted in self.wanted:
            needed = wanted.needs if isinstance(wanted, Pattern) else wanted
            if needed is not None:
                yield needed

    def _found(self, reading: Reading) -> str | None:
        for wanted in self.wanted:
            found = (
                self._matched(wanted, reading)
                if isinstance(wanted, Pattern)
                else self._said(wanted, reading)
            )
            if found is not None:
                return found
        return None

    def _said(self, wanted: Phrase, reading: Reading) -> str | None:
        parts: tuple[Part, ...] = ("subject", "body") if self.part == "text" else (self.part,)
        said = (reading.hits.phrases.get((wanted, part)) for part in parts)
        return next((text for text in said if text is not None), None)

    def _matched(self, wanted: Pattern, reading: Reading) -> str | None:
        if wanted.needs is not None and not any(
            (wanted.needs, part) in reading.hits.phrases for part in ("subject", "body")
        ):
            return None
        return reading.search(wanted, reading.text_of(self.part))


@dataclass(frozen=True, slots=True)
class Address:
    """``from: acme.example``: an address, a domain with all below it, a ``*@…`` or a pattern."""

    side: Literal["from", "to"]
    wanted: tuple[str | Pattern, ...]

    def holds(self, reading: Reading) -> bool:
        parties = self._parties(reading)
        return any(_is_party(wanted, party, reading) for party in parties for wanted in self.wanted)

    def words(self, reading: Reading) -> str:
        there = ", ".join(party.address for party in self._parties(reading)) or "-"
        return f"{self.side} {there}" if self.holds(reading) else f"{self.side} is {there}"

    def keys(self) -> Keys:
        return None

    def _parties(self, reading: Reading) -> tuple[Party, ...]:
        if self.side == "to":
            return reading.recipients
        sender = reading.message.sender
        return () if sender is None else (sender,)


@dataclass(frozen=True, slots=True, kw_only=True)
class HasAttachment:
    """``attachment: {extension: [exe], bigger_than: 1MB}``: at least ``count`` files like this."""

    extensions: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    bigger_than: int = -1
    count: int = 1
    wanted: bool = True
    """False for ``attachment: no``."""

    def holds(self, reading: Reading) -> bool:
        return (len(self._like_this(reading)) >= self.count) is self.wanted

    def words(self, reading: Reading) -> str:
        names = ", ".join(file.filename or "unnamed" for file in self._like_this(reading))
        return f"attachment {names or 'none'}"

    def keys(self) -> Keys:
        return frozenset(["attachment"]) if self.wanted and self.count > 0 else None

    def _like_this(self, reading: Reading) -> list[Attachment]:
        return [file for file in reading.message.attachments if self._fits(file)]

    def _fits(self, file: Attachment) -> bool:
        name, kind = file.filename.lower().rstrip(". "), file.content_type.lower()
        return (
            (not self.extensions or any(name.endswith(f".{end}") for end in self.extensions))
            and (not self.types or any(fnmatchcase(kind, wanted) for wanted in self.types))
            and file.size > self.bigger_than
        )


@dataclass(frozen=True, slots=True)
class Flag:
    """``auto_generated: yes`` or ``bounce: no``"""

    name: Literal["auto_generated", "bounce"]
    wanted: bool

    def holds(self, reading: Reading) -> bool:
        return self._found(reading) is self.wanted

    def words(self, reading: Reading) -> str:
        found = self._found(reading)
        because = reading.message.automated_because
        if found and because and self.name == "auto_generated":
            return f"{self.name}: {because}"
        return f"{self.name} {'yes' if found else 'no'}"

    def keys(self) -> Keys:
        return frozenset([self.name]) if self.wanted else None

    def _found(self, reading: Reading) -> bool:
        return reading.bounce if self.name == "bounce" else reading.auto_generated


@dataclass(frozen=True, slots=True)
class Later:
    """A condition of the language that this version does not know how to test."""

    word: str

    def holds(self, reading: Reading) -> None:  # noqa: ARG002 - whatever the message
        return None

    def words(self, reading: Reading) -> str:  # noqa: ARG002
        return f"{self.word}: this version can't tell"

    def keys(self) -> Keys:
        return frozenset()


def _is(what: str, found: str, wanted: tuple[str, ...], *, so: bool) -> str:
    return f"{what} is {found}" if so else f"{what} is {found}, not {' or '.join(wanted)}"


def _is_party(wanted: str | Pattern, party: Party, reading: Reading) -> bool:
    if isinstance(wanted, Pattern):
        return reading.search(wanted, f"{party.name} <{party.address}>") is not None
    there, wanted = party.address.lower(), wanted.lower()
    if "*" in wanted:
        return fnmatchcase(there, wanted)
    domain = there.rpartition("@")[2]
    return there == wanted or f".{domain}".endswith(f".{wanted.removeprefix('@')}")
