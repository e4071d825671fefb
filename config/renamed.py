"""Keys that had another name before. The old one works on, with a warning, for two minor versions.

A new name is one line in ``RENAMED``. The tree is read as if it had the new names throughout; the
places of the old ones are kept, so that the file can be rewritten there and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from config.findings import Findings
from config.nodes import Entry, Listing, Node, Scalar, Table
from inquiry.errors import Place

ANYWHERE = "**"


@dataclass(frozen=True, slots=True)
class Rename:
    """``Rename("queues.*", "people", "members", until="0.4")``"""

    where: str
    """The keys that lead to the table, with dots: ``*`` is any one key, ``**`` any number."""
    old: str
    new: str
    until: str
    """The first version that does not know the old name any more."""

    def fits(self, keys: Sequence[str]) -> bool:
        """Is the table below these keys the one that is meant?"""
        return _fits(self.where.split(".") if self.where else [], keys)


RENAMED: tuple[Rename, ...] = ()
"""The oldest first. No key has been renamed so far."""


@dataclass(frozen=True, slots=True)
class Splice:
    """A key to be rewritten where it stands."""

    place: Place
    old: str
    new: str


@dataclass(slots=True)
class Modernizer:
    """Gives keys their present names; remembers where."""

    findings: Findings
    renames: Sequence[Rename] = RENAMED
    splices: list[Splice] = field(default_factory=list)

    def table(self, root: Table) -> Table:
        """Return the whole tree with present names."""
        return self._table(root, ()) if self.renames else root

    def _node(self, node: Node, keys: tuple[str, ...]) -> Node:
        if isinstance(node, Table):
            return self._table(node, keys)
        if isinstance(node, Listing):
            return replace(node, items=tuple(self._node(item, keys) for item in node.items))
        return node

    def _table(self, table: Table, keys: tuple[str, ...]) -> Table:
        entries: list[Entry] = []
        present = {entry.key.text for entry in table.entries}
        for entry in table.entries:
            rename = self._rename(entry.key, keys)
            if rename is not None and rename.new in present:
                self._twice(entry.key, rename)
                continue
            key = entry.key if rename is None else self._renamed(entry.key, rename)
            entries.append(Entry(key, self._node(entry.value, (*keys, key.text))))
        return replace(table, entries=tuple(entries))

    def _rename(self, key: Scalar, keys: tuple[str, ...]) -> Rename | None:
        for rename in self.renames:
            if rename.old == key.text and rename.fits(keys):
                return rename
        return None

    def _renamed(self, key: Scalar, rename: Rename) -> Scalar:
        self.splices.append(Splice(key.place, rename.old, rename.new))
        self.findings.warn(
            key.place,
            "deprecated",
            f"{rename.old!r} is now called {rename.new!r}",
            f"'deskbridge config migrate' rewrites it; it works until version {rename.until}",
        )
        return replace(key, text=rename.new)

    def _twice(self, key: Scalar, rename: Rename) -> None:
        text = f"{rename.old!r} is the old name of {rename.new!r}, which stands here as well"
        self.findings.error(key.place, "duplicate-key", text, "keep one of the two")


def _fits(pattern: Sequence[str], keys: Sequence[str]) -> bool:
    if not pattern:
        return not keys
    if pattern[0] == ANYWHERE:
        return any(_fits(pattern[1:], keys[count:]) for count in range(len(keys) + 1))
    return bool(keys) and pattern[0] in ("*", keys[0]) and _fits(pattern[1:], keys[1:])
