"""Inquiries for tests of what happens to one after it was opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from inquiry.data import understood_as_text
from inquiry.decision import Decision
from inquiry.journey import (
    MAIL,
    AnswerId,
    Arrival,
    ArrivalId,
    ChannelName,
    ContactPointId,
    Envelope,
    InquiryId,
    QueueName,
    Reference,
    SpecialistName,
)
from inquiry.understood import Message, Party, Understood
from inquiry.words import ArrivalState, Priority, Purpose
from storage import answers, arrivals, history
from storage.customers import find_or_add
from storage.database import Database, Transaction
from storage.inquiries import finding, opening
from storage.inquiries.opening import Coming
from storage.intake import Intake
from tests.rows import rows

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SUPPORT, TELEGRAM = ChannelName("support-mail"), ChannelName("telegram")
FIRST_LINE, INVOICES = QueueName("first-line"), QueueName("invoices")
KASIA, OLA, MARI = SpecialistName("kasia"), SpecialistName("ola"), SpecialistName("mari")
JAN = Party("jan@kunde.example", "Jan Kowalski")
MINUTE = timedelta(minutes=1)


def a_message(**changes: Any) -> Message:
    """A customer's mail in Polish."""
    values: Mapping[str, Any] = {
        "sender": JAN,
        "subject": "Drukarka",
        "text": "nie działa",
        "new_text": "nie działa",
        "language": "pl",
        "message_id": "<1@kunde.example>",
    }
    return Message(**{**values, **changes})


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An inquiry that a test has opened."""

    id: InquiryId
    reference: Reference
    contact_point: ContactPointId
    arrival: ArrivalId


class Inquiries:
    """Opens inquiries in a desk's database as the router does, and looks into its tables."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._intake = Intake(db)
        self._count = 0

    async def arrived(
        self, understood: Understood, channel: ChannelName, media_type: str, **envelope: Any
    ) -> ArrivalId:
        """Let something arrive and be understood."""
        self._count += 1
        arrival = Arrival(
            channel=channel,
            remote_id=token_hex(),
            media_type=media_type,
            raw=f"raw {self._count}".encode(),
            envelope=Envelope(**envelope),
            received_at=NOW,
        )
        accepted = await self._intake.inlet(channel).accept(arrival)

        async def understand(tx: Transaction) -> None:
            (claimed,) = await arrivals.claim(tx, ArrivalState.WAITING, limit=1, lease=MINUTE)
            assert await arrivals.understood(tx, claimed, understood_as_text(understood), "1")

        await self.db.write(understand)
        return accepted

    async def opened(
        self,
        message: Message | None = None,
        *,
        channel: ChannelName = SUPPORT,
        contact: str = "mail",
        media_type: str = MAIL,
        queue: QueueName = FIRST_LINE,
        assign_to: SpecialistName | None = None,
        assign_by: str = "",
        mail_from: str | None = None,
        now: datetime = NOW,
    ) -> Opened:
        """Let a message open an inquiry."""
        said = message or a_message(message_id=f"<{self._count + 1}@kunde.example>")
        arrival = await self.arrived(said, channel, media_type, mail_from=mail_from)
        decision = Decision(
            queue=queue, priority=Priority.NORMAL, assign_to=assign_to, assign_by=assign_by
        )

        async def work(tx: Transaction) -> Opened:
            coming = await self._coming(tx, said, arrival, channel, contact, now)
            inquiry, reference = await opening.open_inquiry(
                tx,
                coming,
                decision,
                reference_format="NL-{year}-{seq:05}",
                continues=None,
                now=now,
            )
            return Opened(
                id=inquiry,
                reference=reference,
                contact_point=coming.contact_point.id,
                arrival=arrival,
            )

        return await self.db.write(work)

    async def followed_up(
        self,
        opened: Opened,
        message: Message,
        *,
        channel: ChannelName = SUPPORT,
        contact: str = "mail",
        media_type: str = MAIL,
        now: datetime = NOW,
    ) -> ArrivalId:
        """Let the customer write again."""
        arrival = await self.arrived(message, channel, media_type)

        async def work(tx: Transaction) -> None:
            coming = await self._coming(tx, message, arrival, channel, contact, now)
            placed = await finding.by_id(tx, opened.id)
            assert placed
            await opening.follow_up(tx, placed, coming, Decision(), now=now)

        await self.db.write(work)
        return arrival

    async def kept_aside(self, opened: Opened, message: Message, *, now: datetime = NOW) -> int:
        """Let a message with proof come from another address; return the aside's number."""
        arrival = await self.arrived(message, SUPPORT, MAIL)

        async def work(tx: Transaction) -> None:
            coming = await self._coming(tx, message, arrival, SUPPORT, "mail", now)
            reason = "written from another address"
            await opening.keep_aside(tx, opened.id, coming, reason=reason, now=now)

        await self.db.write(work)
        return int((await self.rows("asides"))[-1]["id"])

    async def acknowledged(self, opened: Opened, template: str = "ack") -> AnswerId:
        """Decide to acknowledge the message that has opened it."""

        async def work(tx: Transaction) -> AnswerId:
            return await answers.add(
                tx,
                inquiry=opened.id,
                contact_point=opened.contact_point,
                purpose=Purpose.ACKNOWLEDGEMENT,
                channel=SUPPORT,
                template=template,
                arrival=opened.arrival,
                now=NOW,
            )

        return await self.db.write(work)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Return a whole table."""
        return await rows(self.db, f"SELECT * FROM {table} ORDER BY id")

    async def inquiry(self, opened: Opened) -> dict[str, Any]:
        """Return an inquiry as it stands in the table."""
        (row,) = await rows(self.db, f"SELECT * FROM inquiries WHERE id = {opened.id}")
        return row

    async def kinds(self, opened: Opened) -> list[str]:
        """Return what happened to an inquiry, in a word each."""
        return [event.kind for event in await self.events(opened)]

    async def events(self, opened: Opened) -> list[history.Event]:
        """Return what happened to an inquiry."""
        return await self.db.read(lambda tx: history.of(tx, opened.id))

    async def _coming(
        self,
        tx: Transaction,
        message: Message,
        arrival: ArrivalId,
        channel: ChannelName,
        contact: str,
        now: datetime,
    ) -> Coming:
        assert message.sender
        who = await find_or_add(tx, contact, message.sender, language=message.language, now=now)
        return Coming(arrival=arrival, channel=channel, contact_point=who, message=message)
