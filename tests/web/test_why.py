"""Does "Why here?" tell what was recorded, by the rules of then, and answer why not otherwise?"""

import pytest

from inquiry.decision import Decision, Facts, Signal, Urgency, Winner
from inquiry.words import Priority
from router.conditions.message import Flag
from storage import decisions
from storage.database import Transaction
from tests.inquiries import FIRST_LINE, NOW, SUPPORT, Opened
from tests.router.builders import a_rule, the_rules
from tests.web.site import Site
from web.pages import MOST_RULES

WINNERS = (
    Winner(field="queue", value="first-line", rule="everything-else", place="desk.yaml:15"),
    Winner(
        field="priority_at_least",
        value="high",
        rule="outages",
        place="rules.yaml:7",
        because="mentions outage: “nie działa”",
    ),
)
DECISION = Decision(
    queue=FIRST_LINE,
    priority=Priority.HIGH,
    winners=WINNERS,
    matched=("outages", "everything-else"),
    urgency=Urgency(points=60, level=Priority.HIGH, signals=(Signal("vip", 20, "customer vip"),)),
    configuration="0123456789abcdef",
)
FACTS = Facts(
    now=NOW,
    channel=SUPPORT,
    customer_known=True,
    organization="acme",
    attributes={"vip": "yes"},
    counted={"messages 86400s": 2, "waiting first-line": 26},
    last_category="printer",
)


async def decided(site: Site, decision: Decision = DECISION, facts: Facts = FACTS) -> Opened:
    opened = await site.inquiries.opened()

    async def record(tx: Transaction) -> None:
        await decisions.remember_configuration(tx, decision.configuration, "version: 1", NOW)
        await decisions.record(
            tx, opened.arrival, opened.id, decision=decision, facts=facts, normalizer="1", now=NOW
        )

    await site.db.write(record)
    return opened


async def why(site: Site, opened: Opened, query: str = "") -> str:
    text = await site.text(f"/inquiry/{opened.reference}/why{query}")
    return " ".join(text.split())


async def test_every_field_names_its_rule(kasia: Site) -> None:
    text = await why(kasia, await decided(kasia))
    for words in (
        '<th scope="row">priority</th>',
        "<b>high</b>",
        "<code>outages</code>",
        "rules.yaml:7",
        "raised from normal · mentions outage: “nie działa”",
        'vip <b>+20</b> <span class="quiet">(customer vip)</span>',
        "<dt>vip</dt><dd>yes</dd>",
        "<dt>organization</dt><dd>acme</dd>",
        "2 earlier messages in 1d · 26 waiting in first-line · last category printer",
        "0123456789ab<",
    ):
        assert words in text


async def test_the_rules_of_now_are_compared(kasia: Site) -> None:
    assert "Today&#39;s rules would decide the same." in await why(kasia, await decided(kasia))
    other = Decision(queue=FIRST_LINE, configuration="cafe", winners=WINNERS[:1])
    text = await why(kasia, await decided(kasia, other))
    assert "Today&#39;s rules would decide otherwise:" in text
    assert "priority normal → high (<code>outages</code>)" in text


async def test_each_rule_is_told_with_its_conditions(kasia: Site) -> None:
    text = await why(kasia, await decided(kasia))
    trace = text.split('<ol class="trace">')[1].split("</ol>")[0]
    assert trace.index("<code>outages</code>") < trace.index("<code>invoices</code>")
    assert "mentions invoice: none of the words" in trace
    assert "→ queue: <b>first-line</b>" in trace


async def test_a_configuration_that_cannot_be_read_any_more_is_said(kasia: Site) -> None:
    kasia.rules_of_then = "this version can't read configuration 012345 any more: no"
    text = await why(kasia, await decided(kasia), "?field=queue&value=invoices")
    assert "Only what was recorded can be told: this version can&#39;t read" in text
    assert '<ol class="trace">' not in text
    assert "<code>outages</code>" in text


async def test_why_not(kasia: Site) -> None:
    text = await why(kasia, await decided(kasia), "?field=queue&value=invoices")
    answer = text.split('<div class="refused-wish">')[1]
    for words in (
        "Why not queue: invoices?",
        "<code>invoices</code>",
        "would set queue: invoices, but did not match:",
        "mentions invoice: none of faktura*, счёт*, bill in 3 words",
        "Instead: queue <b>first-line</b>, <code>everything-else</code>",
    ):
        assert words in answer
    assert '<option value="queue" selected>' in text
    assert 'name="value" value="invoices"' in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?field=queue&value=invoicse", "No rule sets this. Did you mean “invoices”?"),
        ("?field=colour&value=red", "rules decide no field &#39;colour&#39;"),
        ("?field=queue&value=first-line", "It is so: <code>everything-else</code>"),
        ("?field=handle&value=inquiry", "It came out so, though no rule decided it."),
        ("?field=set&value=order%3D1", "Why not set.order: 1?"),
        ("?field=queue&value=%3Cscript%3E", "Why not queue: &lt;script&gt;?"),
    ],
)
async def test_whatever_is_asked_gets_an_answer(kasia: Site, query: str, said: str) -> None:
    assert said in await why(kasia, await decided(kasia), query)


async def test_an_inquiry_without_a_decision(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    assert "No decision is recorded" in await why(kasia, opened)


async def test_of_very_many_rules_those_that_matched_are_told(kasia: Site) -> None:
    many = [a_rule(f"rule-{number}", Flag("bounce", True)) for number in range(MOST_RULES)]
    kasia.rules_of_then = the_rules(*many, a_rule("last", then={"queue": "first-line"}))
    text = await why(kasia, await decided(kasia))
    assert f"Of {MOST_RULES + 1} rules only those that matched are shown" in text
    trace = text.split('<ol class="trace">')[1]
    assert "<code>last</code>" in trace
    assert "<code>rule-7</code>" not in trace
