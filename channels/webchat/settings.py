"""What stands in the YAML of the kind ``web-chat``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
READABLE = 4.5
"""Contrast that text needs (WCAG 2.2, 1.4.3)."""


def origin(text: str) -> str:
    """Return an origin as browsers write it. Raises ValueError."""
    wanted = text.lower().rstrip("/")
    for default in (("https://", ":443"), ("http://", ":80")):
        if wanted.startswith(default[0]):
            wanted = wanted.removesuffix(default[1])
    if not _ORIGIN.fullmatch(wanted):
        raise ValueError(f"{text!r} is not an origin such as https://www.nordlys.example")
    return wanted


def origins(text: str) -> str:
    """Check one of several origins. Raises ValueError."""
    return origin(text)


def colour(text: str) -> str:
    """Return a colour on which white can be read. Raises ValueError."""
    wanted = text.lower()
    if not _COLOUR.fullmatch(wanted):
        raise ValueError(f"{text!r} is not a colour such as #0b5cad")
    if contrast(wanted, "#ffffff") < READABLE:
        raise ValueError(f"white can't be read on {text!r}: choose a darker colour")
    return wanted


def contrast(one: str, other: str) -> float:
    """Return how much two colours differ, from 1 to 21, as WCAG counts it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(text: str) -> float:
    parts = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """``identity: {secret}``: what the host page's server signs its users with."""

    secret: str = field(repr=False, metadata={"secret": True})

    @property
    def lacking(self) -> str:
        """What has to be corrected, in one sentence; "" if nothing."""
        return "" if len(self.secret) >= 32 else "the 'secret' of 'identity' needs 32 letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMail:
    """``by_mail: {after, channel}``: how it goes on when the visitor has left."""

    after: timedelta = timedelta(minutes=10)
    channel: str
    """A channel that sends mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost:
    """``at_most``: what one visitor, or one address on the internet, may do."""

    messages: int = field(default=20, metadata={"least": 1, "most": 1000})
    """A minute, of one visitor; three times as many of one address."""
    conversations: int = field(default=20, metadata={"least": 1, "most": 100_000})
    """An hour: new visitors of one address."""
    uploads: int = field(default=30, metadata={"least": 0, "most": 10_000})
    """Files an hour, of one visitor; three times as many of one address. 0: no files at all."""
    file_size: int = field(default=5 * 1024 * 1024, metadata={"unit": "size"})
    connections: int = field(default=6, metadata={"least": 1, "most": 1000})
    """At the same time, of one visitor; ten times as many of one address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A chat on somebody's pages."""

    allowed_origins: tuple[str, ...] = field(metadata={"convert": origins})
    """The pages that may show it, by scheme, name and port."""
    calendar: str = ""
    """When somebody is there; always, where none is named."""
    title: Mapping[str, str] = field(default_factory=dict, metadata={"by": "language"})
    """By language."""
    colour: str = field(default="#0b5cad", metadata={"convert": colour})
    identity: Identity | None = None
    by_mail: ByMail | None = None
    at_most: AtMost = AtMost()

    @property
    def lacking(self) -> str:
        """What has to be corrected before this can work, in one sentence; "" if nothing."""
        if not self.allowed_origins:
            return "'allowed_origins' is empty: no page may show the chat"
        return self.identity.lacking if self.identity else ""
