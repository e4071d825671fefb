"""What the rest of the bridge sees of a database: transactions shipped to it as a whole.

A transaction is a coroutine function that takes a :class:`Transaction` and awaits nothing else. On
PostgreSQL it runs on the event loop; on SQLite the database's own thread drives it to its end in
one go. So it must not sleep, read the network or wait for another task.
"""

import codecs
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, TypeVar

from inquiry.data import as_data
from inquiry.errors import BridgeError, TemporaryFailure

T = TypeVar("T")
_PLAIN = {int, float, bytes, type(None)}
Row = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class StorageUnavailable(TemporaryFailure):
    """The database can't take or give anything now: full, locked, away, broken."""


class ConstraintViolated(BridgeError):
    """The tables forbid it: a bug of ours, or two that wanted the same; nothing was written."""


class Transaction(Protocol):
    """The inside of one transaction. A query is named after its file: ``outbox.claim``."""

    async def all(self, query: str, /, **values: object) -> list[Row]:
        """Every row that the query returns."""
        ...

    async def one(self, query: str, /, **values: object) -> Row | None:
        """The first row, or None."""
        ...

    async def filled(self, query: str, blanks: Mapping[str, str], /, **values: object) -> list[Row]:
        """Every row of a query whose blanks ``/*+= … */`` are filled with these pieces of SQL."""
        ...

    async def run(self, query: str, /, **values: object) -> None:
        """Carry out a statement whose rows don't matter."""
        ...

    async def many(self, query: str, rows: Sequence[Mapping[str, object]], /) -> None:
        """Carry out a statement for each of ``rows``."""
        ...

    async def each(self, query: str, rows: Sequence[Mapping[str, object]], /) -> list[Row]:
        """Carry out a statement for all of ``rows`` at once; everything they return.

        SQLite runs its text for each row, or for many where it has ``/*+ rows(…) */`` or is marked
        ``/*+= more_rows */``; on PostgreSQL the values are columns to unnest.
        """
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """What happens inside is undone, alone, when an exception leaves the block."""
        ...

    @property
    def epoch(self) -> int | None:
        """Under which number leases are taken; None where others must wait for their end."""
        ...

    @property
    def files(self) -> Path:
        """The folder of originals that are too large for a row."""
        ...

    async def blocking(self, work: Callable[[], T]) -> T:
        """Do what takes a while outside the database, such as syncing a file."""
        ...


class Database(Protocol):
    """A SQLite file or a PostgreSQL database."""

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgres``: the suffix of files that only one of them reads."""
        ...

    @property
    def broken(self) -> str:
        """Why nothing can be trusted any more (a failed fsync), else "": the process must end."""
        ...

    @property
    def files(self) -> Path:
        """The folder of originals that are too large for a row."""
        ...

    async def has_room(self) -> bool:
        """May new arrivals come in, or is the last room left for finishing what is here?"""
        ...

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction; when this returns it is on stable storage.

        A cancelled caller does not stop a transaction that has begun on SQLite.

        Raises:
            StorageUnavailable: nothing was written, or (connection lost at COMMIT) perhaps it was.
            ConstraintViolated: nothing was written, since the tables forbid it.
        """
        ...

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` on one consistent state, without writing.

        Raises:
            StorageUnavailable: the database can't be reached.
        """
        ...

    async def script(self, text: str) -> None:
        """Carry out several statements that return nothing, in one transaction (migrations)."""
        ...

    async def close(self) -> None:
        """Finish what has begun and let go."""
        ...


def stamp(moment: datetime) -> int:
    """Return whole microseconds since 1970: what stands in the tables."""
    return (moment - EPOCH) // MICROSECOND


def moment(stamp: int) -> datetime:
    """Return the instant, aware, in UTC."""
    return EPOCH + stamp * MICROSECOND


def moment_or_none(stamp: int | None) -> datetime | None:
    """Return the instant of a column that may be NULL."""
    return None if stamp is None else moment(stamp)


def storable(value: object) -> object:
    """Turn one of our values into what both databases can keep.

    Instants become microseconds, enums their words, mappings and sequences JSON text. Text loses
    NUL and lone surrogates, which PostgreSQL refuses.
    """
    if type(value) is str:
        return clean(value)
    if type(value) in _PLAIN:
        return value
    if isinstance(value, str):
        return clean(str(value))
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, timedelta):
        return value // MICROSECOND
    return clean(json.dumps(as_data(value), ensure_ascii=False))


def clean(text: str) -> str:
    """Return the text without NUL, and with U+FFFD for lone surrogates."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return text.replace("\0", "").encode("utf-8", "surrogates-to-fffd").decode()


def _replace_surrogates(error: UnicodeError) -> tuple[bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "\ufffd".encode() * (error.end - error.start), error.end


codecs.register_error("surrogates-to-fffd", _replace_surrogates)
