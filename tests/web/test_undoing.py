"""Can somebody who was told of a join undo it with one press, and nobody else?"""

import pytest

from inquiry.understood import Party
from inquiry.words import JoinWay
from storage import history, joins, undoing
from storage.customers import find_or_add
from storage.database import Transaction
from tests.inquiries import NOW
from tests.rows import rows
from tests.web.site import HERE, RING, Site
from web.customer_words import TEXTS


async def told(site: Site, contact: str = "telegram", address: str = "501") -> str:
    """Join somebody to a fresh inquiry's customer; return the path of the notice's link."""
    opened = await site.inquiries.opened()

    async def work(tx: Transaction) -> str:
        other = await find_or_add(tx, contact, Party(address), language="en", now=NOW)
        number = await joins.join(
            tx,
            other.id,
            opened.contact_point,
            way=JoinWay.CODE,
            by=history.CUSTOMER,
            inquiry=opened.id,
            now=NOW,
        )
        assert number
        key = await undoing.add(tx, number, opened.contact_point, other.id, now=NOW)
        assert key
        return undoing.address("", RING, key)

    return await site.db.write(work)


async def ended(site: Site) -> list[bool]:
    found = await rows(site.db, "SELECT ended_at FROM joins ORDER BY id")
    return [row["ended_at"] is not None for row in found]


async def test_opening_the_link_changes_nothing(site: Site) -> None:
    path = await told(site)
    for _ in range(2):
        text = await site.text(path)
        assert "To nie ja: cofnij" in text, "Jan writes Polish"
        assert ": Telegram." in text
        assert "<script" not in text
    assert await ended(site) == [False]


async def test_one_press_undoes_it(site: Site) -> None:
    path = await told(site)
    response = await site.post(f"{path}?lang=en")
    assert response.status == 200
    assert "It is undone" in await response.text()
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert await ended(site) == [True]
    again = await site.post(f"{path}?lang=en")
    assert again.status == 410
    assert "There is nothing left to undo" in await again.text()
    assert (await site.get(path)).status == 410


async def test_a_browser_that_says_no_more_than_that_it_hides_may_press_it(site: Site) -> None:
    """The page sends no referrer, so old browsers name no origin."""
    path = await told(site)
    assert (await site.post(path, headers={"Origin": "null"})).status == 200
    assert await ended(site) == [True]


async def test_another_page_s_form_undoes_nothing(site: Site) -> None:
    path = await told(site)
    foreign = await site.post(path, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status == 403
    assert await ended(site) == [False]


@pytest.mark.parametrize("path", ["/u/none", "/u/x.y", "/u/{key}.aaaaaaaaaaaaaaaa"])
async def test_what_we_did_not_sign_is_not_there(site: Site, path: str) -> None:
    good = await told(site)
    forged = path.format(key=good.rpartition("/")[2].partition(".")[0])
    assert (await site.get(forged)).status == 404
    assert (await site.post(forged, headers=HERE)).status == 404
    assert await ended(site) == [False]


async def test_a_link_too_old_says_so(site: Site) -> None:
    path = await told(site)
    site.moment += undoing.GOOD_FOR
    assert (await site.get(path)).status == 410
    assert (await site.post(path)).status == 410
    assert await ended(site) == [False]


async def test_an_address_is_half_hidden(site: Site) -> None:
    text = await site.text(await told(site, "mail", "evelyn@far.example"))
    assert "ev…@far.example" in text
    assert "evelyn" not in text


@pytest.mark.parametrize("language", sorted(TEXTS))
@pytest.mark.parametrize("contact", ["web-chat", "fax"])
async def test_it_speaks_all_languages(site: Site, language: str, contact: str) -> None:
    text = await site.text(f"{await told(site, contact)}?lang={language}")
    assert f'<html lang="{language}">' in text
    word = "undo-web-chat" if contact == "web-chat" else "undo-other"
    assert TEXTS[language][word] in text
    assert TEXTS[language]["undo-press"] in text
