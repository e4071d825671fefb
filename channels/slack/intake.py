"""From events to arrivals: told by Slack, or found in the history after a gap."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from channels.contract import Inlet, Kept
from channels.slack import history
from channels.slack.api import Answer, Api
from channels.slack.changes import changes
from channels.slack.events import Said, said, when, written
from channels.slack.history import Found, Read
from channels.slack.people import People
from channels.slack.places import Places
from channels.slack.settings import Settings
from inquiry.errors import BridgeError, PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import SLACK, Arrival, ChannelName, Envelope
from inquiry.untrusted import Object, inner

log = logging.getLogger(__name__)

BATCH = 50
PATIENCE = timedelta(minutes=5)
"""The longest that one question about the history waits when Slack asks us to slow down."""
LATE = timedelta(minutes=10)
"""By then Slack has told of a message, with all its repeats, or never will."""
ERRANDS = 50
GONE = ("app_uninstalled", "tokens_revoked")
RENAMED = ("channel_rename", "group_rename", "channel_created")
TOO_MUCH = "app_rate_limited"


class Intake:
    """Takes what is said to one app."""

    def __init__(self, name: ChannelName, api: Api, settings: Settings) -> None:
        self.silent = False
        """Does Slack tell us nothing, though people write?"""
        self._name = name
        self._api = api
        self._places = Places(api, settings.listen_in)
        self._people = People(api)
        self._ours = ""
        self._unheard = False
        """Has nobody ever said anything here? Then the first message is where gaps begin."""
        self._look = asyncio.Event()
        self._errands: set[asyncio.Task[None]] = set()

    async def introduce(self, inlet: Inlet) -> None:
        """Ask who we are, and whether our token still holds. Raises TemporaryFailure."""
        self._unheard = await inlet.resume_from() is None
        told = await self._api.ask("auth.test")
        if not self._ours:
            self._errand(self._people.learn_all())
        self._ours = str(told.get("user_id") or "")

    async def take(self, inlet: Inlet, body: Object, raw: bytes) -> None:
        """Take an event that Slack tells. No question is asked here: Slack waits for 3 seconds.

        Raises:
            TemporaryFailure: it is not stored; Slack shall tell it again.
        """
        event = inner(body, "event")
        kind = str(event.get("type") or body.get("type"))
        if kind in (*GONE, TOO_MUCH):
            log.warning("channel %s: Slack says %s", self._name, kind)
            self._look.set()
        elif kind in RENAMED and isinstance(channel := event.get("channel"), dict):
            self._places.call(str(channel.get("id")), str(channel.get("name")))
        elif heard := said(event, self._ours):
            await self._take(inlet, heard, raw)

    async def fill(self, inlet: Inlet, *, expected: bool) -> None:
        """Take what was said while nobody told us; ``expected`` is a gap that we know of.

        Raises:
            TemporaryFailure: Slack does not answer, or nothing can be stored.
        """
        channels = await self._places.all()
        began = datetime.now(UTC)
        positions = {one: when(await inlet.resume_from(one) or "") for one in ("", *channels)}
        newest = max(positions.values())
        if not newest:
            return
        reads: dict[str, Read] = {}
        # Those without a position begin where another one has come to: before that goes on.
        for channel in sorted(channels, key=lambda one: positions[one] > 0):
            begin = positions[channel] or newest
            try:
                now = datetime.now(UTC)
                read = await history.since(self._patiently, channel, begin, self._ours, now)
            except PermanentFailure as failure:  # the others have nothing to do with it
                log.warning("channel %s: %s is not read: %s", self._name, channel, failure)
                continue
            reads[channel] = read
            missed = await self._keep(inlet, channel, read.found)
            if missed:
                log.warning("channel %s: %d messages were missed", self._name, len(missed))
            late = Decimal(int((now - LATE).timestamp()))
            self.silent |= not expected and any(one.at < late for one in missed)
        if expected:
            since = history.earliest(newest, began)
            await self._compare(inlet, await inlet.kept(f"{since:.6f}"), reads)

    async def until_asked(self, at_most: timedelta) -> None:
        """Wait until there is reason to look whether all is well."""
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                await self._look.wait()
        except TimeoutError:
            return
        finally:
            self._look.clear()

    async def stop(self) -> None:
        """Leave all errands."""
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def _take(self, inlet: Inlet, heard: Said, raw: bytes) -> None:
        try:
            wanted = self._places.wants(heard)
        except TemporaryFailure:
            self._errand(self._places.learn(heard.channel))
            raise
        if not wanted:
            return
        first = self._unheard and bool(heard.ts)
        failpoint("slack.fetched")
        try:
            # No cursor but for the very first: what comes later says nothing about whether all
            # before it has come. Only who has read the history knows that.
            await inlet.accept(self._arrival(heard, raw, cursor=heard.ts if first else None))
        except TemporaryFailure:
            self._look.set()  # after four attempts Slack gives up: then we have to look
            raise
        failpoint("slack.accepted")
        self.silent = False
        self._unheard &= not first
        self._learn(heard)

    async def _compare(self, inlet: Inlet, kept: Sequence[Kept], reads: Mapping[str, Read]) -> None:
        """Take what has become of messages that are here, while nobody told us."""
        found = changes(self._patiently, kept, reads, datetime.now(UTC))
        heard = [(one, what) async for _, one in found if (what := said(one.event, self._ours))]
        known = await inlet.known([what.remote_id for _, what in heard])
        arrivals = [
            self._arrival(what, written(one.event))
            for one, what in heard
            if what.remote_id not in known
        ]
        if arrivals:
            log.warning("channel %s: %d changes were missed", self._name, len(arrivals))
            await inlet.accept_all(arrivals)

    async def _keep(self, inlet: Inlet, channel: str, found: Sequence[Found]) -> list[Found]:
        """Keep what was found, oldest first; return what nobody had told us of."""
        heard = [(one, what) for one in found if (what := said(one.event, self._ours))]
        known = await inlet.known([what.remote_id for _, what in heard])
        missed = [one for one, what in heard if what.remote_id not in known]
        arrivals = [
            self._arrival(what, written(one.event), source=channel, cursor=str(one.at))
            for one, what in heard
            if what.remote_id not in known or one is heard[-1][0]  # what is known moves the cursor
        ]
        for start in range(0, len(arrivals), BATCH):
            failpoint("slack.fetched")
            await inlet.accept_all(arrivals[start : start + BATCH])
            failpoint("slack.accepted")
        for _, what in heard:
            self._learn(what)
        return missed

    def _arrival(
        self, heard: Said, raw: bytes, *, source: str = "", cursor: str | None = None
    ) -> Arrival:
        return Arrival(
            channel=self._name,
            remote_id=heard.remote_id,
            media_type=SLACK,
            raw=raw,
            envelope=Envelope(headers=self._people.noted(heard)),
            received_at=datetime.now(UTC),
            source=source,
            cursor=cursor,
        )

    async def _patiently(self, method: str, **params: Any) -> Answer:
        """Ask about the history, and wait as Slack asks: nobody else waits for this."""
        while True:
            try:
                return await self._api.ask(method, **params)
            except TemporaryFailure as failure:
                if not timedelta(0) < failure.retry_after <= PATIENCE:
                    raise
                await asyncio.sleep(failure.retry_after.total_seconds())

    def _learn(self, heard: Said) -> None:
        if unknown := self._people.unknown(heard):
            self._errand(self._people.learn(unknown))

    def _errand(self, errand: Coroutine[Any, Any, None]) -> None:
        """Do something beside the work; whether it succeeds matters to nobody."""
        if len(self._errands) >= ERRANDS:
            errand.close()
            return
        task = asyncio.create_task(self._quietly(errand))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _quietly(self, errand: Coroutine[Any, Any, None]) -> None:
        try:
            await errand
        except BridgeError as failure:
            log.info("channel %s: %s", self._name, failure)
