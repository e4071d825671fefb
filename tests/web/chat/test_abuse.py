"""Does a chat's socket take nothing from strangers, and nothing strange from anybody?"""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from inquiry.journey import ChannelName
from tests.fakes import MemoryInlet
from tests.inquiries import NOW
from tests.web.chat.house import CHAT, ELSEWHERE, SHOP, Browser, House, a_dispatch
from tests.web.site import RING
from web.chat.tickets import GOOD_FOR, ticket


async def socket_of(desk: House, word: str | bytes) -> ClientWebSocketResponse:
    socket = await desk.http.ws_connect(
        f"{desk.url}/chat/{CHAT}/socket", headers={"Origin": SHOP}, max_msg_size=0
    )
    await (socket.send_str(word) if isinstance(word, str) else socket.send_bytes(word))
    return socket


async def ended(socket: ClientWebSocketResponse) -> int | None:
    """Wait until the other side closes; return its reason, having heard nothing before."""
    async with asyncio.timeout(30):
        message = await socket.receive()
    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR), message
    return socket.close_code


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "", SHOP + ".evil.example"])
async def test_a_foreign_page_gets_no_socket(desk: House, jan: Browser, origin: str) -> None:
    url = f"{desk.url}/chat/{CHAT}/socket"
    with pytest.raises(WSServerHandshakeError) as refused:
        await desk.http.ws_connect(url, headers={"Origin": origin})
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("", id="no ticket"),
        pytest.param("1.9999999999.forged", id="a forged one"),
        pytest.param(b"\x00\xff", id="bytes"),
        pytest.param('{"event": "__class__"}', id="an event with a name of Python's"),
        pytest.param("__init__", id="such a name alone"),
        pytest.param("٣.٣.x", id="digits of another alphabet"),
    ],
)
async def test_without_a_ticket_the_socket_closes(
    desk: House, jan: Browser, word: str | bytes
) -> None:
    socket = await socket_of(desk, word)
    assert await ended(socket) == 4401
    assert not desk.chat.listeners.connected(1)


async def test_a_frame_of_a_megabyte_ends_the_socket(desk: House, jan: Browser) -> None:
    for first in ("x" * 1_000_000, jan.ticket):
        socket = await socket_of(desk, first)
        if first == jan.ticket:
            assert await socket.receive_json(timeout=5) == {"news": "entries"}
            await socket.send_str("y" * 1_000_000)
        assert await ended(socket) in (1009, 1006, 4401)
    async with asyncio.timeout(30):
        while desk.chat.listeners.connected(1):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"news": "entries"}, id="our own word"),
        pytest.param({"event": "__del__", "args": []}, id="a name of Python's"),
        pytest.param({"event": "sessions", "team": "all"}, id="an event of another product"),
        pytest.param([1, 2], id="a list"),
    ],
)
async def test_what_a_browser_says_over_the_socket_does_nothing(
    desk: House, jan: Browser, inlet: MemoryInlet, said: Any
) -> None:
    socket = await socket_of(desk, jan.ticket)
    assert await socket.receive_json(timeout=5) == {"news": "entries"}
    await socket.send_str(json.dumps(said))
    await socket.send_bytes(b"\x00\xff")
    await desk.chat.send(a_dispatch(await jan.key(), "hei"))
    assert await socket.receive_json(timeout=5) == {"news": "entries"}
    assert inlet.arrivals == []
    await socket.close()


async def test_a_ticket_is_good_for_a_while_at_one_chat_from_one_page(
    desk: House, jan: Browser, clock: list[datetime]
) -> None:
    """It may be shown more than once meanwhile: a browser that reconnects does."""
    other_chat = ticket(RING, ChannelName("other"), 1, SHOP, now=NOW)
    other_page = ticket(RING, CHAT, 1, ELSEWHERE, now=NOW)
    for _ in range(2):
        socket = await socket_of(desk, jan.ticket)
        assert await socket.receive_json(timeout=5) == {"news": "entries"}
        await socket.close()
    for stolen in (other_chat, other_page):
        assert await ended(await socket_of(desk, stolen)) == 4401
    clock[0] = NOW + GOOD_FOR + timedelta(seconds=1)
    assert await ended(await socket_of(desk, jan.ticket)) == 4401


async def test_a_whole_network_of_addresses_is_one_who_begins(desk: House) -> None:
    """Of IPv6 everybody has more addresses than anybody can count."""
    answers = []
    browser = desk.visitor()
    for number in range(6):
        browser = desk.visitor()
        browser.headers = {"X-Forwarded-For": f"2001:db8:1:2::{number:x}"}
        answers.append((await browser.enter()).status)
    assert answers == [200] * 4 + [429] * 2
    browser.headers = {"X-Forwarded-For": "2001:db8:1:3::1"}
    assert (await browser.enter()).status == 200


async def test_one_id_at_once_is_one_message(desk: House, jan: Browser, inlet: MemoryInlet) -> None:
    answers = await asyncio.gather(*(jan.say("hei", id_="message-1") for _ in range(4)))
    assert {answer.status for answer in answers} == {200}
    assert await jan.texts() == ["hei"]
    assert len(inlet.arrivals) == 1
    other = await jan.say("something else", id_="message-1")
    assert (other.status, await jan.texts()) == (200, ["hei"])
