"""How specialists prove who they are: passwords, sessions, sign-in links, counted failures.

The database holds argon2 hashes of passwords and SHA-256 hashes of tokens: who reads a backup can
sign in with none of them.
"""

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from inquiry.journey import SpecialistName
from storage.database import Database, Transaction

SESSION = timedelta(hours=12)
LINK = timedelta(days=1)
THROTTLE = timedelta(minutes=15)
FAILURES = 10
"""So many wrong passwords for one name within ``THROTTLE``."""
FAILURES_FROM = 100
"""So many from one address: a proxy's is everybody's."""
SHORTEST = 10
HASHER = PasswordHasher()


async def set_password(
    db: Database, specialist: SpecialistName, password: str, *, now: datetime
) -> None:
    """Give a specialist a new password; sessions opened with the old one end.

    Raises:
        ValueError: it is shorter than ``SHORTEST`` characters.
    """
    if len(password) < SHORTEST:
        raise ValueError(f"a password has at least {SHORTEST} characters")
    hashed = await asyncio.to_thread(HASHER.hash, password)

    async def work(tx: Transaction) -> None:
        await tx.run("credentials.set_password", specialist=specialist, password=hashed, now=now)
        await tx.run("credentials.close_sessions_of", specialist=specialist)

    await db.write(work)


async def holds_password(
    db: Database, specialist: SpecialistName, password: str, *, now: datetime
) -> bool:
    """Is this the specialist's password? Takes as long for a name that nobody has."""

    async def look(tx: Transaction) -> str | None:
        row = await tx.one("credentials.password", specialist=specialist)
        return str(row["password"]) if row else None

    hashed = await db.read(look)
    right = await asyncio.to_thread(_verify, hashed or _nobody(), password)
    if hashed is None or not right:
        return False
    if HASHER.check_needs_rehash(hashed):
        again = await asyncio.to_thread(HASHER.hash, password)
        await db.write(
            lambda tx: tx.run(
                "credentials.set_password", specialist=specialist, password=again, now=now
            )
        )
    return True


async def with_password(tx: Transaction) -> list[SpecialistName]:
    """Return the names of all who have a password."""
    return [SpecialistName(row["specialist"]) for row in await tx.all("credentials.passwords")]


async def open_session(tx: Transaction, specialist: SpecialistName, *, now: datetime) -> str:
    """Return the token of a new session: the only copy of it."""
    token = secrets.token_urlsafe(32)
    await tx.run("credentials.forget_old_sessions", now=now)
    await tx.run(
        "credentials.open_session",
        token=_digest(token),
        specialist=specialist,
        now=now,
        expires_at=now + SESSION,
    )
    return token


async def session_of(tx: Transaction, token: str, *, now: datetime) -> SpecialistName | None:
    """Return whose session this is, while it lasts."""
    row = await tx.one("credentials.session", token=_digest(token), now=now)
    return SpecialistName(row["specialist"]) if row else None


async def sessions(tx: Transaction, *, now: datetime) -> dict[bytes, SpecialistName]:
    """Return every session that lasts, by the fingerprint of its token."""
    rows = await tx.all("credentials.sessions", now=now)
    return {bytes(row["token"]): SpecialistName(row["specialist"]) for row in rows}


def fingerprint(token: str) -> bytes:
    """Return what stands in the table for a session's token."""
    return _digest(token)


async def close_session(tx: Transaction, token: str) -> None:
    """End a session."""
    await tx.run("credentials.close_session", token=_digest(token))


async def new_link(
    tx: Transaction, specialist: SpecialistName, *, now: datetime, valid_for: timedelta = LINK
) -> str:
    """Return the token of a link that signs ``specialist`` in, once."""
    token = secrets.token_urlsafe(32)
    await tx.run("credentials.forget_old_links", now=now)
    await tx.run(
        "credentials.add_link",
        token=_digest(token),
        specialist=specialist,
        expires_at=now + valid_for,
    )
    return token


async def link_of(tx: Transaction, token: str, *, now: datetime) -> SpecialistName | None:
    """Return whom a link would sign in; it stays unused."""
    row = await tx.one("credentials.link", token=_digest(token), now=now)
    return SpecialistName(row["specialist"]) if row else None


async def use_link(tx: Transaction, token: str, *, now: datetime) -> SpecialistName | None:
    """Use a link up, and return whom it signs in."""
    row = await tx.one("credentials.use_link", token=_digest(token), now=now)
    return SpecialistName(row["specialist"]) if row else None


async def throttled(tx: Transaction, name: str, address: str, *, now: datetime) -> bool:
    """Has somebody of this name, or from this address, failed too often lately?"""
    for who, most in ((_name(name), FAILURES), (_address(address), FAILURES_FROM)):
        row = await tx.one("credentials.failures", who=who, since=now - THROTTLE)
        if row and row["count"] >= most:
            return True
    return False


async def failed(tx: Transaction, name: str, address: str, *, now: datetime) -> None:
    """Count a failure against the name and the address."""
    for who in (_name(name), _address(address)):
        await tx.run("credentials.add_failure", who=who, now=now)


async def forgive(tx: Transaction, name: str, *, now: datetime) -> None:
    """Forget the failures of somebody who has signed in, and everybody's old ones."""
    await tx.run("credentials.forget_failures", who=_name(name), since=now - THROTTLE)


def _name(name: str) -> bytes:
    return _digest(f"name:{name}")


def _address(address: str) -> bytes:
    return _digest(f"address:{address}")


def _verify(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except VerificationError:
        return False


@cache
def _nobody() -> str:
    """Return the hash of a password that nobody knows, to compare with in vain."""
    return HASHER.hash(secrets.token_urlsafe(32))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
