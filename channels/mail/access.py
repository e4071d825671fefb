"""The access token of a mailbox: had in advance, renewed by one at a time, never too often."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from channels.mail.oauth import OAuth
from channels.mail.token_server import ANSWERING, Granted, NeedsAPerson, ask
from channels.mail.token_store import Access, Held, TokenStore
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName

log = logging.getLogger(__name__)
AHEAD = timedelta(days=14)
TOO_YOUNG = timedelta(minutes=5)
"""A token refused so soon is not too old: another one would be refused as well."""


class AccessTokens:
    """Gives a valid access token to whoever is about to sign in."""

    def __init__(
        self,
        name: ChannelName,
        settings: OAuth,
        folder: Path,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        answering: timedelta = ANSWERING,
    ) -> None:
        self._name = name
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._answering = answering
        self._access = Access()
        self._unsaved: tuple[TokenStore, Held] | None = None
        self._refused = ""
        self._renewal: asyncio.Task[None] | None = None
        self._failure: tuple[str, TemporaryFailure, datetime] | None = None
        self._warned: date | None = None

    async def current(self) -> str:
        """Return a token that is still valid for some minutes.

        A renewal once begun is finished, whoever loses patience: its answer may hold the only
        refresh token that is still good.

        Raises:
            TemporaryFailure: there is none, and why.
        """
        if not self._access.good(self._clock()) or self._unsaved:
            if self._renewal is None or self._renewal.done():
                self._renewal = asyncio.create_task(self._renew())
                self._renewal.add_done_callback(_taken_note_of)
            await asyncio.shield(self._renewal)
        return self._access.token

    def rejected(self, token: str) -> None:
        """Note that a server did not want it: the next one is new, unless this one is."""
        age = self._clock().timestamp() - self._access.since
        if token == self._access.token and age >= TOO_YOUNG.total_seconds():
            self._refused, self._access = token, Access()

    async def finish(self) -> None:
        """Wait for a renewal that is under way."""
        if self._renewal is not None:
            await asyncio.gather(self._renewal, return_exceptions=True)

    async def _renew(self) -> None:
        try:
            seed = await asyncio.to_thread(self._seed)
            self._patient(seed)
            store = TokenStore(self._folder, self._settings.url, self._settings.client_id, seed)
            async with asyncio.timeout(3 * self._answering.total_seconds()), store.alone():
                await self._renew_alone(store)
        except TimeoutError as error:
            raise TemporaryFailure("somebody else is renewing the access token") from error
        except OSError as error:
            raise TemporaryFailure(f"cannot keep the access token: {error.strerror}") from error

    async def _renew_alone(self, store: TokenStore) -> None:
        if self._unsaved:
            await asyncio.to_thread(self._unsaved[0].save, self._unsaved[1])
            self._unsaved = None
        held, scope = await asyncio.to_thread(store.load), self._settings.wanted
        access = held.access.get(scope, Access())
        if not access.good(self._clock()) or access.token == self._refused:
            await asyncio.to_thread(store.save, held)  # is there room for what will come?
            granted = await self._ask(store.seed, held)
            access = _access(granted, self._clock())
            held = replace(held, access={**held.access, scope: access})
            if granted.refresh_token:
                held = replace(held, refresh_token=granted.refresh_token)
            self._unsaved = (store, held)
            await asyncio.to_thread(store.save, held)
            self._unsaved = None
        self._access = access

    async def _ask(self, seed: str, held: Held) -> Granted:
        try:
            granted = await ask(self._settings, held.refresh_token, answering=self._answering)
        except TemporaryFailure as failure:
            self._failure = (seed, failure, self._clock() + failure.retry_after)
            raise
        self._failure = None
        self._warn(granted)
        return granted

    def _patient(self, seed: str) -> None:
        """Don't ask again what was refused a moment ago, unless something has been replaced."""
        if self._failure is None or self._failure[0] != seed:
            return
        _, failure, until = self._failure
        if (left := until - self._clock()) > timedelta(0):
            raise type(failure)(str(failure), retry_after=left)

    def _seed(self) -> str:
        path = self._settings.token_file
        if path is None:
            return self._settings.refresh_token
        try:
            found = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not a text"
            raise NeedsAPerson(f"cannot read the token_file: {reason}") from error
        if not found:
            raise NeedsAPerson("the token_file is empty")
        return found

    def _warn(self, granted: Granted) -> None:
        """Say once a day what is going to end soon."""
        today = self._clock().date()
        ends = {"client secret": self._settings.secret_ends}
        if granted.refresh_lasts:
            until = self._clock() + timedelta(seconds=granted.refresh_lasts)
            ends["refresh token"] = until.date()
        for what, day in ends.items():
            if day and day - today <= AHEAD and self._warned != today:
                log.warning(
                    "channel %s: the %s ends on %s; replace it before", self._name, what, day
                )
        self._warned = today


def _taken_note_of(renewal: asyncio.Task[None]) -> None:
    """Its failure is told to whoever waits; if nobody does any more, that is no fault."""
    if not renewal.cancelled():
        renewal.exception()


def _access(granted: Granted, now: datetime) -> Access:
    since = now.timestamp()
    return Access(token=granted.access_token, since=since, until=since + granted.lasts)
