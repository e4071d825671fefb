"""A checked configuration: what the rest of the program gets to see of the YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from config.customers import Customers
from config.former import Former
from config.nodes import Entry
from config.scalars import (
    Language,
    Word,
    listen_address,
    network,
    operator_token,
    reference_format,
    web_address,
)
from config.storage_address import storage_address
from inquiry.calendar import Calendar
from inquiry.errors import Place, Problem
from inquiry.journey import ChannelName, QueueName, SpecialistName
from router.customers import Organizations
from router.rules import Rules
from specialists.people import Queue, Specialist

if TYPE_CHECKING:
    from config.cases import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The undo time of answers."""

    mail: timedelta = timedelta(seconds=10)
    chat: timedelta = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The desk itself."""

    name: str
    url: str = field(metadata={"convert": web_address})
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    languages: tuple[Language, ...] = (Language("en"),)
    """The first is the default."""
    language_fallback: Mapping[str, tuple[Language, ...]] = field(default_factory=dict)
    reference_format: str = field(default="{year}-{seq:05}", metadata={"convert": reference_format})
    data_dir: Path
    storage: str = field(
        default="sqlite", repr=False, metadata={"secret": False, "convert": storage_address}
    )
    """``sqlite`` or a ``postgresql://`` address, which may hold a password."""
    hold: Hold = Hold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where the pages are served."""

    listen: str = field(default="127.0.0.1:8080", metadata={"convert": listen_address})
    operator_token: str = field(default="", repr=False, metadata={"convert": operator_token})
    """Who sends it may have the configuration loaded again over HTTP; "" is nobody."""
    trusted_proxies: tuple[str, ...] = field(default=(), metadata={"convert": network})
    """Proxies whose word on who calls is believed, beside those on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """The customers' pages."""

    link_valid_for: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEntry:
    """One configured channel. ``settings`` is of the dataclass that its kind brings."""

    kind: str
    settings: Any
    addresses: tuple[str, ...] = ()
    was: tuple[Word, ...] = ()
    fallback: tuple[Word, ...] | None = None
    """What is tried where the channel can't carry an answer: other channels, ``portal``."""
    place: Place
    written: Mapping[str, Entry] = field(default_factory=dict, repr=False, compare=False)
    """What stands in the file, by the keys down to it: ``by_mail.channel``."""

    def place_of(self, key: str) -> Place:
        """Return where the value of a key stands; the channel's own place if it is not there."""
        return self.written[key].value.place if key in self.written else self.place

    @property
    def sends_from(self) -> str:
        """Return the address that a mail channel sends from, "" if it sends nothing."""
        send = getattr(self.settings, "send", None)
        return parseaddr(send.from_)[1] if send is not None else ""

    @property
    def trusted_hosts(self) -> frozenset[str]:
        """Return the hosts whose Authentication-Results are believed here."""
        return frozenset(getattr(self.settings, "trust_authentication_results", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything the operator has settled; immutable, known by its hash."""

    hash: str
    text: str = field(repr=False)
    """All files as they were read; secrets that they only refer to are not in it."""
    desk: Desk
    web: Web
    channels: Mapping[ChannelName, ChannelEntry]
    specialists: Mapping[SpecialistName, Specialist]
    queues: Mapping[QueueName, Queue]
    words: Mapping[str, Mapping[Language, tuple[Word, ...]]]
    calendars: Mapping[str, Calendar]
    customers: Customers
    organizations: Organizations
    templates: Path | None
    rules: Rules
    portal: Portal
    former: Former = field(default_factory=Former)
    tests: "tuple[Case, ...]" = ()
    files: tuple[Path, ...] = ()
    warnings: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()

    @property
    def own_addresses(self) -> frozenset[str]:
        """Return every address that is the desk itself, in lower case."""
        entries = self.channels.values()
        received = (address for entry in entries for address in entry.addresses)
        sent = (entry.sends_from for entry in entries)
        found = (*(one for one in received if "*" not in one), *sent)
        return frozenset(one.casefold() for one in found if one)

    def is_specialist(self, address: str) -> bool:
        """Is it the mail address of one of the specialists?"""
        own = (person.email.casefold() for person in self.specialists.values())
        return bool(address) and address.casefold() in own
