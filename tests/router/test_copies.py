"""One mail to two of our addresses: is it one inquiry that both queues know, and never too much?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inquiry.journey import ChannelName, Envelope, InquiryId
from inquiry.understood import Attachment, Message, Party
from router.conditions.message import Address, Channel
from router.join import is_copy
from router.logic import All
from router.rules import Effect, Rule, compile_rules
from router.stage.copies import COPY_WITHIN
from router.stage.step import step
from storage import decisions, history
from storage.database import Database
from storage.inquiries import query, reading
from tests.inquiries import NOW, SUPPORT, a_message
from tests.router.test_stage import DESK, HASH, World, proof
from tests.rows import rows

SALES = ChannelName("sales-mail")
AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
FILE = Attachment(filename="a.pdf", content_type="application/pdf", size=3, sha256="aa")
MAIL_TO_BOTH = Message(
    sender=Party("jan@kunde.example"),
    to=(Party("support@nordlys.example"), Party("sales@nordlys.example")),
    subject="Drukarka",
    text="nie działa",
    html="<p>nie działa",
    message_id="<1@kunde.example>",
    sent_at=AT,
    attachments=(FILE,),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="the same"),
        pytest.param({"sender": Party("Jan@Kunde.example", "Jan")}, True, id="a name beside it"),
        pytest.param({"text": "nie działa!"}, False, id="other words"),
        pytest.param({"html": "<p>nie"}, False, id="other markup"),
        pytest.param({"subject": "Inna"}, False, id="another subject"),
        pytest.param({"sender": Party("eve@x.example")}, False, id="another sender"),
        pytest.param({"sent_at": AT + timedelta(hours=1)}, False, id="another date"),
        pytest.param({"attachments": ()}, False, id="a file less"),
        pytest.param({"attachments": (replace(FILE, sha256="bb"),)}, False, id="another file"),
        pytest.param({"message_id": "<2@kunde.example>"}, False, id="another id"),
        pytest.param({"cc": (Party("c@x.example"),)}, False, id="written to somebody else"),
    ],
)
def test_only_the_very_same_mail_is_a_copy(changes: dict[str, Any], expected: bool) -> None:
    later = replace(MAIL_TO_BOTH, **changes)
    assert is_copy(MAIL_TO_BOTH, Envelope(), later, Envelope(), same_channel=False) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(("a@n.example",), ("b@n.example",), True, id="another recipient"),
        pytest.param(("a@n.example",), ("A@n.example",), False, id="the same recipient"),
        pytest.param((), (), False, id="no recipient known"),
    ],
)
def test_on_one_channel_the_recipient_must_differ(
    before: tuple[str, ...], after: tuple[str, ...], expected: bool
) -> None:
    first, second = Envelope(rcpt_to=before), Envelope(rcpt_to=after)
    found = is_copy(MAIL_TO_BOTH, first, MAIL_TO_BOTH, second, same_channel=True)
    assert found is expected


def test_a_mailbox_tells_its_recipients_by_the_headers() -> None:
    first = replace(MAIL_TO_BOTH, headers={"delivered-to": "a@n.example"})
    second = replace(MAIL_TO_BOTH, headers={"delivered-to": "b@n.example"})
    assert is_copy(first, Envelope(), second, Envelope(), same_channel=True)


def test_mail_without_an_id_is_never_a_copy() -> None:
    bare = replace(MAIL_TO_BOTH, message_id="")
    assert not is_copy(bare, Envelope(), bare, Envelope(), same_channel=False)


RULES = compile_rules(
    [
        Rule(name="sales", when=Channel((SALES,)), then=(Effect("queue", "sales"),)),
        Rule(
            name="rest",
            when=All(()),
            then=(Effect("queue", "first-line"), Effect("reply", "ack")),
        ),
    ],
    configuration=HASH,
)
TWO = replace(DESK, rules=RULES, contacts={SUPPORT: "mail", SALES: "mail"})


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def comes(
    world: World, message: Message, channel: ChannelName, now: datetime = NOW, **envelope: Any
) -> None:
    await world.comes(message, channel, placed=False, **envelope)
    assert await step(world.db, TWO, now=now)


async def found_in(world: World, queue: str) -> list[str]:
    wanted = query.parse(f"is:open queue:{queue}")
    return [
        one.reference for one in await world.db.read(lambda tx: reading.listed(tx, wanted, None))
    ]


async def test_one_mail_to_two_addresses_is_one_inquiry_in_both_queues(world: World) -> None:
    await comes(world, a_message(), SUPPORT)
    await comes(world, a_message(), SALES)
    (inquiry,) = await world.rows("inquiries")
    assert (inquiry["queue"], inquiry["tags"]) == ("first-line", '["also-sales"]')
    assert await world.kinds(1) == ["opened", "decided", "also-came"]
    assert await found_in(world, "first-line") == await found_in(world, "sales")
    assert await found_in(world, "sale") == []
    assert len(await world.rows("messages")) == len(await world.rows("answers")) == 1
    kept = await world.db.read(lambda tx: decisions.of_inquiry(tx, InquiryId(1)))
    assert [one.decision.queue for one in kept] == ["first-line", "sales"]


OURS = Party("support@nordlys.example"), Party("Sales+x@nordlys.example")
BY_ADDRESS = compile_rules(
    [
        Rule(
            name="sales",
            when=Address(side="to", wanted=("sales+x@nordlys.example", "sales@nordlys.example")),
            then=(Effect("queue", "sales"),),
            stop=True,
        ),
        *RULES.rules[1:],
    ],
    configuration=HASH,
)


@pytest.mark.parametrize(
    ("to", "cc", "queue", "tags"),
    [
        pytest.param(OURS, (), "sales", '["also-first-line"]', id="both in To"),
        pytest.param(OURS[1:], OURS[:1], "sales", '["also-first-line"]', id="one in Cc"),
        pytest.param(OURS[:1], (), "first-line", "[]", id="one alone"),
        pytest.param(OURS[1:], (Party("boss@kunde.example"),), "sales", "[]", id="and a stranger"),
        pytest.param((OURS[1], Party("sales@nordlys.example")), (), "sales", "[]", id="one twice"),
    ],
)
async def test_one_copy_for_two_addresses_is_known_to_both_queues(
    world: World, to: tuple[Party, ...], cc: tuple[Party, ...], queue: str, tags: str
) -> None:
    own = frozenset({"support@nordlys.example", "sales@nordlys.example"})
    desk = replace(TWO, rules=BY_ADDRESS, own_addresses=own)
    await world.comes(a_message(to=to, cc=cc), SUPPORT, placed=False)
    assert await step(world.db, desk, now=NOW)
    (inquiry,) = await world.rows("inquiries")
    assert (inquiry["queue"], inquiry["tags"]) == (queue, tags)
    assert len(await world.rows("answers")) == (queue == "first-line")
    events = await world.db.read(lambda tx: history.of(tx, InquiryId(1)))
    told = [event.data["to"] for event in events if event.kind == "also-came"]
    assert told == ([OURS[0].address] if tags != "[]" else [])


async def test_a_copy_disturbs_nobody_who_is_done_with_it(world: World) -> None:
    await comes(world, a_message(), SUPPORT)
    await world.set_state("resolved")
    await comes(world, a_message(), SALES)
    (inquiry,) = await world.rows("inquiries")
    assert (inquiry["state"], inquiry["unanswered"]) == ("resolved", 1)


async def test_a_copy_for_the_same_queue_needs_no_tag(world: World) -> None:
    await comes(world, a_message(), SUPPORT, rcpt_to=("help@nordlys.example",))
    await comes(world, a_message(), SUPPORT, rcpt_to=("support@nordlys.example",))
    (inquiry,) = await world.rows("inquiries")
    assert inquiry["tags"] == "[]"


async def test_a_copied_follow_up_is_one_message(world: World) -> None:
    await comes(world, a_message(), SUPPORT)
    again = a_message(**proof())
    await comes(world, again, SUPPORT)
    await comes(world, again, SALES)
    assert len(await world.rows("messages")) == 2
    assert (await world.kinds(1))[-1] == "also-came"


@pytest.mark.parametrize(
    ("changes", "channel", "later"),
    [
        pytest.param({"text": "x", "new_text": "x"}, SALES, 0, id="the id of another's words"),
        pytest.param({"sender": Party("eve@x.example")}, SALES, 0, id="somebody else's id"),
        pytest.param({}, SUPPORT, 0, id="again to the same address"),
        pytest.param({}, SALES, 25, id="a day later"),
    ],
)
async def test_an_equal_id_alone_never_hides_a_message(
    world: World, changes: dict[str, Any], channel: ChannelName, later: int
) -> None:
    await comes(world, a_message(), SUPPORT)
    await comes(world, a_message(**changes), channel, NOW + timedelta(hours=later))
    assert len(await world.rows("inquiries")) == len(await world.rows("messages")) == 2
    assert timedelta(hours=25) > COPY_WITHIN


async def test_a_withdrawn_original_is_no_reason_to_drop_its_copy(world: World) -> None:
    await comes(world, a_message(), SUPPORT)
    await rows(world.db, "UPDATE messages SET deleted_at = 1")
    await comes(world, a_message(), SALES)
    assert len(await world.rows("inquiries")) == 2
