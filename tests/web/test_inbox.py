"""Does a list show what is to be done, and nothing that does harm?"""

import re

import pytest

from inquiry.understood import Party
from specialists.acts import marks, progress
from storage.inquiries import reading
from tests.inquiries import INVOICES, KASIA, MINUTE, NOW, OLA, a_message
from tests.web.site import Site, location


async def test_the_first_page_leads_to_the_inbox(kasia: Site) -> None:
    assert location(await kasia.get("/")) == "/inbox"


async def test_a_line_says_what_matters(kasia: Site) -> None:
    message = a_message(new_text="nie działa\nod rana", text="nie działa\nod rana")
    opened = await kasia.inquiries.opened(message, assign_to=KASIA)
    await marks.tag(kasia.db, inquiry=opened.id, specialist=OLA, tags=["vip"], now=NOW)
    text = await kasia.text("/inbox")
    for word in (opened.reference, "Drukarka", "nie działa od rana", "Jan Kowalski", "Kasia Nowak"):
        assert word in text
    assert '<h2><a href="/inquiry/NL-2026-00001" lang="pl">Drukarka</a></h2>' in text
    assert '<p lang="pl">' in text
    assert 'class="chip state-new">new<' in text
    assert 'class="chip tag">vip<' in text
    assert f'<time class="age" datetime="{NOW.isoformat()}"' in text


async def test_the_side_bar_counts(kasia: Site) -> None:
    await kasia.inquiries.opened(assign_to=KASIA)
    await kasia.inquiries.opened(queue=INVOICES)
    solved = await kasia.inquiries.opened()
    await progress.resolve(kasia.db, inquiry=solved.id, specialist=OLA, now=NOW)
    text = " ".join((await kasia.text("/inbox")).split())
    for name, count in (("Mine", 1), ("Unassigned", 1), ("All open", 2), ("invoices", 1)):
        assert re.search(
            rf'<span>{name}</span><b class="count" data-live="[^"]+">{count}</b>', text
        )
    assert re.search(r'<span>printers</span><b class="count" data-live="[^"]+" hidden>', text)
    assert "2 inquiries" in text


@pytest.mark.parametrize(
    ("query", "there"),
    [
        pytest.param("is:open assignee:me", {"1"}, id="mine"),
        pytest.param("is:unassigned", {"2"}, id="nobody's"),
        pytest.param("is:open queue:invoices", {"2"}, id="a queue"),
        pytest.param("drukarka", {"1"}, id="words"),
        pytest.param("xyzzy", set(), id="nothing"),
    ],
)
async def test_a_list_is_a_query(kasia: Site, query: str, there: set[str]) -> None:
    await kasia.inquiries.opened(assign_to=KASIA)
    await kasia.inquiries.opened(
        a_message(subject="Faktura", new_text="x", message_id="<2@x.example>"), queue=INVOICES
    )
    response = await kasia.client.get("/inbox", params={"q": query})
    text = await response.text()
    assert {n for n in "12" if f"/inquiry/NL-2026-0000{n}" in text} == there
    assert ("Nothing here." in text) == (not there)


async def test_a_wrong_query_says_what_may_be_meant(kasia: Site) -> None:
    response = await kasia.client.get("/inbox", params={"q": 'quue:"<b>x'})
    assert response.status == 400
    text = await response.text()
    assert "there is no operator quue: did you mean queue:?" in text
    assert 'value="quue:&#34;&lt;b&gt;x"' in text
    assert "Nothing here." not in text


async def test_a_long_list_has_pages(kasia: Site) -> None:
    for minute in range(reading.PAGE + 1):
        await kasia.inquiries.opened(now=NOW + minute * MINUTE)
    text = await kasia.text("/inbox?q=is:open")
    assert text.count("<li id=") == reading.PAGE
    assert "NL-2026-00001<" not in text
    (more,) = [part.split('"')[0] for part in text.split('href="') if "before=" in part]
    second = await kasia.text(more.replace("&amp;", "&"))
    assert second.count("<li id=") == 1
    assert "NL-2026-00001<" in second
    assert "Older ones" not in second


@pytest.mark.parametrize("before", ["x", "1", "1.x", "9" * 30 + ".1", "-1.-1"])
async def test_a_strange_page_does_no_harm(kasia: Site, before: str) -> None:
    assert (await kasia.get(f"/inbox?before={before}")).status == 200


async def test_what_customers_write_is_text(kasia: Site) -> None:
    evil = "<script>alert(1)</script>"
    message = a_message(
        sender=Party(f"{evil}@x.example", evil), subject=evil, new_text=evil, language='"><b>'
    )
    await kasia.inquiries.opened(message)
    text = await kasia.text("/inbox")
    assert evil not in text
    assert 'lang=""><b>' not in text
    assert text.count("&lt;script&gt;") >= 3
