"""The files of a configuration: read once, joined by ``include``, known by one hash."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from errno import ENOENT
from fnmatch import fnmatch
from glob import glob
from pathlib import Path

from config.findings import Findings
from config.nodes import Entry, Listing, Node, Scalar, Table, parse
from config.redact import redacted
from config.regular import read_text
from inquiry.errors import ConfigError, Place

_DEEPEST_INCLUDE = 8
_IN_ORDER = {"rules"}
"""Lists where order matters: they are split at their place, never by a top-level include."""


_HEAD = re.compile(r"^# ==> (.*) <==\n", re.MULTILINE)


@dataclass(slots=True)
class Files:
    """Reads and remembers files. Places name them as the operator did."""

    main: Path
    findings: Findings
    texts: dict[Path, str] = field(default_factory=dict)
    kept: bool = False
    """Are ``texts`` all there is, and nothing on disk looked at?"""
    _derived: dict[str, str] = field(default_factory=dict)

    @classmethod
    def stored(cls, text: str, findings: Findings) -> "Files":
        """Return the files again whose :attr:`text` was kept."""
        _, *parts = _HEAD.split(text)
        names, texts = parts[::2], parts[1::2]
        folder = Path("/stored")
        found = {folder / name: each for name, each in zip(names, texts, strict=True)}
        main = next(iter(found), folder / "deskbridge.yaml")
        return cls(main, findings, found, kept=True)

    @property
    def text(self) -> str:
        """Return what may be kept of the text: all but the secrets that stand in it."""
        return _joined({name: redacted(text) for name, text in self._named_texts.items()})

    @property
    def hash(self) -> str:
        return hashlib.sha256(_joined(self._named_texts).encode()).hexdigest()[:12]

    @property
    def _named_texts(self) -> dict[str, str]:
        return {self.name(file): text for file, text in self.texts.items()} | self._derived

    def name(self, file: Path) -> str:
        """Return a file's name as seen from the main one: ``rules/printers.yaml``."""
        folder = self.main.parent
        return str(file.relative_to(folder) if file.is_relative_to(folder) else file)

    def short(self, place: Place) -> str:
        """Return ``deskbridge.yaml:197``."""
        return f"{self.name(place.file)}:{place.line}"

    def root(self) -> Table:
        """Read the main file and what its ``include:`` names.

        Raises:
            ConfigError: the main file can't be read, so nothing more can be said.
        """
        root = self._read(self.main, Place(self.main, 1))
        if not isinstance(root, Table):
            self._no_table(root)
            raise ConfigError(self.findings.problems)
        return self._joined(root)

    def spliced(self, listing: Listing, above: tuple[Path, ...] = ()) -> Listing:
        """Replace each ``- include: rules/printers.yaml`` by the items of that file.

        ``above`` are the files in which this list is included.
        """
        items: list[Node] = []
        for item in listing.items:
            names = item.get("include") if isinstance(item, Table) else None
            if names is None:
                items.append(item)
                continue
            for file, place in self._matching(names):
                items += self._included(file, place, above)
        return replace(listing, items=tuple(items))

    def _included(self, file: Path, place: Place, above: tuple[Path, ...]) -> tuple[Node, ...]:
        name, inside = repr(self.name(file)), (*above, file.resolve())
        if inside[-1] in above:
            self.findings.error(place, "include", f"{name} includes itself")
        elif len(above) >= _DEEPEST_INCLUDE:
            self.findings.error(place, "include", f"{name} is included too deep")
        elif isinstance(found := self._read(file, place), Listing):
            return self.spliced(found, inside).items
        elif found is not None:
            self.findings.error(place, "include", f"{name} is not a list")
        return ()

    def read_text(self, file: Path, place: Place) -> str | None:
        """Return what stands in a file; None where it can't be read, which is then noted."""
        try:
            if (text := self.texts.get(file)) is None:
                if self.kept:
                    raise FileNotFoundError(ENOENT, "it was not kept with the others")
                text = read_text(file, pipe=file == self.main)
        except OSError as error:
            self.findings.error(place, "file", f"cannot read {str(file)!r}: {error.strerror}")
            return None
        except UnicodeDecodeError:
            self.findings.error(Place(file, 1), "yaml", "this file is not UTF-8 text")
            return None
        self.texts[file] = text
        return text

    def derived(self, name: str, make: Callable[[], str]) -> str:
        """Return a text that was worked out instead of read; it counts as one of the files.

        Where such a text was kept among the others, that one holds.
        """
        kept = self.texts.get(self.main.parent / name)
        if kept is not None:
            return kept
        if name not in self._derived:
            self._derived[name] = make()
        return self._derived[name]

    def _joined(self, root: Table) -> Table:
        names = root.get("include")
        if names is None:
            return root
        entries = {entry.key.text: entry for entry in root.entries if entry.key.text != "include"}
        for file, place in self._matching(names):
            included = self._read(file, place)
            if not isinstance(included, Table):
                self._no_table(included)
                continue
            for entry in included.entries:
                before = entries.get(entry.key.text)
                entries[entry.key.text] = self._merged(before, entry) if before else entry
        return replace(root, entries=tuple(entries.values()))

    def _merged(self, one: Entry, other: Entry) -> Entry:
        if isinstance(one.value, Table) and isinstance(other.value, Table):
            known = {entry.key.text: entry for entry in one.value.entries}
            for entry in other.value.entries:
                if entry.key.text in known:
                    self._twice(entry.key, known[entry.key.text].key)
            both = tuple(known.values()) + tuple(
                entry for entry in other.value.entries if entry.key.text not in known
            )
            return replace(one, value=replace(one.value, entries=both))
        lists = isinstance(one.value, Listing) and isinstance(other.value, Listing)
        if lists and one.key.text not in _IN_ORDER:
            assert isinstance(one.value, Listing)
            assert isinstance(other.value, Listing)
            return replace(one, value=replace(one.value, items=one.value.items + other.value.items))
        self._twice(other.key, one.key)
        return one

    def _twice(self, second: Scalar, first: Scalar) -> None:
        self.findings.error(
            second.place,
            "duplicate-key",
            f"{second.text!r} is written twice",
            f"first at {self.short(first.place)}",
        )

    def _matching(self, names: Node) -> Iterator[tuple[Path, Place]]:
        for name in names.items if isinstance(names, Listing) else (names,):
            if not isinstance(name, Scalar) or not name.text:
                self.findings.error(name.place, "include", "the name of a file is missing")
                continue
            wanted = str(name.place.file.parent / name.text)
            found = self._named(wanted)
            if not found:
                self.findings.error(name.place, "include", f"no file matches {name.text!r}")
            for file in found:
                yield Path(file), name.place

    def _named(self, wanted: str) -> list[str]:
        if not self.kept:
            return sorted(glob(wanted, recursive=True))  # noqa: PTH207 - absolute ones too
        return sorted(str(file) for file in self.texts if fnmatch(str(file), wanted))

    def _read(self, file: Path, place: Place) -> Node | None:
        text = self.read_text(file, place)
        return None if text is None else parse(text, file, self.findings)

    def _no_table(self, found: Node | None) -> None:
        if found is not None:
            self.findings.error(found.place, "value", "a configuration is a table: key: value")


def _joined(texts: Mapping[str, str]) -> str:
    return "".join(f"# ==> {name} <==\n{text}" for name, text in texts.items())
