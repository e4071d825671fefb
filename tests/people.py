"""Customers who write by mail and messengers to one desk: what comes in, and where answers went."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from inquiry.data import understood_as_text
from inquiry.errors import PermanentFailure
from inquiry.journey import (
    CHAT,
    MAIL,
    Arrival,
    ChannelName,
    ContactPointId,
    Dispatch,
    DispatchId,
    Envelope,
    File,
    InquiryId,
    Receipt,
    SpecialistName,
)
from inquiry.journey import TELEGRAM as UPDATE
from inquiry.retry import RetryPolicy
from inquiry.tokens import KeyRing, plus_token
from inquiry.understood import Edit, Message, Party
from inquiry.words import ArrivalState, Delivery, State, Trust
from outbox.desk import Desk as OutboxDesk
from outbox.route import Outlet
from outbox.stage import compose_step
from outbox.wording import load
from router.logic import All
from router.rules import Effect, Rule, compile_rules
from router.stage.desk import Desk as RouterDesk
from router.stage.step import step
from specialists.acts import answering, joining
from storage import arrivals, decisions, joins, portal, proofs, receipts
from storage.customers import find
from storage.database import Database, Transaction
from storage.intake import Intake
from tests.outbox.steps import send_step
from tests.rows import rows

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
RING = KeyRing((b"test key",))
SUPPORT, BOT, SHOP = ChannelName("support-mail"), ChannelName("bot"), ChannelName("shop-chat")
CONTACTS = {SUPPORT: "mail", BOT: "telegram", SHOP: "web-chat"}
KASIA = SpecialistName("kasia")
URL = "https://help.nordlys.example"
UNDO = f"{URL}/u/"
"""What the links begin with by which a join is undone."""
OUTLETS = (
    Outlet(name=SUPPORT, contact="mail", address="support@nordlys.example", plus_address=True),
    Outlet(name=BOT, contact="telegram", subject=False, file_size=1_000),
    Outlet(name=SHOP, contact="web-chat", subject=False, files=False),
)
RULES = compile_rules(
    [Rule(name="all", when=All(()), then=(Effect("queue", "first-line"),))], configuration="cafe"
)


@dataclass(slots=True)
class Wire:
    """A channel's sender: keeps what it was given, or refuses it for good."""

    name: ChannelName
    repeatable: bool = False
    went: list[Dispatch] = field(default_factory=list)
    blocked_by: set[str] = field(default_factory=set)
    """Recipients who have blocked us."""

    async def send(self, dispatch: Dispatch) -> Receipt:
        if dispatch.recipient in self.blocked_by:
            raise PermanentFailure("the bot was blocked by the user")
        self.went.append(dispatch)
        return Receipt(delivery=Delivery.ACCEPTED, remote_id=f"r{len(self.went)}", at=NOW)


class People:
    """One desk with its database; time goes on by itself."""

    def __init__(self, db: Database, outlets: Sequence[Outlet] = OUTLETS) -> None:
        self.db = db
        self.now = NOW
        self.wires = {one.name: Wire(one.name) for one in OUTLETS}
        self._intake = Intake(db)
        self._numbers = count(1)
        self.routing = RouterDesk(
            rules=RULES,
            reference_format="NL-{year}-{seq:05}",
            key_ring=RING,
            contacts=CONTACTS,
            own_addresses=frozenset({"support@nordlys.example"}),
            sends_mail=True,
        )
        self.composing = OutboxDesk(
            name="Nordlys",
            url=URL,
            key_ring=RING,
            outlets=tuple(outlets),
            templates=load(languages=("en", "nb", "pl", "et", "ru")),
            own_addresses=frozenset({"support@nordlys.example"}),
        )

    # What customers do -----------------------------------------------------------------------

    async def mails(self, address: str, text: str, **more: Any) -> None:
        """Somebody writes a mail."""
        await self._comes(
            Message(
                sender=Party(address),
                subject="Help",
                text=text,
                new_text=text,
                language="en",
                message_id=f"<{next(self._numbers)}@{address.rpartition('@')[2]}>",
                **more,
            ),
            SUPPORT,
        )

    async def answers_mail(self, address: str, text: str, to: Dispatch) -> None:
        """Somebody replies to a mail of ours."""
        await self.mails(address, text, thread_keys=(plus_token(to.reply_to), to.message_id))

    async def writes(
        self, who: str, text: str, *, channel: ChannelName = BOT, group: str = "", **more: Any
    ) -> None:
        """Somebody writes in a messenger, alone with us or in a group."""
        values: dict[str, Any] = {
            "sender": Party(who),
            "trust": Trust.VERIFIED if channel == BOT else Trust.CLAIMED,
            "text": text,
            "new_text": text,
            "language": "en",
            "conversation": group or who,
            "remote_id": str(next(self._numbers)),
            "sent_at": self.now,
        }
        await self._comes(Message(**{**values, **more}), channel)

    async def goes_on(self, who: str, proof: str, **more: Any) -> None:
        """Somebody uses a code or a status link in a chat, is asked, and says yes."""
        await self.writes(who, proof, **more)
        await self.writes(who, "yes", channel=more.get("channel", BOT))

    async def changes(self, who: str, text: str, remote_id: str) -> None:
        """Somebody changes what they have written in a messenger."""
        message = Message(
            sender=Party(who),
            trust=Trust.VERIFIED,
            text=text,
            new_text=text,
            conversation=who,
            remote_id=remote_id,
            sent_at=self.now,
        )
        await self._comes(Edit(remote_id=remote_id, conversation=who, message=message), BOT)

    async def _comes(self, message: Message | Edit, channel: ChannelName) -> None:
        number = next(self._numbers)
        sort = self.routing.contacts[channel]
        media_type = {"mail": MAIL, "telegram": UPDATE}.get(sort, CHAT)
        arrival = Arrival(
            channel=channel,
            remote_id=str(number),
            media_type=media_type,
            raw=f"raw {number}".encode(),
            envelope=Envelope(),
            received_at=self.now,
        )
        await self._intake.inlet(channel).accept(arrival)
        await self.db.write(partial(_understand, message))
        self.later()
        assert await step(self.db, self.routing, now=self.now)

    # What the desk does ----------------------------------------------------------------------

    def later(self, by: timedelta = timedelta(seconds=1)) -> datetime:
        """Let time go on."""
        self.now += by
        return self.now

    async def answer(
        self,
        inquiry: int,
        text: str,
        *,
        to: ContactPointId | None = None,
        files: Sequence[File] = (),
    ) -> None:
        """Kasia answers; it leaves when ``deliver`` is called."""
        await answering.answer(
            self.db,
            inquiry=InquiryId(inquiry),
            specialist=KASIA,
            text=text,
            then=State.OPEN,
            contact_point=to,
            files=files,
            now=self.later(),
        )

    async def deliver(self) -> None:
        """Let everything go that can."""
        policy = RetryPolicy()
        for _ in range(50):
            busy = await compose_step(self.db, self.composing, now=self.later())
            for wire in self.wires.values():
                while await send_step(self.db, wire, policy, now=self.now):
                    busy = True
            if not busy:
                return
        raise AssertionError("it never ends")

    async def join(self, one: str, other: str, inquiry: int | None = None) -> int:
        """Kasia says that two are the same person; return the join's number."""
        ids = (await self.point(one), await self.point(other))
        number = await joining.join(
            self.db,
            *ids,
            inquiry=InquiryId(inquiry) if inquiry else None,
            specialist=KASIA,
            now=self.later(),
        )
        assert number
        return number

    async def part(self, join: int) -> None:
        """Kasia undoes it."""
        await joining.part(self.db, join, specialist=KASIA, now=self.later())

    async def link(self, inquiry: int, who: str) -> str:
        """Return a status link that somebody has."""
        key, point = portal.new_key(), await self.point(who)

        async def keep(tx: Transaction) -> None:
            await portal.keep(
                tx,
                key,
                InquiryId(inquiry),
                point,
                expires_at=self.now + timedelta(days=90),
                now=self.now,
            )

        await self.db.write(keep)
        return portal.address(URL, RING, key)

    async def code(self, inquiry: int, who: str) -> str:
        """Return a code that the status page gives to somebody."""
        point = await self.point(who)
        made = await self.db.write(
            lambda tx: proofs.make(tx, InquiryId(inquiry), point, now=self.now)
        )
        assert made
        return made

    async def bounces(self, dispatch: int) -> None:
        """A mail comes back."""
        news = Receipt(delivery=Delivery.BOUNCED, at=self.later(), detail="5.1.1 no such user")
        await self.db.write(
            lambda tx: receipts.record(tx, DispatchId(dispatch), news, now=self.now)
        )

    def with_outlets(self, outlets: Sequence[Outlet]) -> OutboxDesk:
        """Return the desk with other channels."""
        return replace(self.composing, outlets=tuple(outlets))

    # What can be seen ------------------------------------------------------------------------

    async def point(self, who: str) -> ContactPointId:
        """Return the number of a contact point by its address."""

        async def look(tx: Transaction) -> ContactPointId | None:
            for contact in ("mail", "telegram", "web-chat"):
                if found := await find(tx, contact, who):
                    return found.id
            return None

        found = await self.db.read(look)
        assert found, who
        return found

    async def customer(self, who: str) -> int:
        """Return whose a contact point is."""
        number = await self.point(who)
        found = await self.db.read(lambda tx: joins.point(tx, number))
        return found.customer

    def got(self, who: str) -> list[str]:
        """Return what was delivered to an address, in order, but for notices of joins."""
        return [one.text for one in self._to(who) if UNDO not in one.text]

    def notices(self, who: str) -> list[Dispatch]:
        """Return the notices that an address was sent: of joins, and how to undo them."""
        return [one for one in self._to(who) if UNDO in one.text]

    def last_to(self, who: str) -> Dispatch:
        """Return what was delivered there last, but for notices."""
        return [one for one in self._to(who) if UNDO not in one.text][-1]

    def _to(self, who: str) -> list[Dispatch]:
        sent = [one for wire in self.wires.values() for one in wire.went]
        return [one for one in sent if one.recipient == who]

    def code_for(self, who: str) -> str:
        """Return the code in the last mail that somebody got."""
        found = re.findall(r"^[0-9A-Z]{4}-[0-9A-Z]{4}$", self.got(who)[-1], re.MULTILINE)
        assert len(found) == 1, self.got(who)
        return str(found[0])

    async def rows(self, sql: str) -> list[dict[str, Any]]:
        """Run any SQL."""
        return await rows(self.db, sql)

    async def texts(self, inquiry: int) -> list[str]:
        """Return what customers wrote in an inquiry."""
        found = await self.rows(
            f"SELECT text FROM messages WHERE inquiry = {inquiry} AND direction = 'in' ORDER BY id"
        )
        return [row["text"] for row in found]

    async def kinds(self, inquiry: int) -> list[str]:
        """Return what happened to an inquiry, in a word each."""
        found = await self.rows(f"SELECT kind FROM history WHERE inquiry = {inquiry} ORDER BY id")
        return [row["kind"] for row in found]

    async def states(self) -> list[tuple[str, str]]:
        """Return channel and state of all dispatches, but for notices of joins."""
        found = await self.rows(
            "SELECT o.channel, o.state FROM outbox AS o JOIN answers AS a ON a.id = o.answer"
            " WHERE a.template <> 'joined-elsewhere' ORDER BY o.id"
        )
        return [(row["channel"], row["state"]) for row in found]


async def _understand(message: Message | Edit, tx: Transaction) -> None:
    await decisions.remember_configuration(tx, "cafe", "rules: []", NOW)
    (one,) = await arrivals.claim(tx, ArrivalState.WAITING, limit=1, lease=timedelta(minutes=1))
    assert await arrivals.understood(tx, one, understood_as_text(message), "1")


def with_fallback(channel: ChannelName, *names: str) -> tuple[Outlet, ...]:
    """Return the desk's outlets, one of them with a ``fallback`` of its own."""
    return tuple(replace(one, fallback=names) if one.name == channel else one for one in OUTLETS)
