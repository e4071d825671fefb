"""Stand-ins for our own ports, for tests of whoever stands on the other side of them."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from channels.contract import Kept, Standing
from inquiry.journey import Arrival, ArrivalId, DispatchId, Receipt, Spooled, digest_of

PATIENCE = timedelta(seconds=30)


@dataclass(slots=True)
class MemoryInlet:
    """Keeps what a channel brings in a list, under the rules that the real inlet promises.

    While ``trouble`` is set nothing is taken: it is raised instead, and ``refused`` counts.
    """

    arrivals: list[Arrival] = field(default_factory=list)
    spooled: list[Spooled] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    also: set[str] = field(default_factory=set)
    """Further names of arrivals that were recognised by their bytes."""
    repeats: int = 0
    refused: int = 0
    trouble: Exception | None = None
    delay: timedelta = timedelta(0)
    messages: list[Kept] = field(default_factory=list)
    """What has become of arrivals, the newest first."""
    standings: dict[str, Sequence[Standing]] = field(default_factory=dict)
    reports: list[tuple[DispatchId, Receipt]] = field(default_factory=list)
    unknown: set[DispatchId] = field(default_factory=set)
    """Dispatches that the channel has never sent."""
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def accept(self, arrival: Arrival) -> ArrivalId:
        (arrival_id,) = await self.accept_all([arrival])
        return arrival_id

    async def accept_all(self, arrivals: Sequence[Arrival]) -> list[ArrivalId]:
        await asyncio.sleep(self.delay.total_seconds())
        if self.trouble is not None:
            self.refused += 1
            await self._tell()
            raise self.trouble
        ids = [self._keep(arrival) for arrival in arrivals]
        self.cursors |= {a.source: a.cursor for a in arrivals if a.cursor is not None}
        await self._tell()
        return ids

    async def known(self, remote_ids: Collection[str]) -> set[str]:
        return {*self.also, *(arrival.remote_id for arrival in self.arrivals)} & set(remote_ids)

    async def kept(self, since: str) -> Sequence[Kept]:
        return [one for one in self.messages if one.remote_id >= since]

    async def resume_from(self, source: str = "") -> str | None:
        return self.cursors.get(source)

    async def standing(self, address: str) -> Sequence[Standing]:
        return self.standings.get(address, ())

    async def report(self, dispatch: DispatchId, receipt: Receipt) -> bool:
        self.reports.append((dispatch, receipt))
        await self._tell()
        return dispatch not in self.unknown

    async def until(self, holds: Callable[["MemoryInlet"], bool]) -> None:
        """Wait until something is true of this inlet; fail if it does not come true in time."""
        async with asyncio.timeout(PATIENCE.total_seconds()), self._news:
            await self._news.wait_for(lambda: holds(self))

    async def holds(self, count: int) -> list[Arrival]:
        """Wait until so many arrivals are here, and return them."""
        await self.until(lambda inlet: len(inlet.arrivals) >= count)
        return self.arrivals

    def _keep(self, arrival: Arrival) -> ArrivalId:
        for number, known in enumerate(self.arrivals, start=1):
            if _same(known, arrival):
                self.repeats += 1
                self.also.add(arrival.remote_id)
                return ArrivalId(number)
        if isinstance(arrival.raw, Spooled):  # the file is the channel's, the bytes are ours
            self.spooled.append(arrival.raw)
            arrival = replace(arrival, raw=arrival.raw.path.read_bytes())
        self.arrivals.append(arrival)
        return ArrivalId(len(self.arrivals))

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


def _same(known: Arrival, arrival: Arrival) -> bool:
    if known.channel != arrival.channel:
        return False
    if arrival.match_bytes and digest_of(known.raw) == digest_of(arrival.raw):
        return True
    if known.remote_id != arrival.remote_id:
        return False
    within = arrival.repeat_within
    return within is None or arrival.received_at - known.received_at <= within
