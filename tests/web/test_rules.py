"""Do the rule lab and the page of counts show what they should, to those who may see it?"""

import pytest

from inquiry.decision import Decision, Facts, Winner
from inquiry.journey import QueueName
from specialists.acts import handover
from storage import decisions, history
from storage.database import Transaction
from storage.rule_counts import fold
from tests.inquiries import NOW, OLA, SUPPORT
from tests.web.site import Site

DECISION = Decision(
    matched=("everything-else", "gone"),
    winners=(
        Winner(field="queue", value="first-line", rule="everything-else"),
        Winner(field="priority_at_least", value="high", rule="urgency"),
    ),
    configuration="cafe",
)


async def decided(site: Site, *, moved: bool = False) -> None:
    opened = await site.inquiries.opened()

    async def record(tx: Transaction) -> None:
        await decisions.remember_configuration(tx, "cafe", "version: 1", NOW)
        await history.add(
            tx, opened.id, "decided", history.RULES, now=NOW, winners=DECISION.winners
        )
        facts = Facts(now=NOW, channel=SUPPORT)
        await decisions.record(
            tx, opened.arrival, opened.id, decision=DECISION, facts=facts, normalizer="", now=NOW
        )

    await site.db.write(record)
    if moved:
        await handover.move(
            site.db, inquiry=opened.id, specialist=OLA, queue=QueueName("invoices"), now=NOW
        )


async def page(site: Site, path: str) -> str:
    return " ".join((await site.text(path)).split())


async def test_every_rule_is_counted_and_those_that_never_matched_are_there(kasia: Site) -> None:
    for moved in (True, False, False, False):
        await decided(kasia, moved=moved)
    assert "4 decisions are still to be counted." in await page(kasia, "/rules")
    await fold(kasia.db, kasia.desk.timezone, now=kasia.moment)
    text = await page(kasia, "/rules")
    rows = {row.split("</code>")[0].split("<code>")[1]: row for row in text.split("<tr>")[2:]}
    assert list(rows) == ["outages", "invoices", "everything-else", "gone", "urgency"]
    assert "never" in rows["outages"]
    assert '<td class="number">4</td>' in rows["everything-else"]
    assert "25 %" in rows["everything-else"]
    assert "1 of 4" in rows["everything-else"]
    assert rows["everything-else"].count("<g>") == 12
    assert rows["everything-else"].count('class="by-hand"') == 1
    assert "16 Nov – 22 Nov: 4" in rows["everything-else"]
    assert "not a rule now" in rows["gone"]
    assert "not a rule now" not in rows["urgency"]
    assert "0 of 4" in rows["urgency"]
    assert "still to be counted" not in text


async def test_the_lab_decides_by_the_rules_in_force(kasia: Site) -> None:
    assert "What the rules decide" not in await page(kasia, "/rules/lab")
    form = {
        "channel": "support-mail",
        "sender": "jan@acme.example",
        "subject": "Everything is down",
        "field": "queue",
        "value": "invoices",
    }
    response = await kasia.post("/rules/lab", form)
    assert response.status == 200
    text = " ".join((await response.text()).split())
    outcome = text.split('id="outcome"')[1]
    assert "raised from normal · mentions outage: “down”" in outcome
    assert "Why not queue: invoices?" in outcome
    assert "<details open><summary>Rule by rule" in outcome
    assert 'name="subject" value="Everything is down"' in text
    assert await kasia.inquiries.rows("arrivals") == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"mail": "bomb"}, "that can&#39;t be understood", id="a bomb"),
        pytest.param({"text": "a" * 100_001}, "text: more than 100000 letters", id="too long"),
        pytest.param({"text": "a", "field": "colour", "value": "x"}, "no field", id="no field"),
        pytest.param({"text": "<script>"}, "&lt;script&gt;</textarea>", id="signs"),
        pytest.param({"text": "a", "channel": "?"}, "everything-else", id="an unknown channel"),
        pytest.param({}, "Nothing is stored, nothing is sent.", id="nothing"),
    ],
)
async def test_whatever_is_tried_is_answered(kasia: Site, form: dict[str, str], said: str) -> None:
    response = await kasia.post("/rules/lab", form)
    assert response.status == 200
    assert said in await response.text()


async def test_the_lab_takes_a_form_of_its_own_page_only(kasia: Site) -> None:
    response = await kasia.post("/rules/lab", {"text": "a"}, {"Sec-Fetch-Site": "cross-site"})
    assert response.status == 403


async def test_pasted_rules_are_shown_with_what_they_would_change(kasia: Site) -> None:
    shown = await kasia.post("/rules/lab/proposed", {"rules": "- {name: a, when: <all>}"})
    text = await shown.text()
    assert shown.status == 200
    assert "3 of the newest 40 messages would be decided otherwise." in text
    assert "3 × queue: first-line → second-line" in text
    assert "check finds nothing wrong." in text
    assert "- {name: a, when: &lt;all&gt;}</textarea>" in text
    assert "NL-2026-00001" in text


async def test_what_is_wrong_with_pasted_rules_is_shown(kasia: Site) -> None:
    text = await (await kasia.post("/rules/lab/proposed", {"rules": "- {name: a}"})).text()
    assert "1:3: error[missing]: &#39;when&#39; is &lt;missing&gt;" in text
    assert "No message was decided by them" in text
    text = await (await kasia.post("/rules/lab/proposed", {"rules": "bomb"})).text()
    assert "that took longer than 30 seconds" in text
    empty = await kasia.post("/rules/lab/proposed", {"rules": " "})
    assert "What these rules would change" not in await empty.text()


async def test_pasted_rules_are_for_specialists_on_our_own_pages(site: Site, kasia: Site) -> None:
    asked = {"rules": "- {name: a, when: always}"}
    crossing = await kasia.post("/rules/lab/proposed", asked, {"Sec-Fetch-Site": "cross-site"})
    assert crossing.status == 403
