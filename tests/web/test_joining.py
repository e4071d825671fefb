"""Do specialists join and part with open eyes, and customers go on elsewhere by a code?"""

import re
from html import unescape

import pytest

from inquiry.claims import Claim
from inquiry.codes import to_start
from inquiry.journey import ChannelName, ContactPointId, CustomerId, File
from inquiry.understood import Party
from inquiry.words import ClaimSource
from specialists.acts import answering, joining
from storage import claims, joins
from storage.database import Transaction
from storage.inquiries import reading
from storage.sqlite import Sqlite
from tests.inquiries import JAN, KASIA, NOW, TELEGRAM, Opened, a_message
from tests.rows import rows
from tests.web.site import Site, location
from web.access import FRONT
from web.app import face_of
from web.customer_words import TEXTS
from web.desk import Desk, Elsewhere
from web.words import SOURCES, WAYS

ON_TELEGRAM = Party("501", "Jan K.")


async def two(site: Site, *, verified: bool = False) -> tuple[Opened, Opened]:
    """Jan has written by mail and by Telegram, where he says his address."""
    mail = await site.inquiries.opened()
    chat = await site.inquiries.opened(
        a_message(sender=ON_TELEGRAM, message_id="", subject="", conversation="501"),
        channel=TELEGRAM,
        contact="telegram",
    )
    said = Claim(sort="email", value=JAN.address, source=ClaimSource.PROFILE, verified=verified)
    await site.db.write(lambda tx: claims.note(tx, chat.contact_point, [said], now=NOW))
    return mail, chat


async def customers(site: Site, *opened: Opened) -> set[CustomerId]:
    async def look(tx: Transaction) -> set[CustomerId]:
        return {(await joins.point(tx, one.contact_point)).customer for one in opened}

    return await site.db.read(look)


def pair(mail: Opened, chat: Opened) -> dict[str, str]:
    return {"mine": str(chat.contact_point), "other": str(mail.contact_point)}


@pytest.mark.parametrize(("verified", "word"), [(True, "verified"), (False, "only said")])
async def test_a_suggestion_says_why_and_joins_nobody(
    kasia: Site, verified: bool, word: str
) -> None:
    mail, chat = await two(kasia, verified=verified)
    text = await kasia.text(f"/inquiry/{chat.reference}")
    card = text.partition("May be the same person")[2]
    assert "jan@kunde.example" in card
    assert SOURCES["profile"] in unescape(card)
    assert f"{word}</span>" in card
    assert "Same person …" in card
    assert mail.reference not in text, "nothing of the other one but its address"
    assert len(await customers(kasia, mail, chat)) == 2


async def test_joined_with_one_button_after_a_look_at_what_it_means(kasia: Site) -> None:
    mail, chat = await two(kasia)
    query = "&".join(f"{name}={value}" for name, value in pair(mail, chat).items())
    asked = await kasia.text(f"/inquiry/{chat.reference}/join?{query}")
    for words in ("jan@kunde.example", "501", mail.reference, chat.reference, "only said"):
        assert words in asked
    assert len(await customers(kasia, mail, chat)) == 2, "looking joins nobody"
    back = location(await kasia.post(f"/inquiry/{chat.reference}/join", pair(mail, chat)))
    assert back == f"/inquiry/{chat.reference}"
    assert len(await customers(kasia, mail, chat)) == 1
    text = await kasia.text(back)
    assert "Kasia Nowak joined" in text
    assert WAYS["specialist"] in text
    assert mail.reference in text, "the other inquiries of the person"
    assert "May be the same person" not in text


async def test_undone_with_one_button(kasia: Site) -> None:
    mail, chat = await two(kasia)
    for _ in range(2):  # a double click
        assert location(await kasia.post(f"/inquiry/{chat.reference}/join", pair(mail, chat)))
    text = await kasia.text(f"/inquiry/{mail.reference}")
    (path,) = set(re.findall(rf'href="(/inquiry/{mail.reference}/join/\d+)"', text))
    asked = await kasia.text(path)
    assert mail.reference in asked
    assert chat.reference in asked
    assert len(await customers(kasia, mail, chat)) == 1
    for _ in range(2):
        assert location(await kasia.post(path.replace("/join/", "/part/")))
    assert len(await customers(kasia, mail, chat)) == 2
    assert "Kasia Nowak undid that" in await kasia.text(f"/inquiry/{chat.reference}")
    assert (await kasia.get(path)).status == 404


async def test_each_sees_its_own_side_first_before_undoing(kasia: Site) -> None:
    mail, chat = await two(kasia)
    ids = (mail.contact_point, chat.contact_point)
    number = await joining.join(kasia.db, *ids, inquiry=None, specialist=KASIA, now=NOW)
    for one, address in ((mail, JAN.address), (chat, ON_TELEGRAM.address)):
        text = await kasia.text(f"/inquiry/{one.reference}/join/{number}")
        here = text.partition("<h2>Here</h2>")[2].partition("<h2>There</h2>")[0]
        assert f"<bdi>{address}</bdi>" in here


async def test_denied_it_is_not_suggested_again(kasia: Site) -> None:
    mail, chat = await two(kasia)
    assert location(await kasia.post(f"/inquiry/{chat.reference}/strangers", pair(mail, chat)))
    for one in (mail, chat):
        assert "May be the same person" not in await kasia.text(f"/inquiry/{one.reference}")
    assert len(await customers(kasia, mail, chat)) == 2


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("JAN@kunde.example", "Nothing suggests"),
        ("mail jan@kunde.example", "Nothing suggests"),
        ("nobody@kunde.example", "Nobody has written from nobody@kunde.example"),
        ("<b>", "Nobody has written from &lt;b&gt;"),
        ("501", "one person already"),
    ],
)
async def test_somebody_is_looked_for_by_address(kasia: Site, address: str, words: str) -> None:
    _, chat = await two(kasia)
    denied = await two_points(kasia)
    await joining.say_strangers(kasia.db, *denied, specialist=KASIA, now=NOW)
    response = await kasia.client.get(
        f"/inquiry/{chat.reference}/join", params={"address": address}
    )
    assert words in await response.text()


async def two_points(site: Site) -> tuple[ContactPointId, ContactPointId]:
    async def look(tx: Transaction) -> tuple[ContactPointId, ContactPointId]:
        one = await joins.find(tx, "mail", JAN.address)
        other = await joins.find(tx, "telegram", "501")
        assert one
        assert other
        return one.id, other.id

    return await site.db.read(look)


async def test_nobody_is_joined_at_the_inquiry_of_a_third(kasia: Site) -> None:
    mail, chat = await two(kasia)
    third = await kasia.inquiries.opened(
        a_message(sender=Party("eve@else.example"), message_id="<9@else.example>")
    )
    for path in ("join", "strangers"):
        response = await kasia.post(f"/inquiry/{third.reference}/{path}", pair(mail, chat))
        assert response.status == 400
    number = await joining.join(
        kasia.db, mail.contact_point, chat.contact_point, inquiry=None, specialist="ola", now=NOW
    )
    assert (await kasia.get(f"/inquiry/{third.reference}/join/{number}")).status == 404
    assert (await kasia.post(f"/inquiry/{third.reference}/part/{number}")).status == 404
    assert len(await customers(kasia, mail, chat)) == 1


async def test_the_composer_names_the_ways_and_the_one_used_last(kasia: Site) -> None:
    mail, chat = await two(kasia)
    assert location(await kasia.post(f"/inquiry/{chat.reference}/join", pair(mail, chat)))
    text = await kasia.text(f"/inquiry/{chat.reference}")
    select = text.partition('<select id="to"')[2].partition("</select>")[0]
    assert re.findall(r"(selected)?>(\w[\w-]*): .*?(\(used last\))?</option>", select) == [
        ("selected", "Telegram", "(used last)"),
        ("", "E-mail", ""),
    ]
    it = await kasia.db.read(lambda tx: reading.shown(tx, chat.reference))
    data = {
        "text": "Po prostu e-mailem.",
        "then": "open",
        "seen_event": str(it.event),
        "to": str(mail.contact_point),
    }
    assert location(await kasia.post(f"/inquiry/{chat.reference}/answer", data))
    (answer,) = await kasia.inquiries.rows("answers")
    assert (answer["contact_point"], answer["inquiry"]) == (mail.contact_point, chat.id)
    assert answer["fallbacks"] == f"[{chat.contact_point}]"


async def test_nobody_is_answered_who_is_not_the_same_person(kasia: Site) -> None:
    mail, chat = await two(kasia)
    it = await kasia.db.read(lambda tx: reading.shown(tx, chat.reference))
    data = {
        "text": "x",
        "then": "open",
        "seen_event": str(it.event),
        "to": str(mail.contact_point),
    }
    response = await kasia.post(f"/inquiry/{chat.reference}/answer", data)
    assert response.status == 409
    assert await kasia.inquiries.rows("answers") == []


@pytest.fixture
def chatty(site: Site) -> Site:
    """A desk that can be reached in chats."""

    async def elsewhere(code: str) -> list[Elsewhere]:
        link = f"https://t.me/nordlys_bot?start={code}"
        return [Elsewhere(contact="telegram", link=link), Elsewhere(contact="web-chat")]

    with_chats = {**site.desk.channels, ChannelName("bot"): "telegram"}
    values = {name: getattr(site.desk, name) for name in Desk.__slots__}
    site.desk = Desk(**{**values, "channels": with_chats, "elsewhere": elsewhere})
    site.app[FRONT].show(face_of(site.desk))
    return site


class TestTheStatusPage:
    """A customer asks for a code."""

    async def test_without_chats_there_is_nothing_to_go_on_in(self, site: Site) -> None:
        link = await site.link(await site.inquiries.opened())
        assert TEXTS["pl"]["elsewhere"] not in await site.text(link)

    async def test_a_button_gives_a_code_and_a_look_does_not(self, chatty: Site) -> None:
        link = await chatty.link(await chatty.inquiries.opened())
        assert TEXTS["pl"]["elsewhere-code"] in await chatty.text(link)
        assert await chatty.inquiries.rows("proofs") == []
        response = await chatty.post(f"{link}/elsewhere")
        assert response.status == 200
        text = await response.text()
        (code,) = re.findall(r"<code>([0-9A-Z]{4}-[0-9A-Z]{4})</code>", text)
        assert f'href="https://t.me/nordlys_bot?start={to_start(code)}"' in text
        assert TEXTS["pl"]["elsewhere-web-chat"] in text
        (kept,) = await chatty.inquiries.rows("proofs")
        assert code.encode() not in bytes(kept["code"])

    async def test_not_too_many(self, chatty: Site) -> None:
        link = await chatty.link(await chatty.inquiries.opened())
        found = [(await chatty.post(f"{link}/elsewhere")).status for _ in range(11)]
        assert found == [200] * 10 + [429]

    async def test_a_file_of_an_answer_can_be_fetched_by_its_link_alone(self, site: Site) -> None:
        opened = await site.inquiries.opened()
        other = await site.inquiries.opened(
            a_message(sender=Party("eve@else.example"), message_id="<8@else.example>")
        )
        link, others = await site.link(opened), await site.link(other)
        await with_file(site.db, opened)
        (attached,) = await site.inquiries.rows("attachments")
        path = f"/file/{attached['id']}"
        assert (await site.get(link + path)).status == 404, "it has not left yet"
        await leave(site.db)
        response = await site.get(link + path)
        assert await response.read() == b"%PDF"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert f"{link}{path}" in await site.text(link)
        assert (await site.get(others + path)).status == 404


async def with_file(db: Sqlite, opened: Opened) -> None:
    report = File(filename="report.pdf", content_type="application/pdf", content=b"%PDF")
    await answering.answer(
        db, inquiry=opened.id, specialist=KASIA, text="see", files=[report], now=NOW
    )


async def leave(db: Sqlite) -> None:
    await rows(
        db,
        "INSERT INTO outbox (answer, inquiry, contact_point, message, channel, purpose, dispatch,"
        " state, due_at, created_at) SELECT id, inquiry, contact_point, message, channel, purpose,"
        " '{}', 'sent', send_at, created_at FROM answers",
    )


@pytest.mark.parametrize("query", ["", "?address=", "?mine=999", "?other=999", "?mine=999&other=1"])
async def test_asked_for_nobody_it_says_so(kasia: Site, query: str) -> None:
    _, chat = await two(kasia)
    response = await kasia.get(f"/inquiry/{chat.reference}/join{query}")
    assert response.status == 200
    assert "Nobody" in await response.text()


async def test_nobody_can_be_joined_to_one_who_does_not_exist(kasia: Site) -> None:
    _, chat = await two(kasia)
    data = {"mine": str(chat.contact_point), "other": "999"}
    for path in ("join", "strangers"):
        response = await kasia.post(f"/inquiry/{chat.reference}/{path}", data)
        assert response.status == 404


async def test_a_name_is_shown_and_nothing_else(kasia: Site) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    mail, chat = await two(kasia)
    await rows(kasia.db, f"UPDATE contact_points SET name = '{evil}'")
    await rows(kasia.db, f"UPDATE claims SET value = '{evil}', key = 'jan@kunde.example'")
    query = "&".join(f"{name}={value}" for name, value in pair(mail, chat).items())
    pages = [f"/inquiry/{chat.reference}", f"/inquiry/{chat.reference}/join?{query}"]
    texts = [await kasia.text(page) for page in pages]
    assert location(await kasia.post(f"/inquiry/{chat.reference}/join", pair(mail, chat)))
    texts += [await kasia.text(pages[0])]
    (number,) = [row["id"] for row in await kasia.inquiries.rows("joins")]
    texts += [await kasia.text(f"/inquiry/{chat.reference}/join/{number}")]
    for text in texts:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;alert(1)" in text
