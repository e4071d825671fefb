"""The kinds of channels there are: one line each. Modules are imported when a kind is used.

Adapters that live outside name a :class:`channels.contract.Kind` under the entry-point group
``deskbridge.channels``.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from channels.contract import Kind, Limits

OURS = {
    "imap": ("channels.imap.channel", "open_channel", "mail"),
    "smtp": ("channels.smtp.channel", "open_channel", "mail"),
    "lmtp": ("channels.smtp.channel", "open_lmtp_channel", "mail"),
    "telegram": ("channels.telegram.channel", "open_channel", "telegram"),
    "webhook": ("channels.webhook.channel", "open_channel", "webhook"),
    "web-form": ("channels.form", "open_channel", "mail"),
}
"""The module, what opens a channel, and the sort of contact point that it brings."""


@cache
def kind(name: str) -> Kind:
    """Load one kind. Raises KeyError if there is none of this name."""
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
    loaded: Kind = _outside()[name].load()
    return loaded


class SettingsByKind(Mapping[str, type[Any]]):
    """Every word that may stand after ``kind:`` and its settings, loaded when asked for."""

    def __getitem__(self, name: str) -> type[Any]:
        return kind(name).settings

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*OURS, *_outside())))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in OURS or name in _outside()


@cache
def _outside() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group="deskbridge.channels")}
