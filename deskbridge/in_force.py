"""The configuration in force and what is made of it: a step takes one and keeps it to its end."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from config.configuration import ChannelEntry, Configuration
from config.redact import without_password
from deskbridge import wiring
from inquiry.journey import ChannelName
from inquiry.tokens import KeyRing
from normalizer.stage import Knowledge
from outbox.desk import Desk as OutboxDesk
from router.stage.desk import Desk as RouterDesk

LARGEST_FILE = 1_000_000
"""Bytes: a larger file that a channel names is told apart by its size and time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a channel is made of. Equal content needs no other channel."""

    entry: ChannelEntry
    premises: Any
    files: tuple[tuple[Path, str], ...]
    """What is in the files that its settings name, such as a certificate that is renewed."""

    def same(self, other: "Content | None") -> bool:
        """Would a channel made of the other one be the same? Where it stands in the file is not."""
        return other is not None and self._parts() == other._parts()

    def _parts(self) -> tuple[object, ...]:
        return self.entry.kind, self.entry.settings, self.premises, self.files


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Everything that one configuration settles. Replaced as a whole, by one assignment."""

    configuration: Configuration
    knowledge: Knowledge
    routing: RouterDesk
    composing: OutboxDesk
    checked: frozenset[ChannelName]
    """The channels whose senders we check ourselves."""
    channels: Mapping[ChannelName, Content]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartNeeded:
    """A setting that a running desk can't change: the old value stays until it starts anew."""

    name: str
    """As in the YAML: ``web.listen``."""
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.name} {self.old} → {self.new} needs a restart"


FIXED = ("desk.data_dir", "desk.storage", "web.listen")
"""What is opened once. Everything else changes while the desk runs."""


def put_in_force(
    configuration: Configuration, ring: KeyRing, before: InForce | None = None
) -> InForce:
    """Make of a configuration what the parts need; every template is filled in once on the way.

    What the one before has begun is still under way: the sort of contact point of a removed channel
    stays known, and so does a template that is no more. Reads files, so not for the event loop.

    Raises:
        TemplateFault, OSError: a template, or a file that a channel names, can't be read.
    """
    known = before.routing.contacts if before else {}
    contacts = {**known, **wiring.contacts(configuration)}
    return InForce(
        configuration=configuration,
        knowledge=replace(wiring.knowledge(configuration), contacts=contacts),
        routing=replace(wiring.router_desk(configuration, ring), contacts=contacts),
        composing=_with_templates_of(before, wiring.outbox_desk(configuration, ring)),
        checked=wiring.checked_channels(configuration),
        channels={
            name: Content(
                entry=entry,
                premises=wiring.premises(configuration),
                files=tuple(_files(entry.settings)),
            )
            for name, entry in configuration.channels.items()
        },
    )


def _with_templates_of(before: InForce | None, desk: OutboxDesk) -> OutboxDesk:
    """Keep the templates whose very name is gone: an answer that waits may need one."""
    if before is None:
        return desk
    templates, names = desk.templates, desk.templates.names()
    old = before.composing.templates.texts.items()
    gone = {key: text for key, text in old if key[0] not in names}
    return replace(desk, templates=replace(templates, texts={**gone, **templates.texts}))


def applicable(
    new: Configuration, old: Configuration
) -> tuple[Configuration, tuple[RestartNeeded, ...]]:
    """Return ``new`` as far as a desk that runs by ``old`` can change, and what has to wait."""
    waiting = []
    for name in FIXED:
        section, _, setting = name.partition(".")
        kept = getattr(getattr(old, section), setting)
        wanted = getattr(getattr(new, section), setting)
        if kept != wanted:
            waiting.append(RestartNeeded(name=name, old=_shown(kept), new=_shown(wanted)))
            changed = replace(getattr(new, section), **{setting: kept})
            new = replace(new, **{section: changed})
    return new, tuple(waiting)


def _shown(value: object) -> str:
    return without_password(str(value))


def _files(settings: Any) -> Iterator[tuple[Path, str]]:
    """Find the files that settings name, also in settings inside settings."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            yield from _files(value)
        elif isinstance(value, Path) and value.is_file():
            yield value, _digest(value)


def _digest(file: Path) -> str:
    about = file.stat()
    if about.st_size > LARGEST_FILE:
        return f"{about.st_size} bytes of {about.st_mtime_ns}"
    return hashlib.sha256(file.read_bytes()).hexdigest()
