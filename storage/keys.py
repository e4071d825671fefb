"""The desk's signing keys: two are valid, the younger signs; part of every backup."""

import secrets
from datetime import datetime

from inquiry.tokens import KeyRing
from storage.database import Database, Transaction

LENGTH = 32


async def key_ring(db: Database, now: datetime) -> KeyRing:
    """Return the valid keys, the one that signs first; make the first key of a new desk."""

    async def begin(tx: Transaction) -> KeyRing:
        await tx.run("keys.take_turn")
        known = await _ring(tx)
        return known if known is not None else await _with_another(tx, now)

    known = await db.read(_ring)
    return known if known is not None else await db.write(begin)


async def rotate(db: Database, now: datetime) -> KeyRing:
    """Sign with a new key from now on; what the one before has signed stays valid."""

    async def turn(tx: Transaction) -> KeyRing:
        await tx.run("keys.take_turn")
        return await _with_another(tx, now)

    return await db.write(turn)


async def _with_another(tx: Transaction, now: datetime) -> KeyRing:
    await tx.run("keys.add", secret=secrets.token_bytes(LENGTH), now=now)
    await tx.run("keys.retire", now=now)
    ring = await _ring(tx)
    assert ring is not None
    return ring


async def _ring(tx: Transaction) -> KeyRing | None:
    keys = tuple(bytes(row["secret"]) for row in await tx.all("keys.valid"))
    return KeyRing(keys) if keys else None
