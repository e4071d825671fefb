"""The kinds of channels there are: one line each. Modules are imported when a kind is used.

Adapters that live outside name a :class:`channels.contract.Kind` under the entry-point group
``deskbridge.channels``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, get_type_hints

from channels.contract import Kind, Limits
from inquiry.errors import UnusableKind

GROUP = "deskbridge.channels"

OURS = {
    "imap": ("channels.imap.channel", "open_channel", "mail"),
    "smtp": ("channels.smtp.channel", "open_channel", "mail"),
    "lmtp": ("channels.smtp.channel", "open_lmtp_channel", "mail"),
    "telegram": ("channels.telegram.channel", "open_channel", "telegram"),
    "slack": ("channels.slack.channel", "open_channel", "slack"),
    "web-chat": ("channels.webchat.channel", "open_channel", "web-chat"),
    "webhook": ("channels.webhook.channel", "open_channel", "webhook"),
    "web-form": ("channels.form", "open_channel", "mail"),
}
"""The module, what opens a channel, and the sort of contact point that it brings."""


@cache
def kind(name: str) -> Kind:
    """Load one kind.

    Raises:
        KeyError: there is none of this name.
        UnusableKind: it comes from outside, and can't be used; no other kind suffers from it.
    """
    if name in OURS:
        place, opener, contact = OURS[name]
        module = import_module(place)
        return Kind(
            name=name,
            contact=contact,
            settings=module.Settings,
            limits=getattr(module, "LIMITS", Limits()),
            open_channel=getattr(module, opener),
        )
    entries = _outside()[name]
    if len(entries) > 1:
        packages = " and ".join(map(_package, entries))
        raise UnusableKind(f"{packages} both bring a kind {name!r}", "uninstall one of them")
    return _checked(entries[0])


def hidden_by_ours(name: str) -> tuple[str, ...]:
    """Return the packages whose kind of this name nobody can have, since it is one of ours."""
    return tuple(map(_package, _outside().get(name, ()))) if name in OURS else ()


class SettingsByKind(Mapping[str, type[Any]]):
    """Every word that may stand after ``kind:`` and its settings, loaded when asked for.

    Asking for one from outside may raise UnusableKind.
    """

    def __getitem__(self, name: str) -> type[Any]:
        return kind(name).settings

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*OURS, *_outside())))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in OURS or name in _outside()


def _checked(entry: EntryPoint) -> Kind:
    """Load a kind from outside, and see to it that it is one."""
    try:
        loaded = entry.load()
    except Exception as bug:
        raise _unusable(entry, f"can't be loaded: {type(bug).__name__}: {bug}") from bug
    if not isinstance(loaded, Kind):
        raise _unusable(entry, f"is no channels.contract.Kind but {type(loaded).__name__}")
    if loaded.name != entry.name:
        raise _unusable(entry, f"calls itself {loaded.name!r}")
    if not is_dataclass(loaded.settings):
        raise _unusable(entry, "has settings that are no dataclass")
    try:
        get_type_hints(loaded.settings)
    except Exception as bug:
        raise _unusable(entry, f"has settings whose types can't be read: {bug}") from bug
    return loaded


def _unusable(entry: EntryPoint, what: str) -> UnusableKind:
    told = f"the kind {entry.name!r} of {_package(entry)} {what}"
    return UnusableKind(told, f"mend the package: its entry point is {entry.value}")


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


@cache
def _outside() -> Mapping[str, Sequence[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, []).append(entry)
    return found
