"""Conditions on what the message is: its channel, language, sender, files and marks."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from inquiry.understood import Attachment, Party
from inquiry.words import Trust
from router.conditions.condition import Keys, is_or_not
from router.patterns import Pattern
from router.reading import Reading
from router.text import TooSlow


@dataclass(frozen=True, slots=True)
class Channel:
    """``channel: support-mail``"""

    names: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        return reading.facts.channel in self.names

    def words(self, reading: Reading) -> str:
        return is_or_not("channel", reading.facts.channel, self.names, so=self.holds(reading))

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
        return is_or_not("language", reading.message.language, self.tags, so=self.holds(reading))

    def keys(self) -> Keys:
        return frozenset(("language", tag.partition("-")[0].lower()) for tag in self.tags)


@dataclass(frozen=True, slots=True)
class Trusted:
    """``trust: verified``: what is known of who wrote it."""

    levels: tuple[Trust, ...]

    def holds(self, reading: Reading) -> bool:
        return reading.message.trust in self.levels

    def words(self, reading: Reading) -> str:
        return is_or_not("trust", reading.message.trust, self.levels, so=self.holds(reading))

    def keys(self) -> Keys:
        return None


@dataclass(frozen=True, slots=True)
class Authenticated:
    """``authenticated: {dmarc: pass}``: what a check of the sender found (RFC 8601)."""

    method: Literal["spf", "dkim", "dmarc"]
    results: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        return self._found(reading) in self.results

    def words(self, reading: Reading) -> str:
        return is_or_not(self.method, self._found(reading), self.results, so=self.holds(reading))

    def keys(self) -> Keys:
        return None

    def _found(self, reading: Reading) -> str:
        return reading.message.authentication.get(self.method, "none")


@dataclass(frozen=True, slots=True)
class Address:
    """``from: acme.example``: an address, a domain with all below it, a ``*@…`` or a pattern."""

    side: Literal["from", "to"]
    wanted: tuple[str | Pattern, ...]

    def holds(self, reading: Reading) -> bool | None:
        too_slow = False
        for party in self._parties(reading):
            for wanted in self.wanted:
                try:
                    if _is_party(wanted, party, reading):
                        return True
                except TooSlow:
                    too_slow = True
        return None if too_slow else False

    def words(self, reading: Reading) -> str:
        there = ", ".join(party.address for party in self._parties(reading)) or "-"
        so = self.holds(reading)
        if so is None:
            return f"{self.side} {there}: a pattern took too long"
        return f"{self.side} {there}" if so else f"{self.side} is {there}, not {self._told()}"

    def captured(self, reading: Reading) -> Mapping[str, str]:
        """Return what the groups of the first that fits have found."""
        for party in self._parties(reading):
            for wanted in self.wanted:
                with suppress(TooSlow):
                    if isinstance(wanted, Pattern):
                        if found := reading.text.search(wanted, _shown(party)):
                            return found.groups
                    elif _is_party(wanted, party, reading):
                        return {}
        return {}

    def keys(self) -> Keys:
        if self.side == "to" or any(isinstance(w, Pattern) or "*" in w for w in self.wanted):
            return None
        return frozenset(("from", str(w).lower().removeprefix("@")) for w in self.wanted)

    def _told(self) -> str:
        return " or ".join(w.written if isinstance(w, Pattern) else w for w in self.wanted)

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


_FOUND: dict[str, Callable[[Reading], bool]] = {
    "auto_generated": lambda reading: reading.text.auto_generated,
    "bounce": lambda reading: reading.text.bounce,
    "mailing_list": lambda reading: reading.message.mailing_list,
    "shouting": lambda reading: reading.text.shouting,
    "known": lambda reading: reading.facts.customer_known,
}
_SIGNS = ("auto_generated", "bounce", "mailing_list")


@dataclass(frozen=True, slots=True)
class Flag:
    """``auto_generated: yes`` or ``bounce: no``"""

    name: Literal["auto_generated", "bounce", "mailing_list", "shouting", "known"]
    wanted: bool

    def holds(self, reading: Reading) -> bool:
        return _FOUND[self.name](reading) is self.wanted

    def words(self, reading: Reading) -> str:
        found = _FOUND[self.name](reading)
        because = reading.message.automated_because
        if found and because and self.name == "auto_generated":
            return f"{self.name}: {because}"
        return f"{self.name} {'yes' if found else 'no'}"

    def keys(self) -> Keys:
        return frozenset([self.name]) if self.wanted and self.name in _SIGNS else None


def _is_party(wanted: str | Pattern, party: Party, reading: Reading) -> bool:
    if isinstance(wanted, Pattern):
        return reading.finds(wanted, _shown(party)) is not None
    there, wanted = party.address.lower(), wanted.lower()
    if "*" in wanted:
        return fnmatchcase(there, wanted)
    domain = there.rpartition("@")[2]
    above = wanted.removeprefix("@")
    return there == wanted or (bool(above) and f".{domain}".endswith(f".{above}"))


def _shown(party: Party) -> str:
    return f"{party.name} <{party.address}>"
