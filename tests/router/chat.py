"""What comes in by a messenger, and what became of it in the tables."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from inquiry.data import understood_as_text
from inquiry.journey import TELEGRAM as UPDATE
from inquiry.journey import Arrival, ArrivalId, ChannelName, Envelope
from inquiry.understood import Attachment, Edit, Message, Party, Understood
from inquiry.words import ArrivalState
from router.messengers.albums import ALBUM
from router.stage.step import step
from storage import arrivals, decisions
from storage.database import Database, Transaction
from storage.intake import Intake
from tests.router.test_stage import DESK, HASH
from tests.rows import rows

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TELEGRAM = ChannelName("telegram")
JAN, OLA, EVA = Party("501", "Jan"), Party("502", "Ola"), Party("503", "Eva")
GROUP = "-5"


def says(text: str, remote_id: str, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "sender": JAN,
        "text": text,
        "new_text": text,
        "language": "pl",
        "conversation": "501",
        "remote_id": remote_id,
        "sent_at": NOW,
    }
    return Message(**{**values, **changes})


def edit(message: Message) -> Edit:
    return Edit(remote_id=message.remote_id, conversation=message.conversation, message=message)


def picture(name: str) -> Attachment:
    return Attachment(
        filename=f"{name}.jpg",
        content_type="image/jpeg",
        size=0,
        sha256="",
        remote=f"remote-{name}",
        content_id=name,
    )


class Chat:
    """A desk's database, and what comes in by a messenger."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.desk = DESK
        self._intake = Intake(db)
        self._count = 0

    async def comes(
        self, understood: Understood, *, after: timedelta = ALBUM, at: datetime = NOW
    ) -> ArrivalId:
        """Let something arrive and be placed, so long after it came."""
        arrival = await self.waits(understood, at=at)
        assert await step(self.db, self.desk, now=at + after)
        return arrival

    async def waits(self, understood: Understood, *, at: datetime = NOW) -> ArrivalId:
        self._count += 1
        arrival = Arrival(
            channel=TELEGRAM,
            remote_id=str(self._count),
            media_type=UPDATE,
            raw=f"raw {self._count}".encode(),
            envelope=Envelope(),
            received_at=at,
        )
        accepted = await self._intake.inlet(TELEGRAM).accept(arrival)
        await self.db.write(partial(self._understand, understood))
        return accepted

    async def _understand(self, understood: Understood, tx: Transaction) -> None:
        await decisions.remember_configuration(tx, HASH, "rules: []", NOW)
        (one,) = await arrivals.claim(tx, ArrivalState.WAITING, limit=1, lease=timedelta(minutes=1))
        assert await arrivals.understood(tx, one, understood_as_text(understood), "1")
        if isinstance(understood, Message | Edit):
            said = understood.message if isinstance(understood, Edit) else understood
            for file in said.attachments:
                await arrivals.add_attachment(tx, one.id, file)

    async def answers(self, text: str, remote_id: str, inquiry: int = 1) -> None:
        """A specialist has answered, and Telegram has given it numbers."""
        await rows(
            self.db,
            "INSERT INTO messages (inquiry, direction, purpose, channel, contact_point, subject,"
            " text, new_text, quoted_text, signature, html, language, message_id, conversation,"
            " remote_id, automated, trust, too_complex, created_at)"
            f" SELECT {inquiry}, 'out', 'answer', 'telegram', contact_point, '', '{text}', '', '',"
            f" '', '', 'pl', '', conversation, '{remote_id}', 'none', 'verified', '', 1"
            f" FROM inquiries WHERE id = {inquiry}",
        )

    async def rows(self, table: str) -> list[dict[str, Any]]:
        return await rows(self.db, f"SELECT * FROM {table} ORDER BY id")

    async def texts(self) -> list[str]:
        return [row["text"] for row in await self.rows("messages")]

    async def states(self) -> set[str]:
        return {row["state"] for row in await self.rows("arrivals")}

    async def kinds(self) -> list[str]:
        return [row["kind"] for row in await self.rows("history")]


async def close(chat: Chat, inquiry: int, state: str = "closed") -> None:
    closed = ", closed_at = 1" if state == "closed" else ""
    await rows(
        chat.db,
        f"UPDATE inquiries SET state = '{state}', resolved_at = 1 {closed} WHERE id = {inquiry}",
    )
