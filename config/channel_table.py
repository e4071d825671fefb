"""The ``channels:`` table: each kind brings its own settings; ``extends`` means same but."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from config import later
from config.configuration import ChannelEntry
from config.findings import Findings, did_you_mean
from config.nodes import Entry, Node, Scalar, Table
from config.reader import Reader, Unreadable
from config.scalars import Word
from inquiry.errors import UnusableKind
from inquiry.journey import ChannelName

PORTAL = "portal"
OUR_PAGES = frozenset(
    {"-", "chat", "demo", "inbox", "inquiry", "live", "livez", "metrics", "outbox", "quarantine"}
    | {"readyz", "rules", "s", "sign-in", "sign-out", "static", "status", "telegram", "u"}
)
"""What the paths of the desk's own pages begin with: a channel there would never be called."""
_OWN = ("kind", "extends", "was", "fallback")


def read_channels(
    reader: Reader, channels: Table, kinds: Mapping[str, type]
) -> dict[ChannelName, ChannelEntry]:
    """Read every channel; those of a later kind are left out with a warning."""
    entries: dict[ChannelName, ChannelEntry] = {}
    for entry in channels.entries:
        try:
            found = _channel(reader, entry, channels, kinds)
        except Unreadable:
            continue
        if found is not None:
            entries[ChannelName(entry.key.text)] = found
    _check_paths(entries, reader.findings)
    return entries


def check_answers(channels: Mapping[ChannelName, ChannelEntry], findings: Findings) -> None:
    """Warn of forms that nobody can answer: what they bring is answered by mail."""
    if any(getattr(entry.settings, "send", None) for entry in channels.values()):
        return
    for entry in channels.values():
        if entry.kind == "web-form":
            text = "what this form brings can't be answered: no channel sends mail"
            findings.warn(entry.place, "no-answer", text, "give a mail channel 'send'")


def check_fallbacks(channels: Mapping[ChannelName, ChannelEntry], findings: Findings) -> None:
    """Note fallbacks that are no channel of the desk, and a channel that has the portal's name."""
    names = [PORTAL, *map(str, channels)]
    for name, entry in channels.items():
        if name == PORTAL:
            text = f"{PORTAL!r} is the status page, not a name for a channel"
            findings.error(entry.place, "value", text)
        others = [one for one in names if one != str(name)]
        for other in entry.fallback or ():
            if other not in others:
                hint = did_you_mean(other, others, "fallbacks")
                findings.error(other.place, "reference", f"no fallback {other!r}", hint)


def _check_paths(channels: Mapping[ChannelName, ChannelEntry], findings: Findings) -> None:
    """Note channels at an address that the desk or another one has: nobody could call them."""
    taken: dict[str, ChannelName] = {}
    for name, entry in channels.items():
        if path := _path(name, entry):
            if path.split("/")[1] in OUR_PAGES:
                text = f"{name!r} has the path {path!r}, where the desk's own pages are"
                findings.error(entry.place, "value", text, f"choose another, such as /in/{name}")
            first = taken.setdefault(path, name)
            if first != name:
                text = f"{name!r} has the path {path!r}, as {first!r} has"
                findings.error(entry.place, "value", text, "give each a 'path' of its own")


def _path(name: ChannelName, entry: ChannelEntry) -> str:
    """Return where a channel is called over HTTP; "" if it is not, or says nothing of it."""
    if entry.kind == "webhook":
        return entry.settings.path or f"/hooks/{name}"
    called = getattr(entry.settings, "mode", "http") == "http"
    return getattr(entry.settings, "path", "") if called else ""


def _channel(
    reader: Reader, entry: Entry, channels: Table, kinds: Mapping[str, type]
) -> ChannelEntry | None:
    table = _extended(reader, entry.value, channels, ())
    kind_node = table.get("kind")
    if kind_node is None:
        reader.findings.error(entry.key.place, "missing", "'kind' is missing")
        raise Unreadable
    kind = _kind(reader, kind_node, kinds)
    if not kind:
        return None
    own = tuple(e for e in table.entries if e.key.text not in _OWN)
    shape = _shape(reader, kind_node, kind, kinds)
    settings: Any = reader.shaped(replace(table, entries=own), shape)
    for part in (settings, getattr(settings, "send", None)):
        if lacking := getattr(part, "lacking", ""):
            reader.findings.error(table.place, "missing", lacking)
    known = {field.name for field in fields(settings)}
    addresses = tuple(settings.addresses) if "addresses" in known else ()
    return ChannelEntry(
        kind=kind,
        settings=settings,
        addresses=addresses,
        was=_former(reader, entry.value),
        fallback=_fallback(reader, table),
        place=entry.key.place,
        written=dict(_written(table)),
    )


def _written(table: Table, above: str = "") -> Iterator[tuple[str, Entry]]:
    for entry in table.entries:
        key = f"{above}{entry.key.text}"
        yield key, entry
        if isinstance(entry.value, Table):
            yield from _written(entry.value, f"{key}.")


def _former(reader: Reader, node: Node) -> tuple[Word, ...]:
    """Return the channel's own former names: what it extends was something else."""
    was = node.get("was") if isinstance(node, Table) else None
    names: tuple[Word, ...] = reader.read(was, tuple[Word, ...]) if was is not None else ()
    return names


def _fallback(reader: Reader, table: Table) -> tuple[Word, ...] | None:
    """Return the names that are tried one after the other; None where nothing is said."""
    named = table.get("fallback")
    if named is None:
        return None
    names: tuple[Word, ...] = reader.read(named, tuple[Word, ...])
    return names


def _kind(reader: Reader, node: Node, kinds: Mapping[str, type]) -> str:
    """Return the kind; "" for one that comes later."""
    wanted = node.text if isinstance(node, Scalar) else ""
    if wanted in later.KINDS and wanted not in kinds:
        text = f"the kind {wanted!r} comes in a later version; until then the channel is left out"
        reader.findings.warn(node.place, "not-yet", text)
        return ""
    told = f"no kind of channel {wanted!r}"
    if wanted not in kinds and not did_you_mean(wanted, (*kinds, *later.KINDS)):
        raise reader.wrong(node, told, f"kinds: {', '.join(kinds)}; others come with packages")
    return reader.choice(node, tuple(kinds), told, later.KINDS)


def _shape(reader: Reader, node: Node, kind: str, kinds: Mapping[str, type]) -> type:
    try:
        return kinds[kind]
    except UnusableKind as fault:
        raise reader.wrong(node, str(fault), fault.hint) from fault


def _extended(reader: Reader, node: Node, channels: Table, heirs: tuple[str, ...]) -> Table:
    """Return the table with what it takes over from the one it extends."""
    if not isinstance(node, Table):
        raise reader.wrong(node, "here belongs a table: kind and its settings")
    named = node.get("extends")
    if named is None:
        return node
    name = reader.text(named)
    base = channels.get(name)
    if base is None:
        hint = did_you_mean(name, (entry.key.text for entry in channels.entries), "channels")
        reader.findings.error(named.place, "reference", f"no channel {name!r}", hint)
        raise Unreadable
    if name in heirs:
        raise reader.wrong(named, f"{name!r} extends itself")
    return _merged(_extended(reader, base, channels, (*heirs, name)), node)


def _merged(base: Table, own: Table) -> Table:
    """Tables inside are merged alike; lists and single values are replaced."""
    entries = {entry.key.text: entry for entry in base.entries}
    for entry in own.entries:
        before = entries.get(entry.key.text)
        if before and isinstance(before.value, Table) and isinstance(entry.value, Table):
            entries[entry.key.text] = replace(entry, value=_merged(before.value, entry.value))
        else:
            entries[entry.key.text] = entry
    return Table(tuple(entries.values()), own.place)
