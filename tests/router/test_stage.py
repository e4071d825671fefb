"""Does every understood arrival end in exactly one place, and the right one?"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from inquiry.journey import (
    MAIL,
    ArrivalId,
    ChannelName,
    ContactPointId,
    InquiryId,
)
from inquiry.tokens import KeyRing, message_id, new_nonce
from inquiry.understood import Edit, Message, Party, Report, Understood
from inquiry.words import Automated, Trust
from router.logic import All
from router.rules import Effect, Rule, compile_rules
from router.stage.desk import Desk
from router.stage.step import step
from storage import arrivals, decisions, history, quarantine
from storage.database import Database, Transaction
from storage.inquiries.opening import next_reference
from tests.inquiries import NOW, SUPPORT, TELEGRAM, Inquiries, a_message
from tests.rows import rows

RING = KeyRing((b"test key",))
HASH = "cafe"
EVERYTHING = Rule(
    name="everything-else",
    when=All(()),
    then=(Effect("queue", "first-line"), Effect("category", "other"), Effect("reply", "ack")),
)
DESK = Desk(
    rules=compile_rules([EVERYTHING], configuration=HASH),
    reference_format="NL-{year}-{seq:05}",
    key_ring=RING,
    contacts={SUPPORT: "mail", TELEGRAM: "telegram"},
    own_addresses=frozenset({"support@nordlys.example"}),
)


class World:
    """A desk's database with arrivals that are understood already."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._inquiries = Inquiries(db)
        self._count = 0

    async def comes(
        self,
        understood: Understood,
        channel: ChannelName = SUPPORT,
        *,
        placed: bool = True,
        **envelope: Any,
    ) -> ArrivalId:
        """Let something arrive, be understood and placed; return its arrival."""
        self._count += 1
        accepted = await self._inquiries.arrived(understood, channel, MAIL, **envelope)
        await self.db.write(lambda tx: decisions.remember_configuration(tx, HASH, "rules: []", NOW))
        if placed:
            assert await step(self.db, DESK, now=NOW + timedelta(minutes=self._count))
        return accepted

    async def rows(self, table: str) -> list[dict[str, Any]]:
        return await rows(self.db, f"SELECT * FROM {table} ORDER BY id")

    async def set_state(self, state: str) -> None:
        now = int(NOW.timestamp() * 1_000_000)
        closed = f", closed_at = {now}" if state == "closed" else ""
        await rows(self.db, f"UPDATE inquiries SET state = '{state}', resolved_at = {now} {closed}")

    async def state(self, arrival: ArrivalId) -> tuple[str, str | None]:
        found = await self.db.read(partial(_find, arrival))
        return found.state, found.reason

    async def kinds(self, inquiry: int) -> list[str]:
        events = await self.db.read(lambda tx: history.of(tx, InquiryId(inquiry)))
        return [event.kind for event in events]


async def _find(arrival: ArrivalId, tx: Transaction) -> arrivals.Stored:
    return await arrivals.find(tx, arrival)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def proof(inquiry: int = 1) -> dict[str, Any]:
    own = message_id(RING, InquiryId(inquiry), new_nonce(), "desk.example")
    return {"thread_keys": (own,), "message_id": f"<{new_nonce()}@kunde.example>"}


async def test_a_first_message_opens_an_inquiry(world: World) -> None:
    arrival = await world.comes(a_message())
    (inquiry,) = await world.rows("inquiries")
    assert await world.state(arrival) == ("done", None)
    assert (inquiry["reference"], inquiry["state"]) == ("NL-2026-00001", "new")
    assert (inquiry["queue"], inquiry["language"]) == ("first-line", "pl")
    assert await world.kinds(inquiry["id"]) == ["opened", "decided"]


async def test_the_decision_is_kept_with_its_facts(world: World) -> None:
    await world.comes(a_message())
    (kept,) = await world.db.read(lambda tx: decisions.of_inquiry(tx, InquiryId(1)))
    assert kept.decision.configuration == HASH
    assert {winner.field for winner in kept.decision.winners} == {"queue", "category", "reply"}
    assert kept.facts.customer["address"] == "jan@kunde.example"
    assert not kept.facts.customer_known


async def test_the_reply_that_the_rules_ask_for_waits_to_be_composed(world: World) -> None:
    await world.comes(a_message())
    (answer,) = await world.rows("answers")
    assert (answer["template"], answer["purpose"]) == ("ack", "acknowledgement")


@pytest.mark.parametrize(
    ("message", "envelope"),
    [
        pytest.param(a_message(automated=Automated.AUTO_REPLY), {}, id="an out-of-office note"),
        pytest.param(a_message(mailing_list=True), {}, id="a mailing list"),
        pytest.param(a_message(trust=Trust.UNVERIFIED), {}, id="a sender in doubt"),
        pytest.param(a_message(), {"mail_from": ""}, id="the null sender"),
        pytest.param(a_message(sender=Party("Support@Nordlys.example")), {}, id="our own address"),
    ],
)
async def test_no_program_answers(world: World, message: Message, envelope: dict[str, Any]) -> None:
    await world.comes(message, **envelope)
    assert len(await world.rows("inquiries")) == 1
    assert await world.rows("answers") == []


async def test_a_forwarded_mail_is_the_customers_and_the_remark_is_a_note(world: World) -> None:
    ola = Party("ola@nordlys.example", "Ola Hansen")
    await world.comes(a_message(forwarded_by=ola, forwarding_note="Kan noen ta denne?"))
    (message,) = await world.rows("messages")
    (contact_point,) = await world.rows("contact_points")
    (note,) = await world.rows("notes")
    assert (contact_point["address"], message["text"]) == ("jan@kunde.example", "nie działa")
    assert (note["specialist"], note["text"]) == ("ola@nordlys.example", "Kan noen ta denne?")
    assert await world.kinds(1) == ["opened", "forwarded", "noted", "decided"]


async def test_proof_and_a_participants_address_join(world: World) -> None:
    await world.comes(a_message())
    await world.comes(a_message(**proof()))
    (inquiry,) = await world.rows("inquiries")
    assert inquiry["unanswered"] == 2
    assert await world.kinds(1) == ["opened", "decided", "followed-up", "decided"]


async def test_a_follow_up_reopens_a_resolved_inquiry(world: World) -> None:
    await world.comes(a_message())
    await world.set_state("resolved")
    await world.comes(a_message(**proof()))
    (inquiry,) = await world.rows("inquiries")
    assert inquiry["state"] == "open"
    assert "reopened" in await world.kinds(1)


async def test_a_closed_inquiry_is_continued_by_a_new_one(world: World) -> None:
    await world.comes(a_message())
    await world.set_state("closed")
    await world.comes(a_message(**proof()))
    first, second = await world.rows("inquiries")
    assert (first["state"], second["continues"]) == ("closed", first["id"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param(
            {"sender": Party("eve@other.example")}, "written from another address", id="stranger"
        ),
        pytest.param({"trust": Trust.UNVERIFIED}, "the sender is in doubt", id="sender in doubt"),
    ],
)
async def test_proof_in_the_wrong_hands_lies_beside(
    world: World, changes: dict[str, Any], reason: str
) -> None:
    await world.comes(a_message())
    arrival = await world.comes(a_message(**{**proof(), **changes}))
    (aside,) = await world.rows("asides")
    assert (aside["inquiry"], aside["reason"]) == (1, reason)
    assert await world.state(arrival) == ("done", None)
    assert len(await world.rows("inquiries")) == 1


async def test_a_known_number_or_reference_alone_only_hints(world: World) -> None:
    await world.comes(a_message())
    hint = a_message(subject="Re: [NL-2026-00001]", in_reply_to="<1@kunde.example>", message_id="")
    await world.comes(hint)
    assert len(await world.rows("inquiries")) == 2
    assert await world.kinds(2) == ["opened", "related", "decided"]


async def test_automatic_mail_with_proof_disturbs_nobody(world: World) -> None:
    await world.comes(a_message())
    await world.set_state("resolved")
    await world.comes(a_message(**proof(), automated=Automated.AUTO_REPLY))
    (inquiry,) = await world.rows("inquiries")
    assert inquiry["state"] == "resolved"
    assert (await world.kinds(1))[-1] == "automatic-mail"


async def test_a_conversation_goes_on_in_its_latest_inquiry(world: World) -> None:
    chat = a_message(sender=Party("4711", "Mari"), conversation="99", message_id="", remote_id="1")
    await world.comes(chat, TELEGRAM)
    await world.comes(replace(chat, remote_id="2"), TELEGRAM)
    assert len(await world.rows("inquiries")) == 1
    await world.set_state("closed")
    await world.comes(replace(chat, remote_id="3"), TELEGRAM)
    assert len(await world.rows("inquiries")) == 2


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        pytest.param("\n Min skriver virker ikke\nHva nå?", "Min skriver virker ikke", id="a line"),
        pytest.param("ord " * 40, "ord " * 19 + "ord…", id="a long line is cut between words"),
        pytest.param("å" * 200, "å" * 79 + "…", id="one endless word"),
        pytest.param("", "", id="nothing"),
    ],
)
async def test_what_has_no_subject_is_called_by_its_first_words(
    world: World, text: str, subject: str
) -> None:
    await world.comes(a_message(subject="", text=text, new_text=text))
    (inquiry,) = await world.rows("inquiries")
    assert inquiry["subject"] == subject


async def test_an_edit_changes_its_message(world: World) -> None:
    chat = a_message(sender=Party("4711"), conversation="99", message_id="", remote_id="1")
    await world.comes(chat, TELEGRAM)
    edited = Edit(remote_id="1", conversation="99", message=replace(chat, new_text="działa"))
    await world.comes(edited, TELEGRAM)
    (message,) = await world.rows("messages")
    assert message["new_text"] == "działa"
    assert (await world.kinds(1))[-1] == "edited"


async def test_an_edit_of_a_message_that_never_came_is_the_message(world: World) -> None:
    chat = a_message(sender=Party("4711"), conversation="99", message_id="", remote_id="1")
    await world.comes(Edit(remote_id="1", conversation="99", message=chat), TELEGRAM)
    assert len(await world.rows("messages")) == 1


async def test_what_the_status_page_brings_joins_as_its_holder(world: World) -> None:
    await world.comes(a_message())
    await world.comes(
        Message(text="I teraz?", new_text="I teraz?"),
        inquiry=InquiryId(1),
        contact_point=ContactPointId(1),
    )
    assert await world.kinds(1) == ["opened", "decided", "followed-up", "decided"]


@pytest.mark.parametrize(
    ("understood", "reason"),
    [
        pytest.param(a_message(sender=None), "no sender can be read", id="nobody"),
        pytest.param(
            a_message(automated=Automated.LOOP), "handle: quarantine", id="our own mail come back"
        ),
    ],
)
async def test_what_can_be_no_inquiry_is_kept_in_quarantine(
    world: World, understood: Message, reason: str
) -> None:
    arrival = await world.comes(understood)
    assert await world.state(arrival) == ("quarantined", reason)
    assert await world.rows("inquiries") == []


async def test_released_it_becomes_an_inquiry_all_the_same(world: World) -> None:
    arrival = await world.comes(a_message(sender=None))
    await world.db.write(lambda tx: quarantine.release(tx, arrival))
    assert await step(world.db, DESK, now=NOW)
    assert len(await world.rows("inquiries")) == 1


async def test_released_it_has_a_queue_though_the_rules_gave_none(world: World) -> None:
    loops = (Effect("handle", "quarantine"), Effect("reason", "automatic mail"))
    own = Rule(name="own-loops", when=All(()), then=loops, stop=True)
    desk = replace(DESK, rules=compile_rules([own, EVERYTHING], configuration=HASH))
    arrival = await world.comes(a_message(), placed=False)
    assert await step(world.db, desk, now=NOW)
    assert await world.state(arrival) == ("quarantined", "automatic mail")
    await world.db.write(lambda tx: quarantine.release(tx, arrival))
    assert await step(world.db, desk, now=NOW)
    (inquiry,) = await world.rows("inquiries")
    assert inquiry["queue"] == "first-line"


async def test_a_report_of_nothing_we_sent_goes_by_the_rules(world: World) -> None:
    bounce = Report(kind=Automated.BOUNCE, message=a_message(automated=Automated.BOUNCE))
    await world.comes(bounce)
    assert len(await world.rows("inquiries")) == 1


async def test_a_bug_over_one_costs_the_others_nothing(world: World) -> None:
    first = await world.comes(a_message())
    await rows(world.db, "UPDATE arrivals SET state = 'understood', leased_until = NULL")
    second = await world.comes(a_message(sender=Party("per@kunde.example")), placed=False)
    while await step(world.db, DESK, now=NOW):
        pass
    state, reason = await world.state(first)
    assert (state, reason) == ("quarantined", "a fault of deskbridge: ConstraintViolated")
    assert await world.state(second) == ("done", None)


async def test_an_idle_stage_rests(world: World) -> None:
    assert not await step(world.db, DESK, now=NOW)


async def test_the_numbers_begin_anew_each_year(world: World) -> None:
    await world.comes(a_message())
    later = NOW.replace(year=2027)
    await world.db.write(partial(_number, later))
    assert await world.db.write(partial(_number, later)) == "NL-2027-00002"


async def _number(now: datetime, tx: Transaction) -> str:
    return await next_reference(tx, DESK.reference_format, now)
