"""Do rules get to know what a file says of who writes, and only of those who may be believed?"""

from dataclasses import replace
from typing import Any

import pytest

from inquiry.decision import Facts
from inquiry.journey import FORM
from inquiry.understood import Message, Party
from inquiry.words import Trust
from router.conditions.customer import Attribute, Organization
from router.customers import Organization as Firm
from router.customers import Organizations, organization_of, with_organization
from router.stage.desk import Desk
from router.stage.step import step
from storage import decisions
from storage.database import Database, Transaction
from storage.records import Line, Record, key_of
from tests.inquiries import NOW, SUPPORT, a_message
from tests.router.test_facts import LATER, World, asking
from tests.router.test_stage import HASH
from tests.storage.imported import imported

VIP = Attribute("vip", ("yes",), "no")
IS_VIP, IS_NOT = '["0"]', "[]"


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def a_vip(world: World, matched_by: str, written: str) -> None:
    line = Line(matched_by, key_of(matched_by, written), Record("", {"vip": "yes"}), 2)
    await world.db.write(lambda tx: imported(tx, [line]))


async def tags_of(world: World, desk: Desk, sender: str, contact: str = "mail") -> str:
    """The tags of what this sender writes, by a channel of this sort."""
    desk = replace(desk, contacts={SUPPORT: contact})
    await world.comes(desk, sender=Party(sender, "Jan"))
    return str((await world.newest())["tags"])


MAIL = [
    pytest.param("Jan@Acme.example", "jan@acme.example", IS_VIP, id="case"),
    pytest.param("jan@acme.example", "jan@mail.acme.example", IS_NOT, id="another domain"),
    pytest.param("jan@bücher.example", "jan@xn--bcher-kva.example", IS_VIP, id="punycode"),
    pytest.param("jan@xn--bcher-kva.example", "jan@BÜCHER.example", IS_VIP, id="unicode"),
]


@pytest.mark.parametrize(("written", "sender", "tags"), MAIL)
async def test_a_mail_address_is_matched(
    world: World, written: str, sender: str, tags: str
) -> None:
    await a_vip(world, "email", written)
    assert await tags_of(world, asking(VIP), sender) == tags


DOMAINS = [
    pytest.param("acme.example", "jan@Acme.Example", IS_VIP, id="itself"),
    pytest.param("@acme.example", "jan@acme.example", IS_VIP, id="with its sign"),
    pytest.param("acme.example", "jan@mail.acme.example", IS_VIP, id="below it"),
    pytest.param("acme.example", "jan@a.b.c.acme.example", IS_VIP, id="far below it"),
    pytest.param("mail.acme.example", "jan@acme.example", IS_NOT, id="above it"),
    pytest.param("acme.example", "jan@notacme.example", IS_NOT, id="only ends alike"),
    pytest.param("bücher.example", "jan@post.xn--bcher-kva.example", IS_VIP, id="punycode"),
    pytest.param("XN--BCHER-KVA.example", "jan@bücher.example", IS_VIP, id="unicode"),
]


@pytest.mark.parametrize(("written", "sender", "tags"), DOMAINS)
async def test_a_domain_is_matched_with_those_below_it(
    world: World, written: str, sender: str, tags: str
) -> None:
    await a_vip(world, "domain", written)
    assert await tags_of(world, asking(VIP), sender) == tags


PHONES = [
    pytest.param("+47 22 33 44 55", "+4722334455", IS_VIP, id="blanks"),
    pytest.param("0047-22.33.44.55", "+47 22334455", IS_VIP, id="00 for the plus"),
    pytest.param("+44 (0)20 7946 0000", "+442079460000", IS_VIP, id="a nought in brackets"),
    pytest.param("22 33 44 55", "+4722334455", IS_NOT, id="without its country"),
    pytest.param("22 33 44 55", "22334455", IS_VIP, id="both without"),
]


@pytest.mark.parametrize(("written", "sender", "tags"), PHONES)
@pytest.mark.parametrize("contact", ["phone", "fax"])
async def test_a_number_is_matched_by_its_digits(
    world: World, written: str, sender: str, tags: str, contact: str
) -> None:
    await a_vip(world, "phone", written)
    assert await tags_of(world, asking(VIP), sender, contact) == tags


REPORTED = [
    pytest.param("sms:+4722334455", IS_VIP, id="a number with its country"),
    pytest.param("sms:+47 22 33 44 55", IS_VIP, id="blanks"),
    pytest.param("app:4722334455", IS_NOT, id="whatever another system counts"),
    pytest.param("sms:+47223344550", IS_NOT, id="another number"),
    pytest.param("app:x+4722334455", IS_NOT, id="no number at all"),
]


@pytest.mark.parametrize(("sender", "tags"), REPORTED)
async def test_a_number_that_another_system_reports_is_matched(
    world: World, sender: str, tags: str
) -> None:
    await a_vip(world, "phone", "0047 22 33 44 55")
    assert await tags_of(world, asking(VIP), sender, "webhook") == tags


async def test_the_nearest_line_says_what_holds(world: World) -> None:
    lines = [
        Line("domain", "acme.example", Record("Acme", {"vip": "no", "region": "north"}), 2),
        Line("domain", "oslo.acme.example", Record("", {"region": "oslo"}), 3),
        Line("email", "jan@oslo.acme.example", Record("", {"vip": "yes"}), 4),
    ]
    await world.db.write(lambda tx: imported(tx, lines))
    await world.comes(asking(), sender=Party("jan@oslo.acme.example"))
    facts = await world.facts()
    assert facts.organization == "Acme"
    assert facts.attributes == {"vip": "yes", "region": "oslo"}


async def test_who_is_in_the_file_is_known_before_the_first_word(world: World) -> None:
    await a_vip(world, "email", "jan@acme.example")
    await world.comes(asking(), sender=Party("jan@acme.example"))
    assert (await world.facts()).customer_known
    await world.comes(asking(), sender=Party("eva@fjell.example"))
    assert not (await world.facts()).customer_known


TRUST = [
    pytest.param(Trust.VERIFIED, '["0", "1"]', id="proven"),
    pytest.param(Trust.CLAIMED, '["0", "1"]', id="an ordinary From"),
    pytest.param(Trust.UNVERIFIED, IS_NOT, id="in doubt"),
]


@pytest.mark.parametrize(("trust", "tags"), TRUST)
async def test_nothing_known_of_an_address_holds_for_a_sender_in_doubt(
    world: World, trust: Trust, tags: str
) -> None:
    await a_vip(world, "email", "jan@kunde.example")
    await world.comes(asking(VIP, Organization(("acme",))), trust=trust)
    assert (await world.newest())["tags"] == tags


async def comes_by_form(world: World, desk: Desk, **changes: Any) -> None:
    said: Message = a_message(message_id="", **changes)
    await world.arrived(said, SUPPORT, FORM)

    async def remember(tx: Transaction) -> None:
        await decisions.remember_configuration(tx, HASH, "rules: []", NOW)

    await world.db.write(remember)
    assert await step(world.db, desk, now=LATER)


async def test_a_form_vouches_only_for_who_came_by_a_status_link(world: World) -> None:
    await a_vip(world, "email", "jan@kunde.example")
    await comes_by_form(world, asking(VIP), trust=Trust.UNVERIFIED)
    assert (await world.newest())["tags"] == IS_NOT
    await comes_by_form(world, asking(VIP), trust=Trust.VERIFIED)
    assert (await world.newest())["tags"] == IS_VIP


async def test_the_facts_that_are_kept_say_that_the_sender_was_in_doubt(world: World) -> None:
    await a_vip(world, "email", "jan@kunde.example")
    await world.comes(asking(VIP), trust=Trust.UNVERIFIED)
    facts = await world.facts()
    assert facts.in_doubt
    assert (facts.recorded, facts.attributes, facts.organization) == ({}, {}, "")


@pytest.mark.parametrize(
    ("domain", "address"),
    [
        pytest.param("bücher.example", "jan@post.xn--bcher-kva.example", id="punycode"),
        pytest.param("xn--bcher-kva.example", "jan@Bücher.example", id="unicode"),
        pytest.param("acme.example", "jan@mail.acme.example.", id="a dot at the end"),
    ],
)
def test_an_organization_has_its_domain_in_any_spelling(domain: str, address: str) -> None:
    firms = Organizations([Firm("firm", (domain,))])
    found = organization_of(firms, address)
    assert found
    assert found.name == "firm"


def test_facts_that_are_worked_out_again_keep_the_doubt() -> None:
    firms = Organizations([Firm("acme", ("kunde.example",), {"contract": "gold"})])
    facts = Facts(now=NOW, channel=SUPPORT, customer={"address": "jan@kunde.example"})
    assert with_organization(facts, firms).attributes == {"contract": "gold"}
    doubted = with_organization(replace(facts, in_doubt=True), firms)
    assert (doubted.organization, doubted.attributes) == ("", {})
