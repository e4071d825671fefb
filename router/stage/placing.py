"""One arrival while it is placed: what everybody on the way needs, and the ways it can end."""

from dataclasses import dataclass
from datetime import datetime

from inquiry.decision import Decision, Facts
from inquiry.journey import InquiryId
from inquiry.understood import Message, Report
from router.decide import decide
from router.stage.desk import Desk
from router.text import Text
from storage import arrivals, decisions
from storage.arrivals import Claimed
from storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Placing:
    """One arrival, in the transaction that places it."""

    tx: Transaction
    desk: Desk
    one: Claimed
    text: Text | None
    """Its words, found ahead."""
    now: datetime

    @property
    def contact(self) -> str:
        """The sort of contact point that its channel brings."""
        return self.desk.contact_of(self.one.channel)

    def decide(self, ruled_on: Message | Report, facts: Facts) -> Decision:
        """Ask the rules."""
        return decide(self.desk.rules, ruled_on, facts, self.text)

    async def record(self, inquiry: InquiryId | None, decided: Decision, facts: Facts) -> None:
        """Keep what was decided, and what it was decided by: it can be explained for ever."""
        await decisions.record(
            self.tx,
            self.one.id,
            inquiry,
            decision=decided,
            facts=facts,
            normalizer=self.one.normalizer or "",
            now=self.now,
        )

    async def done(self) -> None:
        """It has its place."""
        await arrivals.done(self.tx, self.one, now=self.now)

    async def quarantine(self, reason: str) -> None:
        """It has none, and a person is told why."""
        await arrivals.quarantine(self.tx, self.one, reason, now=self.now)
