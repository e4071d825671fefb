"""At the page of a chat's inquiry: is a specialist heard, and only about this one?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from channels.contract import Premises
from channels.webchat.channel import WebChat, open_channel
from inquiry.understood import Party
from inquiry.words import Trust
from storage import chats
from storage.chats import Visitor
from storage.sqlite import Sqlite
from tests.inquiries import NOW, Opened, a_message
from tests.web.chat.house import CHAT, the_settings
from tests.web.site import Site
from web.inquiry import NEWEST


class Chatted(Site):
    """A desk with a chat, in which Jan has written, and Kasia signed in."""

    chat: WebChat
    jan: Visitor
    opened: Opened

    async def seen(self) -> int:
        found = await self.db.read(lambda tx: chats.by_id(tx, self.jan.id))
        assert found
        return found.seen_seq


@pytest.fixture
async def desk(sqlite: Sqlite, tmp_path: Path) -> AsyncIterator[Chatted]:
    premises = Premises(spool=tmp_path, store=sqlite)
    async with open_channel(CHAT, the_settings(), premises) as chat:
        site = Chatted(sqlite, tmp_path / "mailbox", chats=(chat,), channels={CHAT: "web-chat"})
        site.chat = chat
        site.jan = await sqlite.write(
            lambda tx: chats.add_visitor(
                tx, channel=CHAT, key=f"visitor-{'1234567890' * 2}", secret="s", now=NOW
            )
        )
        site.opened = await said(site, "first", Trust.CLAIMED)
        async with TestClient(TestServer(site.app)) as client:
            site.client = client
            await site.sign_in("kasia")
            yield site


async def said(site: Chatted, text: str, trust: Trust) -> Opened:
    """Let the visitor write, and an inquiry be opened."""
    jan = site.jan
    await site.db.write(lambda tx: chats.add(tx, jan.id, f"id-{text}", text, now=NOW))
    message = a_message(
        sender=Party(jan.key),
        conversation=jan.key,
        remote_id=f"id-{text}",
        message_id="",
        text=text,
        new_text=text,
        trust=trust,
    )
    return await site.inquiries.opened(message, channel=CHAT, contact="web-chat", media_type="chat")


async def test_who_has_the_page_open_has_seen_what_stands_on_it(desk: Chatted) -> None:
    path = f"/inquiry/{desk.opened.reference}/writing"
    (message,) = await desk.inquiries.rows("messages")
    with desk.chat.listeners.listening(desk.jan.id, "", 1) as browser:
        response = await desk.post(path, {"writing": "no", "seen": str(message["id"])})
        assert await response.json() == {"writing": False, "here": True, "mail": ""}
        assert browser.news.get_nowait() == "entries"  # it looks, and finds it read
        await desk.post(path, {"writing": "yes", "seen": str(message["id"])})
        assert browser.news.get_nowait() == "typing"
        assert browser.news.empty()
    assert await desk.seen() == 1


@pytest.mark.parametrize("seen", ["", "0", "-1", "x", "١", "9" * 30, "1; DROP"])
async def test_what_is_no_number_has_seen_nothing(desk: Chatted, seen: str) -> None:
    path = f"/inquiry/{desk.opened.reference}/writing"
    assert (await desk.post(path, {"writing": "no", "seen": seen})).status == 200
    assert await desk.seen() == 0


async def test_another_inquiry_s_page_sees_nothing_of_this_one(desk: Chatted) -> None:
    other = await desk.inquiries.opened(a_message(message_id="<9@kunde.example>"))
    path = f"/inquiry/{other.reference}/writing"
    await desk.post(path, {"writing": "yes", "seen": "99"})
    assert await desk.seen() == 0
    assert (await desk.post("/inquiry/NL-2026-99999/writing", {"writing": "yes"})).status == 200


async def test_a_page_of_a_long_chat_begins_with_what_is_new(desk: Chatted) -> None:
    more = NEWEST + 20
    for number in range(more):
        await desk.inquiries.followed_up(
            desk.opened,
            a_message(sender=Party(desk.jan.key), message_id="", new_text=f"number {number}."),
            channel=CHAT,
            contact="web-chat",
            media_type="chat",
            now=NOW + timedelta(seconds=number),
        )
    path = f"/inquiry/{desk.opened.reference}"
    page, whole = await desk.text(path), await desk.text(f"{path}?all=yes")
    assert (page.count("<article"), whole.count("<article")) == (NEWEST, more + 1)
    assert "Show 21 earlier entries" in page
    assert f"number {more - 1}." in page
    assert "number 3." not in page
    assert "number 3." in whole
    assert 'data-live="earlier" hidden' in whole


async def test_the_visitor_is_seen_writing(desk: Chatted) -> None:
    desk.chat.writes(desk.jan, now=desk.moment)
    response = await desk.post(f"/inquiry/{desk.opened.reference}/writing", {"writing": "no"})
    assert await response.json() == {"writing": True, "here": False, "mail": ""}


async def test_the_address_that_a_visitor_has_left_is_told(desk: Chatted) -> None:
    jan = desk.jan
    await desk.chat.visitors.introduce(jan, name="", email="jan@kunde.example", now=NOW)
    response = await desk.post(f"/inquiry/{desk.opened.reference}/writing", {"writing": "no"})
    assert (await response.json())["mail"] == "jan@kunde.example"
    other = await desk.inquiries.opened(a_message(sender=Party("ewa@kunde.example")))
    response = await desk.post(f"/inquiry/{other.reference}/writing", {"writing": "no"})
    assert await response.json() == {"writing": False, "here": False, "mail": ""}


async def test_the_page_says_who_is_verified_whatever_their_address(desk: Chatted) -> None:
    page = await desk.text(f"/inquiry/{desk.opened.reference}")
    assert "visitor not verified" in page
    assert "visitor-1234" not in page
    assert "Visitor 1234" in page
    verified = await said(desk, "second", Trust.VERIFIED)
    page = await desk.text(f"/inquiry/{verified.reference}")
    assert "sender verified" in page
    assert "visitor not verified" not in page
    pretender = a_message(sender=Party("visitor-9@kunde.example"), message_id="<8@kunde.example>")
    by_mail = await desk.inquiries.opened(pretender)
    page = await desk.text(f"/inquiry/{by_mail.reference}")
    assert "visitor not verified" not in page
    assert "visitor-9@kunde.example" in page
