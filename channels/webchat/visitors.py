"""Who visits: a guest, known by what their browser keeps, or a user whom the host vouches for."""

import asyncio
import hashlib
import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from channels.allowance import Allowance, TooMuch
from channels.contract import Store
from channels.peer import counted_as
from channels.webchat.identity import Identity, vouched_for
from channels.webchat.settings import Settings
from inquiry.journey import ChannelName
from inquiry.tokens import new_nonce
from storage import chats
from storage.chats import Visitor
from storage.database import Transaction

_PLAIN = re.compile(r"[^a-z0-9._+-]")
_MADE_THERE = re.compile(r"[0-9a-f]{32}")
MOST_CHANGES = 20
"""A minute: of a visitor's name, address and language."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a browser shows and says of its visitor."""

    pass_: str = ""
    """What a guest's browser keeps. It has made it itself, so that its windows, and a call that is
    repeated because its answer got lost, are one visitor."""
    identity: Identity | None = None
    name: str = ""
    email: str = ""
    language: str = ""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Who it is."""

    visitor: Visitor
    pass_: str = ""
    """What a new guest's browser is to keep; else ""."""


class Visitors:
    """The visitors of one chat."""

    def __init__(self, channel: ChannelName, settings: Settings, store: Store) -> None:
        self._channel = channel
        self._settings = settings
        self._store = store
        self._new = Allowance(timedelta(hours=1))
        self._changes = Allowance(timedelta(minutes=1))
        self._at_the_door: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def welcome(self, caller: Caller, *, now: datetime) -> Welcome:
        """Say who calls. A signature that isn't good makes a guest, never that user.

        Raises:
            TooMuch: too many new visitors from this address.
        """
        user = self._user(caller.identity, now)
        async with self._door(caller):
            found = await self._store.read(lambda tx: self._find(tx, caller, user))
            if found is not None:
                return Welcome(await self._learnt(found, caller, user, now))
            if user is None:
                most = self._settings.at_most.conversations
                self._new.spend(counted_as(caller.peer), most, now=now)
            return await self._store.write(lambda tx: self._add(tx, caller, user, now))

    async def by_id(self, visitor: int) -> Visitor | None:
        """Return whose ticket this is."""
        found: Visitor | None = await self._store.read(lambda tx: chats.by_id(tx, visitor))
        return found if found and found.channel == self._channel else None

    async def introduce(self, visitor: Visitor, *, name: str, email: str, now: datetime) -> None:
        """Write down what a visitor says of themselves.

        Raises:
            TooMuch: they say something else all the time.
        """
        self._changes.spend(visitor.key, MOST_CHANGES, now=now)
        await self._store.write(
            lambda tx: chats.learn(tx, visitor.id, name=name[:200], email=email[:254])
        )

    def _door(self, caller: Caller) -> asyncio.Lock:
        """Let one window of a browser in after the other: they begin one conversation, not two."""
        lock = asyncio.Lock()
        return self._at_the_door.setdefault(caller.pass_, lock) if caller.pass_ else lock

    def _user(self, identity: Identity | None, now: datetime) -> Identity | None:
        settings = self._settings.identity
        if identity is None or settings is None:
            return None
        if vouched_for(settings.secret, identity, now=now):
            return identity
        log.warning("channel %s: a user's signature is not good", self._channel)
        return None

    async def _find(self, tx: Transaction, caller: Caller, user: Identity | None) -> Visitor | None:
        if user is not None:
            return await chats.by_user(tx, self._channel, user.user)
        return await chats.by_secret(tx, self._channel, caller.pass_) if caller.pass_ else None

    async def _add(
        self, tx: Transaction, caller: Caller, user: Identity | None, now: datetime
    ) -> Welcome:
        says: Caller | Identity = user or caller
        made = not user and _MADE_THERE.fullmatch(caller.pass_)
        free = made and not await chats.is_taken(tx, caller.pass_)
        secret = caller.pass_ if free else new_nonce()
        visitor = await chats.add_visitor(
            tx,
            channel=self._channel,
            key=await self._key(tx, user),
            secret=secret,
            user_id=user.user if user else "",
            name=says.name[:200],
            email=says.email[:254],
            language=caller.language,
            now=now,
        )
        return Welcome(visitor, "" if user else secret)

    async def _key(self, tx: Transaction, user: Identity | None) -> str:
        """Return a new address for a contact point. Addresses are compared without case."""
        if user is None:
            return f"visitor-{new_nonce()}"
        name = _PLAIN.sub("-", user.user.casefold())[:60]
        if name != user.user:
            name = f"{name}~{hashlib.sha256(user.user.encode()).hexdigest()[:16]}"
        key = f"{name}@{self._channel}"
        taken = await chats.by_key(tx, key)  # of a channel that had this name before
        return f"{new_nonce()}@{self._channel}" if taken else key

    async def _learnt(
        self, found: Visitor, caller: Caller, user: Identity | None, now: datetime
    ) -> Visitor:
        says: Caller | Identity = user or caller
        new = (says.name[:200], says.email[:254], caller.language)
        old = (found.name, found.email, found.language)
        if all(not mine or mine == theirs for mine, theirs in zip(new, old, strict=True)):
            return found
        name, email, language = new
        try:
            self._changes.spend(found.key, MOST_CHANGES, now=now)
        except TooMuch:
            return found

        async def learn(tx: Transaction) -> Visitor | None:
            await chats.learn(tx, found.id, name=name, email=email, language=language)
            return await chats.by_id(tx, found.id)

        return await self._store.write(learn) or found
