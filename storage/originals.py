"""What came in, byte for byte, by its SHA-256: small ones in the table, large ones as files.

Always the row first and then the file, inside one transaction, and the file and its folder synced
before the commit: a row that can be read has its bytes. Tidying takes the row's place in the same
way, so that it can't remove what somebody is about to refer to.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import count
from math import inf
from pathlib import Path

from inquiry.errors import BridgeError
from inquiry.journey import Raw, Spooled, digest_of
from storage.database import Database, Transaction

SMALL = 64 * 1024
"""Bytes up to which an original stands in the table."""
SYNCS = 8
"""Folders to sync at the same time: a journalling file system does them in one go."""
_numbers = count(1)


class OriginalDamaged(BridgeError):
    """The bytes of an original are gone or are not what came in."""


async def put(tx: Transaction, content: Raw) -> bytes:
    """Keep ``content`` in this transaction; return its hash. The same bytes are kept once."""
    (hash_,) = await put_all(tx, [content])
    return hash_


async def put_all(tx: Transaction, contents: Iterable[Raw]) -> list[bytes]:
    """Keep all of ``contents``; return their hashes in the same order."""
    named = [(digest_of(content), content) for content in contents]
    await tx.each("originals.add", [_row(hash_, content) for hash_, content in dict(named).items()])
    if large := {hash_: content for hash_, content in named if size_of(content) > SMALL}:
        await tx.blocking(partial(_keep_files, tx.files, large))
    return [hash_ for hash_, _ in named]


async def set_aside(files: Path, content: Raw) -> Raw:
    """Write bytes that are too large for a row to a synced file, before any transaction waits."""
    if size_of(content) <= SMALL or isinstance(content, Spooled):
        return content
    return await asyncio.to_thread(_set_aside, files, content)


async def read(tx: Transaction, hash_: bytes) -> bytes:
    """Return the bytes as they came in.

    Raises:
        OriginalDamaged: they are missing or changed; the sentence says which and where.
    """
    found = await located(tx, hash_)
    if isinstance(found, bytes):
        return found
    return await tx.blocking(partial(_read_file, found, hash_))


async def located(tx: Transaction, hash_: bytes) -> bytes | Path:
    """Return the bytes of a small original, the file of a large one.

    Raises:
        OriginalDamaged: there is none.
    """
    row = await tx.one("originals.find", hash=hash_)
    if row is None:
        raise OriginalDamaged(f"there is no original {hash_.hex()}")
    if row["content"] is not None:
        return bytes(row["content"])
    return file_of(tx.files, hash_)


async def tidy(db: Database, spool: Path, before: datetime) -> int:
    """Remove files older than ``before`` that crashes have left behind; return how many.

    For the start, by the only bridge of a data folder: nothing in ``spool`` is anybody's yet.
    """
    spooled = await asyncio.to_thread(_remove_older, spool, before)
    spooled += await asyncio.to_thread(_remove_older, db.files, before)
    kept = await asyncio.to_thread(_older, db.files, "??/*", before)
    return spooled + sum([await db.write(partial(_remove_orphan, path)) for path in kept])


def file_of(files: Path, hash_: bytes) -> Path:
    """Return where a large original lies."""
    name = hash_.hex()
    return files / name[:2] / name


def size_of(content: Raw) -> int:
    """Return the number of bytes."""
    return content.size if isinstance(content, Spooled) else len(content)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _row(hash_: bytes, content: Raw) -> dict[str, object]:
    size = size_of(content)
    return {"hash": hash_, "size": size, "content": None if size > SMALL else _bytes_of(content)}


def _bytes_of(content: Raw) -> bytes:
    if not isinstance(content, Spooled):
        return content
    try:
        return content.path.read_bytes()
    except FileNotFoundError:
        raise OriginalDamaged(f"the spooled file is gone: {content.path}") from None


def _keep_files(files: Path, large: dict[bytes, Raw]) -> None:
    """Put the files in their places, then sync each folder once."""
    folders = set()
    for hash_, content in large.items():
        target = file_of(files, hash_)
        folders |= set(_folder(target.parent))
        if not _there(target, size_of(content)):
            _place(content, target)
    with ThreadPoolExecutor(min(len(folders), SYNCS)) as threads:
        list(threads.map(sync_folder, folders))


def _folder(folder: Path) -> Iterator[Path]:
    """Make the folder if need be; yield what has to be synced for that."""
    yield folder
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        yield folder.parent


def _there(target: Path, size: int) -> bool:
    try:
        return target.stat().st_size == size
    except FileNotFoundError:
        return False


def _place(content: Raw, target: Path) -> None:
    """Put a synced file at ``target`` in one step.

    A spooled file stays where it is too, until its arrival is committed: it may be needed again.
    """
    aside = _unused_name(target.parent)
    try:
        if not (isinstance(content, Spooled) and _linked(content.path, aside)):
            _write(content, aside)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _set_aside(files: Path, content: bytes) -> Spooled:
    path = _unused_name(files)
    try:
        _write(content, path)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return Spooled(path=path, size=len(content), digest=digest_of(content))


def _unused_name(folder: Path) -> Path:
    return folder / f".{os.getpid()}-{next(_numbers)}"


def _linked(path: Path, aside: Path) -> bool:
    try:
        aside.hardlink_to(path)
    except FileNotFoundError:
        raise OriginalDamaged(f"the spooled file is gone: {path}") from None
    except OSError:
        return False  # another file system, or one without links: copy
    return True


def _write(content: Raw, path: Path) -> None:
    with path.open("xb") as file:
        file.write(_bytes_of(content))
        file.flush()
        os.fsync(file.fileno())


def _read_file(path: Path, hash_: bytes) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise OriginalDamaged(f"the original's file is missing: {path}") from None
    if hashlib.sha256(content).digest() != hash_:
        raise OriginalDamaged(f"the original's file was changed: {path}")
    return content


def _older(folder: Path, pattern: str, before: datetime) -> list[Path]:
    moment = before.timestamp()
    return [path for path in folder.glob(pattern) if path.is_file() and _changed(path) < moment]


def _changed(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return inf


def _remove_older(folder: Path, before: datetime) -> int:
    found = _older(folder, "*", before)
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


async def _remove_orphan(path: Path, tx: Transaction) -> int:
    """Remove a file without a row, holding the row's place meanwhile."""
    remove = partial(path.unlink, missing_ok=True)
    if path.name.startswith("."):  # half placed when somebody died
        await tx.blocking(remove)
        return 1
    place = {"hash": bytes.fromhex(path.name), "size": 0, "content": None}
    if not await tx.each("originals.add", [place]):
        return 0
    await tx.blocking(remove)
    await tx.run("originals.remove", hash=place["hash"])
    return 1
