"""A small configuration to change, as text, and kinds of channels of our own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from config.configuration import Configuration
from config.load import load
from inquiry.errors import ConfigError, Problem

DESK = """\
version: 1
desk:
  name: Nordlys Support
  url: https://help.nordlys.example
  timezone: Europe/Oslo
  languages: [nb, en, pl]
  data_dir: data
"""
CHANNELS = """\
channels:
  support-mail:
    kind: imap
    host: imap.nordlys.example
    user: support@nordlys.example
    password: ${env:PASSWORD}
    addresses: [support@nordlys.example]
"""
PEOPLE = """\
specialists:
  ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [nb, en]}
  kasia: {name: Kasia Nowak, languages: [pl, en], skills: [printers], role: lead}
"""
QUEUES = """\
queues:
  first-line: {line: 1, members: [ola, kasia], assign: {by: round-robin}}
  second-line: {line: 2, members: [kasia]}
"""
WORDS = """\
words:
  outage: {nb: [nede], en: [down, outage], pl: [nie działa]}
  printer: {en: [printer*], pl: [drukar*]}
"""
RULES = """\
rules:
  - name: outage
    when: {mentions: outage, not: {mentions: printer}}
    then: {category: outage, queue: second-line, priority: high}
  - name: everything-else
    when: always
    then: {category: other, queue: first-line, priority: normal, reply: ack}
"""
PARTS: Mapping[str, str] = {
    "desk": DESK,
    "channels": CHANNELS,
    "specialists": PEOPLE,
    "queues": QUEUES,
    "words": WORDS,
    "rules": RULES,
}
ENVIRONMENT = {"PASSWORD": "a secret nobody may see"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    host: str = ""
    port: int = 587
    from_: str = ""
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imap:
    host: str
    port: int | None = field(default=None, metadata={"least": 1, "most": 65535})
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    trust_authentication_results: tuple[str, ...] = ()
    tls: Literal["starttls", "implicit", "none"] = "implicit"
    addresses: tuple[str, ...] = ()
    send: Send | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    listen: str
    max_size: int = field(default=0, metadata={"unit": "size"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    label: str | Mapping[str, str]
    options: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    path: str
    fields: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    allowed_origins: tuple[str, ...]
    calendar: str = ""
    title: Mapping[str, str] = field(default_factory=dict, metadata={"by": "language"})
    by_mail: None = None


KINDS: Mapping[str, type[Any]] = {"imap": Imap, "smtp": Smtp, "web-form": Form, "web-chat": Chat}


def a_text(**changes: str) -> str:
    """The whole file; each change replaces the section of its name, or adds one."""
    return "".join({**PARTS, **changes}.values())


def loaded(folder: Path, **changes: str) -> Configuration:
    """Load the file with changed sections. Raises ConfigError."""
    file = folder / "desk.yaml"
    file.write_text(a_text(**changes), encoding="utf-8")
    return load(file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT)


def problems(folder: Path, **changes: str) -> list[Problem]:
    """Return all that is wrong with the file, warnings too."""
    try:
        return list(loaded(folder, **changes).warnings)
    except ConfigError as wrong:
        return list(wrong.problems)


def told(folder: Path, **changes: str) -> list[str]:
    """Return errors and warnings as ``code: text | hint``."""
    return [f"{p.code}: {p.text} | {p.hint}" for p in problems(folder, **changes)]
