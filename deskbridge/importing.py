"""Importing a file of customers: all of it or nothing, while others go on reading and writing."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from config.customer_file import CustomerFile
from config.customers import Customers
from config.delimited import Delimited
from inquiry.errors import BridgeError, ConfigError, Problem
from storage import imports, records
from storage.database import Database, Transaction
from storage.records import Line

_PIECE = 1_000_000
Progress = Callable[[int, int], None]
"""Told how many bytes of how many were read."""


class Stopped(BridgeError):
    """The desk stops: nothing of the import counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How an import ended."""

    file: Path
    lines: int
    wrong: int
    nameless: int
    problems: Sequence[Problem]
    """What was wrong with the lines that were left out."""
    seconds: float

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        left_out = ""
        if self.wrong:
            left_out += f", {self.wrong} of them wrong and left out"
        if self.nameless:
            left_out += f", {self.nameless} without address, number or domain"
        number = f"{self.lines} line{'s' * (self.lines != 1)}"
        return f"imported {number} of {self.file.name} in {self.seconds:.1f}s{left_out}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be imported, and how."""

    file: Path
    customers: Customers
    allow_errors: bool = False

    @property
    def configured(self) -> bool:
        """Is it the file that the configuration names?"""
        import_ = self.customers.import_
        return import_ is not None and import_.file.absolute() == self.file.absolute()


@dataclass(slots=True)
class Importing:
    """The imports of one process: one at a time."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    progress: tuple[int, int] = (0, 0)
    """Bytes read of bytes, of the one under way or the last."""
    configured: bool = False
    """Does the configuration in force name a file?"""
    trouble: str = ""
    """Why what the configured file says is not in force; "" if it is, or if there is none."""
    going_on: Callable[[], bool] = lambda: True
    """Turns false when the desk stops."""

    async def run(self, db: Database, wanted: Wanted, report: Progress | None = None) -> Imported:
        """Import a file in place of what was imported before.

        Raises:
            ConfigError: something in it is wrong, and nothing was imported.
            Overtaken: another process has imported a file meanwhile.
            Stopped: the desk stops.
            Busy: another process is at it.
        StorageUnavailable: the database can't be written now.
        """
        async with self.lock:
            began = monotonic()

            def tell(done: int, whole: int) -> None:
                self.progress = done, whole
                if report:
                    report(done, whole)

            with await asyncio.to_thread(Delimited, wanted.file) as text:
                there = await asyncio.to_thread(CustomerFile, text, wanted.customers)
                await self._import(db, wanted, there, tell)
            if wanted.configured:
                self.trouble = ""
            await tidy(db)
            return Imported(
                file=wanted.file,
                lines=there.lines,
                wrong=there.wrong,
                nameless=there.nameless,
                problems=there.refused,
                seconds=monotonic() - began,
            )

    async def _import(
        self, db: Database, wanted: Wanted, there: CustomerFile, tell: Progress
    ) -> None:
        number = await _begin(db, wanted)
        try:
            await self._write(db, number, there, tell)
            _check(there, wanted)
            await _finish(db, wanted, there, number)
        except (ConfigError, Stopped):
            await db.write(lambda tx: imports.abandon(tx, number))
            await tidy(db)
            raise

    async def _write(self, db: Database, number: int, there: CustomerFile, tell: Progress) -> None:
        batches = there.batches()
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            if not self.going_on():
                raise Stopped("the desk is stopping; the customers of before stay")
            for first, second in await db.write(_writing(number, batch)):
                there.twice(first, second)
            tell(there.text.read_so_far, there.text.size)


def fingerprint(wanted: Wanted, digest: str) -> str:
    """Return what changes with the file or with how it is read."""
    customers = wanted.customers
    match_on = customers.import_.match_on if customers.import_ else ()
    kinds = {name: (kind.kind, kind.choices) for name, kind in customers.attributes.items()}
    return hashlib.sha256(repr((digest, match_on, kinds)).encode()).hexdigest()


def told(problems: Iterable[Problem]) -> list[str]:
    """Return problems with what to do about them, a line each."""
    return [f"{one}; {one.hint}" if one.hint else str(one) for one in problems]


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file. Raises OSError."""
    sha256 = hashlib.sha256()
    with file.open("rb") as source:
        while piece := source.read(_PIECE):
            sha256.update(piece)
    return sha256.hexdigest()


async def tidy(db: Database) -> None:
    """Drop the records of imports that count no more, some at a time."""
    more = True
    while more:
        more = await db.write(imports.tidy)


def _check(there: CustomerFile, wanted: Wanted) -> None:
    """Let pass what may be put in force. Raises ConfigError."""
    if there.problems and not wanted.allow_errors:
        raise ConfigError(there.refused)


async def _begin(db: Database, wanted: Wanted) -> int:
    async def begin(tx: Transaction) -> int:
        file, alone = wanted.file.absolute(), db.dialect == "sqlite"
        return await imports.begin(tx, file, alone=alone, now=datetime.now(UTC))

    return await db.write(begin)


def _writing(
    number: int, batch: Sequence[Line]
) -> Callable[[Transaction], Awaitable[list[tuple[Line, Line]]]]:
    async def write(tx: Transaction) -> list[tuple[Line, Line]]:
        await imports.go_on(tx, number, datetime.now(UTC))
        return await records.put(tx, number, batch)

    return write


async def _finish(db: Database, wanted: Wanted, there: CustomerFile, number: int) -> None:
    async def finish(tx: Transaction) -> None:
        await imports.finish(
            tx,
            number,
            fingerprint=fingerprint(wanted, there.text.digest),
            configured=wanted.configured,
            lines=there.lines,
            left_out=there.wrong + there.nameless,
            now=datetime.now(UTC),
        )

    await db.write(finish)
