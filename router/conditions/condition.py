"""What every condition can do."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from inquiry.decision import Ask
from router.reading import Reading

Keys = frozenset[Hashable] | None
"""What must be there for a condition to hold, any one of it; None if that can't be told."""


class Condition(Protocol):
    """One test of a message."""

    def holds(self, reading: Reading) -> bool | None:
        """Is it so? None where that can't be told, which never makes a rule match."""
        ...

    def words(self, reading: Reading) -> str:
        """Say what was found, for the explanation."""
        ...

    def keys(self) -> Keys:
        """Name what an index may look for."""
        ...


@runtime_checkable
class Asking(Protocol):
    """A condition that needs a fact which has to be looked up."""

    @property
    def ask(self) -> Ask:
        """Name the fact."""
        ...


@runtime_checkable
class Capturing(Protocol):
    """A condition whose patterns have named groups."""

    def captured(self, reading: Reading) -> Mapping[str, str]:
        """Return what the groups found, if it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Later:
    """A condition of the language that this version does not know how to test."""

    word: str

    def holds(self, reading: Reading) -> None:  # noqa: ARG002 - whatever the message
        return None

    def words(self, reading: Reading) -> str:  # noqa: ARG002
        return f"{self.word}: this version can't tell"

    def keys(self) -> Keys:
        return frozenset()


def is_or_not(what: str, found: str, wanted: Iterable[str], *, so: bool | None) -> str:
    """Return ``channel is chat``, or ``channel is chat, not fax or letter``."""
    found = found or "unknown"
    return f"{what} is {found}" if so else f"{what} is {found}, not {' or '.join(wanted)}"
