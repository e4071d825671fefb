"""``was: first-level``: former names, under which things may still be stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from config.findings import Findings
from config.scalars import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """The present name of each former one, by the sort of thing."""

    queues: Mapping[str, str] = field(default_factory=dict)
    specialists: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)

    def renames(self) -> Iterator[tuple[str, str, str]]:
        """Return thing, former and present name of each."""
        for old, new in self.queues.items():
            yield "queue", old, new
        for old, new in self.specialists.items():
            yield "specialist", old, new
        for old, new in self.channels.items():
            yield "channel", old, new


def former_names(
    thing: str, named: Mapping[str, tuple[Word, ...]], findings: Findings
) -> Mapping[str, str]:
    """Return the present name of each former one; note those that are somebody's still."""
    found: dict[str, str] = {}
    for name, was in named.items():
        for old in was:
            if old in named:
                text = f"{str(old)!r} is the name of a {thing} still"
                findings.error(old.place, "duplicate-key", text, "a former name belongs to nothing")
            elif old in found:
                text = f"{str(old)!r} is the former name of {found[old]!r} already"
                findings.error(old.place, "duplicate-key", text, "it can have become only one")
            else:
                found[str(old)] = str(name)
    return found
