"""What is different between two configurations, in words: by their texts, whatever the sections."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from config.files import Files
from config.findings import Findings
from config.load import spliced
from config.nodes import Listing, Node, Scalar, Table

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is added, gone or changed."""

    sign: Literal["+", "-", "~"]
    path: str
    """``queues.first-line.members``, ``rules.outage.then.priority``."""
    told: str
    """``+ mari``, ``15m → 10m``."""


def differences(old: str, new: str) -> tuple[Difference, ...]:
    """Compare two kept texts (:attr:`config.files.Files.text`). Secrets aren't in them.

    Raises:
        ConfigError: one of them can't be read as YAML.
    """
    return tuple(_between(_whole(old), _whole(new), ""))


def _whole(text: str) -> Table:
    findings = Findings()
    files = Files.stored(text, findings)
    root = spliced(files, files.root())
    findings.check()
    return root


def _between(old: Node, new: Node, path: str) -> Iterator[Difference]:
    if isinstance(old, Table) and isinstance(new, Table):
        yield from _tables(old, new, path)
    elif isinstance(old, Listing) and isinstance(new, Listing):
        yield from _lists(old, new, path)
    elif _plain(old) != _plain(new):
        yield Difference("~", path, f"{_shown(old)} → {_shown(new)}")


def _tables(old: Table, new: Table, path: str) -> Iterator[Difference]:
    before = {entry.key.text: entry.value for entry in old.entries}
    after = {entry.key.text: entry.value for entry in new.entries}
    for name in dict.fromkeys((*before, *after)):
        inner = f"{path}.{name}" if path else name
        if name not in after:
            yield Difference("-", inner, _shown(before[name]))
        elif name not in before:
            yield Difference("+", inner, _shown(after[name]))
        else:
            yield from _between(before[name], after[name], inner)


def _lists(old: Listing, new: Listing, path: str) -> Iterator[Difference]:
    before, after = _named(old), _named(new)
    if before is not None and after is not None:
        yield from _named_lists(before, after, path)
        return
    one, other = [_plain(item) for item in old.items], [_plain(item) for item in new.items]
    come = [f"+ {_shown(item)}" for item in new.items if _plain(item) not in one]
    gone = [f"- {_shown(item)}" for item in old.items if _plain(item) not in other]
    if come or gone:
        yield Difference("~", path, ", ".join((*come, *gone)))
    elif one != other:
        yield Difference("~", path, "in another order")


def _named_lists(
    old: Mapping[str, Node], new: Mapping[str, Node], path: str
) -> Iterator[Difference]:
    numbers = {name: number for number, name in enumerate(new, 1)}
    for name in old:
        if name not in new:
            yield Difference("-", path, name)
    for name, item in new.items():
        if name not in old:
            yield Difference("+", f"{path}[{numbers[name]}]", name)
        else:
            yield from _between(old[name], item, f"{path}.{name}")
    for name in _moved([n for n in old if n in new], [n for n in new if n in old]):
        above = next((each for each in reversed(list(new)[: numbers[name] - 1])), "")
        told = f"moved below {above}" if above else "moved to the top"
        yield Difference("~", f"{path}.{name}", told)


def _moved(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Return the fewest names that have to move to bring the old order into the new one."""
    places = {name: place for place, name in enumerate(before)}
    ends: list[int] = []  # the smallest place at which a rising run of each length ends
    lengths: dict[str, int] = {}
    for name in after:
        length = bisect_left(ends, places[name])
        ends[length : length + 1] = [places[name]]
        lengths[name] = length
    wanted, limit, staying = len(ends) - 1, len(places), set[str]()
    for name in reversed(after):
        if lengths[name] == wanted and places[name] < limit:
            staying.add(name)
            wanted, limit = wanted - 1, places[name]
    return (name for name in after if name not in staying)


def _named(listing: Listing) -> dict[str, Node] | None:
    """Return the items by name, if each is a table that has one of its own."""
    found: dict[str, Node] = {}
    for item in listing.items:
        name = item.get("name") if isinstance(item, Table) else None
        if not isinstance(name, Scalar) or name.text in found:
            return None
        found[name.text] = item
    return found


def _plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Listing):
        return [_plain(item) for item in node.items]
    return {entry.key.text: _plain(entry.value) for entry in node.entries}


def _shown(node: Node) -> str:
    text = _written(node)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _written(node: Node) -> str:
    if isinstance(node, Scalar):
        return node.text or "nothing"
    if isinstance(node, Listing):
        return f"[{', '.join(map(_written, node.items))}]"
    return f"{{{', '.join(f'{e.key.text}: {_written(e.value)}' for e in node.entries)}}}"
