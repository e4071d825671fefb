"""The kinds of channels there are: one line each. Modules are imported when a kind is used.

Adapters that live outside name a :class:`channels.contract.Kind` under the entry-point group
``deskbridge.channels``.
"""

from collections.abc import Collection, Mapping
from importlib import import_module
from importlib.metadata import entry_points

from channels.contract import Kind, Limits

OURS = {
    "imap": ("channels.imap.channel", "open_channel", "mail"),
    "smtp": ("channels.smtp.channel", "open_channel", "mail"),
    "lmtp": ("channels.smtp.channel", "open_lmtp_channel", "mail"),
    "telegram": ("channels.telegram.channel", "open_channel", "telegram"),
    "web-form": ("channels.form", "open_channel", "mail"),
}
"""The module, what opens a channel, and the sort of contact point that it brings."""
OUTSIDE = "deskbridge.channels"


def names() -> set[str]:
    """Return every word that may stand after ``kind:``."""
    return {*OURS, *(entry.name for entry in entry_points(group=OUTSIDE))}


def kinds(wanted: Collection[str]) -> Mapping[str, Kind]:
    """Load the kinds that a configuration uses; words that are none are left out."""
    outside = {entry.name: entry for entry in entry_points(group=OUTSIDE)}
    loaded: dict[str, Kind] = {}
    for name in wanted:
        if name in OURS:
            loaded[name] = _ours(name)
        elif name in outside:
            loaded[name] = outside[name].load()
    return loaded


def _ours(name: str) -> Kind:
    place, opener, contact = OURS[name]
    module = import_module(place)
    return Kind(
        name=name,
        contact=contact,
        settings=module.Settings,
        limits=getattr(module, "LIMITS", Limits()),
        open_channel=getattr(module, opener),
    )
