"""Is what did not become an inquiry seen, and does a person's word bring it on?"""

import pytest

from inquiry.journey import MAIL, ArrivalId
from inquiry.words import ArrivalState
from storage import arrivals
from storage.database import Transaction
from tests.inquiries import MINUTE, NOW, SUPPORT, a_message
from tests.web.site import Site, location


async def quarantined(site: Site, reason: str = "a loop") -> ArrivalId:
    """Put an arrival into quarantine."""
    arrival = await site.inquiries.arrived(
        a_message(subject="<i>Loop</i>"), SUPPORT, MAIL, mail_from="<b>@x.example"
    )

    async def put(tx: Transaction) -> None:
        (claimed,) = await arrivals.claim(tx, ArrivalState.UNDERSTOOD, limit=1, lease=MINUTE)
        assert await arrivals.quarantine(tx, claimed, reason, now=NOW)

    await site.db.write(put)
    return arrival


async def state_of(site: Site, arrival: ArrivalId) -> tuple[str, bool]:
    found = await site.db.read(lambda tx: arrivals.find(tx, arrival))
    return found.state, found.released


async def test_an_empty_quarantine_says_so(kasia: Site) -> None:
    assert "Quarantine is empty." in await kasia.text("/quarantine")


async def test_the_list_says_who_what_and_why(kasia: Site) -> None:
    await quarantined(kasia, "mail from ourselves & back")
    text = await kasia.text("/quarantine")
    assert "Jan Kowalski" in text
    assert "&lt;i&gt;Loop&lt;/i&gt;" in text
    assert "mail from ourselves &amp; back" in text
    assert '<b class="count alarm" data-live="count:/quarantine">1</b>' in text


async def test_one_can_be_looked_at_and_saved(kasia: Site) -> None:
    arrival = await quarantined(kasia)
    text = await kasia.text(f"/quarantine/{arrival}")
    assert "<pre>raw 1</pre>" in text
    assert "&lt;b&gt;@x.example" in text
    response = await kasia.get(f"/quarantine/{arrival}/original")
    assert await response.read() == b"raw 1"
    assert "attachment" in response.headers["Content-Disposition"]


async def test_what_is_not_in_quarantine_is_not_shown_here(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    assert (await kasia.get(f"/quarantine/{opened.arrival}")).status == 404
    assert (await kasia.get(f"/quarantine/{opened.arrival}/original")).status == 404


async def test_everybody_may_let_it_be_tried_again(kasia: Site) -> None:
    arrival = await quarantined(kasia)
    assert "Make an inquiry of it" not in await kasia.text(f"/quarantine/{arrival}")
    assert location(await kasia.post(f"/quarantine/{arrival}/retry")) == "/quarantine"
    assert (await state_of(kasia, arrival))[0] == "waiting"
    assert kasia.arrivals.rung == 1


async def test_only_a_lead_makes_an_inquiry_of_it(kasia: Site) -> None:
    arrival = await quarantined(kasia)
    assert (await kasia.post(f"/quarantine/{arrival}/release")).status == 403
    assert (await state_of(kasia, arrival))[0] == "quarantined"
    await kasia.sign_in("ivar")
    assert "Make an inquiry of it" in await kasia.text(f"/quarantine/{arrival}")
    assert location(await kasia.post(f"/quarantine/{arrival}/release")) == "/quarantine"
    state, released = await state_of(kasia, arrival)
    assert (state != "quarantined", released) == (True, True)
    assert kasia.arrivals.rung == 1


@pytest.mark.parametrize("act", ["retry", "release"])
async def test_what_is_not_there_does_no_harm(ivar: Site, act: str) -> None:
    assert (await ivar.post(f"/quarantine/4711/{act}")).status in (303, 404)
