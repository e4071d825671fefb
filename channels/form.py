"""The channel side of the web form: what was filled in becomes an arrival. Answers go by mail."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

import regex

from channels.allowance import Allowance
from channels.contract import Inlet, Limits, Premises
from channels.peer import counted_as, is_here
from inquiry.errors import PermanentFailure
from inquiry.failpoints import failpoint
from inquiry.journey import FORM, Arrival, ArrivalId, ChannelName, Envelope, File

LIMITS = Limits(subject=True)
LONGEST = {"name": 200, "email": 254, "subject": 300, "text": 100_000}
LONGEST_FIELD = 2_000
MOST_FILES = 10
LARGEST = 25_000_000
"""Bytes of all files together."""
HOUR = timedelta(hours=1)
MOST_REMEMBERED = 10_000
"""Messages that may be sent again without being counted again."""
MATCHING = timedelta(milliseconds=100)
_PATH = regex.compile(r"(/[A-Za-z0-9_.~-]+)+")
_ADDRESS = regex.compile(r"[^@\s<>,;:\"()\p{C}]+@[^@\s<>,;:\"()\p{C}]+\.[^@\s<>,;:\"()\p{C}]+")


class Wrong(StrEnum):
    """What has to be corrected before a form can be taken."""

    MISSING = "missing"
    TOO_LONG = "too-long"
    NOT_AN_ADDRESS = "not-an-address"
    NOT_AN_OPTION = "not-an-option"
    NOT_THE_PATTERN = "not-the-pattern"


class Incomplete(PermanentFailure):
    """The form has to be corrected: which of its fields, and why."""

    def __init__(self, wrong: Mapping[str, Wrong]) -> None:
        super().__init__(", ".join(f"{name}: {why}" for name, why in wrong.items()))
        self.wrong = wrong


class TooLarge(PermanentFailure):
    """The files are more than we take: 413."""


def pattern_of_answer(text: str) -> str:
    """Return what an answer as a whole has to match. Raises ValueError."""
    if len(text) > len("//") and text.startswith("/") and text.endswith("/"):
        meant = text[1:-1]
        raise ValueError(f"{text!r} has slashes, here is none needed; did you mean {meant!r}?")
    try:
        regex.compile(text)
    except regex.error as error:
        raise ValueError(f"{text!r} is no pattern: {error}") from error
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A question of the operator's own."""

    label: Mapping[str, str] = field(default_factory=dict, metadata={"by": "language"})
    """By language."""
    options: tuple[str, ...] = ()
    pattern: str = field(default="", metadata={"convert": pattern_of_answer})
    required: bool = True

    def label_in(self, language: str, otherwise: str) -> str:
        """Return the label for readers of ``language``, else in any language there is."""
        return self.label.get(language) or next(iter(self.label.values()), otherwise)


def path_of_page(text: str) -> str:
    """Return the path of a page on our own server. Raises ValueError."""
    if not _PATH.fullmatch(text):
        raise ValueError(f"{text!r} is not a path such as /new")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost:
    """``at_most``: what one address on the internet may do."""

    messages: int = field(default=30, metadata={"least": 1, "most": 100_000})
    """An hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``web-form{path fields at_most}``."""

    path: str = field(default="/new", metadata={"convert": path_of_page})
    fields: Mapping[str, Field] = field(default_factory=dict)
    at_most: AtMost = AtMost()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a person has filled in."""

    submission: str
    """A random word from a hidden field: the same form sent twice is one message."""
    name: str = ""
    email: str
    subject: str = ""
    text: str
    language: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()


@asynccontextmanager
async def open_channel(
    name: ChannelName,
    settings: Settings,
    premises: Premises,  # noqa: ARG001  (all kinds are opened alike)
) -> AsyncIterator["FormChannel"]:
    """Open a form; there is nothing to connect to."""
    yield FormChannel(name, settings)


class FormChannel:
    """Takes what the page in ``web/`` hands over."""

    def __init__(self, name: ChannelName, settings: Settings) -> None:
        self.name = name
        self.settings = settings
        self._allowance = Allowance(HOUR)
        self._counted: dict[str, None] = {}

    async def accept_post(
        self, inlet: Inlet, filled: Filled, envelope: Envelope, *, now: datetime
    ) -> ArrivalId:
        """Accept a form; only when this has returned may the page say thanks.

        Raises:
            Incomplete: 422, and show the form again.
            TooLarge: 413.
            TooMuch: 429, and show the form again: this address has sent very many.
            TemporaryFailure: 503, and show the form again: nothing was stored.
        """
        if len(filled.files) > MOST_FILES or _size(filled) > LARGEST:
            raise TooLarge(f"at most {MOST_FILES} files of {LARGEST // 1_000_000} MB together")
        if wrong := self.wrong(filled):
            raise Incomplete(wrong)
        arrival = self.arrival(filled, envelope, now=now)
        self._count(arrival, now)
        accepted = await inlet.accept(arrival)
        failpoint("form.accepted")
        return accepted

    def _count(self, arrival: Arrival, now: datetime) -> None:
        """Count a message, but for one that is only sent again. Raises TooMuch.

        A caller from this machine is a proxy that says nothing of its visitors: all of them
        together have no limit, or one of them could use it up for everybody.
        """
        peer, name = arrival.envelope.peer, arrival.remote_id
        if is_here(peer) or name in self._counted:
            return
        self._allowance.spend(counted_as(peer), self.settings.at_most.messages, now=now)
        self._counted[name] = None
        if len(self._counted) > MOST_REMEMBERED:
            del self._counted[next(iter(self._counted))]

    def wrong(self, filled: Filled) -> dict[str, Wrong]:
        """Return what has to be corrected, by field; empty is fine."""
        return dict(self._wrong(filled))

    def arrival(self, filled: Filled, envelope: Envelope, *, now: datetime) -> Arrival:
        """Write a form down."""
        raw = json.dumps(_data(filled), ensure_ascii=False).encode(errors="replace")
        # The content is part of the identity: who goes back, writes something else and sends
        # the same form again has sent another message.
        digest = hashlib.sha256(raw).hexdigest()
        return Arrival(
            channel=self.name,
            remote_id=f"{filled.submission or uuid4().hex}:{digest}",
            media_type=FORM,
            raw=raw,
            envelope=envelope,
            received_at=now,
        )

    def _wrong(self, filled: Filled) -> Iterator[tuple[str, Wrong]]:
        for name in ("email", "text"):
            if not getattr(filled, name).strip():
                yield name, Wrong.MISSING
        for name, most in LONGEST.items():
            if len(getattr(filled, name)) > most:
                yield name, Wrong.TOO_LONG
        if filled.email.strip() and not _ADDRESS.fullmatch(filled.email.strip()):
            yield "email", Wrong.NOT_AN_ADDRESS
        for name, asked in self.settings.fields.items():
            if found := _wrong_field(asked, filled.fields.get(name, "").strip()):
                yield name, found


def is_address(text: str) -> bool:
    """Does this look like a mail address?"""
    return bool(len(text) <= LONGEST["email"] and _ADDRESS.fullmatch(text))


def _wrong_field(asked: Field, value: str) -> Wrong | None:
    if not value:
        return Wrong.MISSING if asked.required else None
    if len(value) > LONGEST_FIELD:
        return Wrong.TOO_LONG
    if asked.options and value not in asked.options:
        return Wrong.NOT_AN_OPTION
    if asked.pattern and not _matches(asked.pattern, value):
        return Wrong.NOT_THE_PATTERN
    return None


def _matches(pattern: str, value: str) -> bool:
    try:
        found = regex.fullmatch(pattern, value, timeout=MATCHING.total_seconds())
    except TimeoutError:  # a pattern that explodes on what strangers write
        return False
    return found is not None


def _size(filled: Filled) -> int:
    return sum(len(file.content) for file in filled.files)


def _data(filled: Filled) -> dict[str, object]:
    return {
        "name": filled.name.strip(),
        "email": filled.email.strip(),
        "subject": filled.subject.strip(),
        "text": filled.text,
        "language": filled.language,
        "fields": dict(filled.fields),
        "files": [file.in_json() for file in filled.files],
    }
