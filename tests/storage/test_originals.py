"""Are the bytes that came in there, whole, or missed aloud?"""

import os
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from inquiry.journey import Raw, Spooled, digest_of
from storage import originals
from storage.database import Database, Transaction
from storage.originals import OriginalDamaged
from tests.rows import rows

SMALL = b"small"
LARGE = bytes(range(256)) * 400
EDGE = bytes(originals.SMALL)


async def put(db: Database, content: Raw) -> bytes:
    return await db.write(partial(originals.put, content=content))


async def read(db: Database, hash_: bytes) -> bytes:
    return await db.read(partial(originals.read, hash_=hash_))


@pytest.mark.parametrize(
    ("content", "files"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(SMALL, 0, id="small: in the table"),
        pytest.param(EDGE, 0, id="64 KB: in the table"),
        pytest.param(EDGE + b"\0", 1, id="one byte more: a file"),
    ],
)
async def test_bytes_are_kept_once(database: Database, content: bytes, files: int) -> None:
    hash_ = await put(database, content)
    assert await put(database, content) == hash_ == digest_of(content)
    assert await read(database, hash_) == content
    assert sum(path.is_file() for path in database.files.rglob("*")) == files
    (row,) = await rows(database, "SELECT size FROM originals")
    assert row["size"] == len(content)


async def test_what_is_not_committed_is_not_kept(database: Database) -> None:
    async def put_and_fail(tx: Transaction) -> None:
        await originals.put(tx, SMALL)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(put_and_fail)
    with pytest.raises(OriginalDamaged, match=f"there is no original {digest_of(SMALL).hex()}"):
        await read(database, digest_of(SMALL))


async def test_a_small_spooled_file_goes_into_the_table(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "1"
    path.write_bytes(SMALL)
    hash_ = await put(database, Spooled(path=path, size=len(SMALL), digest=digest_of(SMALL)))
    path.unlink()
    assert await database.read(partial(originals.located, hash_=hash_)) == SMALL


async def test_a_large_original_is_a_file_others_may_read(database: Database) -> None:
    where = await database.read(partial(originals.located, hash_=await put(database, LARGE)))
    assert isinstance(where, Path)
    assert where.read_bytes() == LARGE
    with pytest.raises(OriginalDamaged):
        await database.read(partial(originals.located, hash_=bytes(32)))


async def test_a_file_that_is_gone_or_changed_is_an_error_of_its_own(database: Database) -> None:
    hash_ = await put(database, LARGE)
    path = originals.file_of(database.files, hash_)
    path.write_bytes(LARGE[:-1] + b"?")
    with pytest.raises(OriginalDamaged, match=f"the original's file was changed: {path}"):
        await read(database, hash_)
    path.unlink()
    with pytest.raises(OriginalDamaged, match=f"the original's file is missing: {path}"):
        await read(database, hash_)
    await put(database, LARGE)
    assert await read(database, hash_) == LARGE


async def test_another_file_system_is_copied_to(database: Database) -> None:
    path = Path("/dev/shm") / f"deskbridge-test-{os.getpid()}"
    path.write_bytes(LARGE)
    try:
        hash_ = await put(database, Spooled(path=path, size=len(LARGE), digest=digest_of(LARGE)))
    finally:
        path.unlink()
    assert await read(database, hash_) == LARGE


async def test_a_spooled_file_that_is_gone_is_named(database: Database, tmp_path: Path) -> None:
    gone = Spooled(path=tmp_path / "gone", size=len(LARGE), digest=digest_of(LARGE))
    with pytest.raises(OriginalDamaged, match=f"the spooled file is gone: {gone.path}"):
        await put(database, gone)


async def test_only_what_a_crash_left_behind_is_tidied_away(database: Database) -> None:
    files, spool = database.files, database.files.parent / "spool"
    kept = originals.file_of(files, await put(database, LARGE))
    orphan = originals.file_of(files, digest_of(b"orphan"))
    half = orphan.parent / ".1-1"
    orphan.parent.mkdir(exist_ok=True)
    old = [orphan, half, files / ".1-2", spool / "half"]
    young = [spool / "young", originals.file_of(files, digest_of(b"young"))]
    young[1].parent.mkdir(exist_ok=True)
    start = datetime.now(UTC)
    for path in (*old, *young):
        path.write_bytes(LARGE)
    for path in (*old, kept):
        os.utime(path, times=((start - timedelta(hours=1)).timestamp(),) * 2)
    for path in young:
        os.utime(path, times=((start + timedelta(hours=1)).timestamp(),) * 2)
    assert await originals.tidy(database, spool, before=start) == len(old)
    assert [path for path in (*old, *young, kept) if path.exists()] == [*young, kept]
    assert await read(database, digest_of(LARGE)) == LARGE
    with pytest.raises(OriginalDamaged):
        await read(database, digest_of(b"orphan"))
