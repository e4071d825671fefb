"""Do pages of other origins get what is theirs, and nothing else?"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientError, WSMsgType, WSServerHandshakeError

from channels.webchat.settings import AtMost
from inquiry.calendar import Calendar, Span
from inquiry.errors import TemporaryFailure
from inquiry.journey import File
from inquiry.words import Purpose
from storage import chats
from storage.intake import Intake
from storage.sqlite import Sqlite
from tests.fakes import MemoryInlet
from tests.inquiries import NOW
from tests.web.chat.house import (
    CHAT,
    ELSEWHERE,
    SHOP,
    Browser,
    House,
    a_dispatch,
    an_identity,
    house,
    is_public,
    the_settings,
)
from tests.web.site import RING
from web.chat.pages import ANSWERS
from web.chat.tickets import GOOD_FOR, ticket

A_FILE = File(filename="hull.txt", content_type="text/plain", content=b"et hull")


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in ANSWERS])
@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "", f"{SHOP}.evil.example", SHOP.upper()])
async def test_no_handler_answers_another_origin(
    jan: Browser, method: str, path: str, origin: str
) -> None:
    jan.headers = {"Origin": origin}
    response = await jan.call(method, path.replace("{number}", "1"), json={})
    assert response.status == 403
    assert await response.json() == {"error": "origin"}
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (method, path)
        for method, path, _ in ANSWERS
        if path not in ("/hello", "/session", "/socket")
    ],
)
async def test_nothing_but_the_door_opens_without_a_ticket(
    jan: Browser, method: str, path: str
) -> None:
    good = jan.ticket
    number, until, mac = good.split(".")
    other = ticket(RING, CHAT, int(number), ELSEWHERE, now=NOW)
    for bad in (
        "",
        "x",
        f"{int(number) + 1}.{until}.{mac}",
        f"{number}.9{until}.{mac}",
        other,
        "٣.٣.x",
    ):
        jan.ticket = bad.encode().decode("latin-1")
        response = await jan.call(method, path.replace("{number}", "1"), json={})
        assert response.status == 401, bad
        assert is_public(response)


async def test_a_ticket_runs_out(jan: Browser, clock: list[datetime]) -> None:
    clock[0] = NOW + GOOD_FOR - timedelta(seconds=1)
    assert await jan.entries() == []
    clock[0] = NOW + GOOD_FOR
    assert (await jan.call("GET", "/entries")).status == 401
    await jan.enter()
    assert await jan.entries() == []


async def test_the_answer_is_for_that_origin_alone_and_no_cookie_is_set(jan: Browser) -> None:
    for response in (await jan.enter(), await jan.say("hei"), await jan.call("GET", "/hello")):
        assert response.status == 200
        assert is_public(response)
        assert "Origin" in response.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert not response.cookies


async def test_a_browser_may_ask_first(jan: Browser) -> None:
    response = await jan.call("OPTIONS", "/messages")
    assert response.status == 204
    assert is_public(response)
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
    jan.origin = ELSEWHERE
    assert (await jan.call("OPTIONS", "/messages")).status == 403


async def test_a_message_is_answered_only_when_it_is_stored(
    jan: Browser, inlet: MemoryInlet
) -> None:
    inlet.trouble = TemporaryFailure("the disk is full")
    response = await jan.say("hei", id_="message-1")
    assert response.status == 503
    assert response.headers["Retry-After"] == "5"
    assert await jan.entries() == []
    inlet.trouble = None
    assert (await jan.say("hei", id_="message-1")).status == 200
    assert (await jan.say("hei", id_="message-1")).status == 200
    assert len(inlet.arrivals) == 1
    (entry,) = await jan.entries()
    assert (entry["seq"], entry["id"], entry["text"], entry["mine"]) == (
        1,
        "message-1",
        "hei",
        True,
    )
    (arrival,) = inlet.arrivals
    assert arrival.remote_id == f"{await jan.key()}:message-1"
    assert arrival.envelope.authenticated_as == ""


async def test_what_was_accepted_before_we_died_is_shown_after(
    sqlite: Sqlite, inlet: MemoryInlet
) -> None:
    intake = Intake(sqlite)
    async with house(sqlite, intake.inlet(CHAT)) as desk:
        jan = desk.visitor()
        await jan.enter()
        visitor = await desk.chat.visitors.by_id(int(jan.ticket.partition(".")[0]))
        assert visitor
        said = await _said("reddet", A_FILE)
        await intake.inlet(CHAT).accept(desk.chat.arrival(visitor, said, "", now=NOW))
        assert await jan.entries() == []
        await jan.enter()
        (entry,) = await jan.entries()
        assert (entry["text"], entry["files"][0]["name"]) == ("reddet", "hull.txt")
        assert (await jan.say("reddet", id_=said.id)).status == 200  # the browser's own repeat
        assert await jan.texts() == ["reddet"]
    await intake.close()


async def _said(text: str, *files: File):  # type: ignore[no-untyped-def]
    from channels.webchat.channel import Said

    return Said(id="message-9", text=text, language="nb", page=SHOP, files=files)


async def test_a_visitor_sees_their_own_history_and_nobody_else_s(
    desk: House, jan: Browser
) -> None:
    await jan.say("hemmelig", files=[A_FILE])
    (number,) = [file["id"] for file in (await jan.entries())[0]["files"]]
    saved = await jan.call("GET", f"/files/{number}")
    assert await saved.read() == A_FILE.content
    assert saved.headers["Content-Disposition"].startswith("attachment")
    other = desk.visitor()
    await other.enter()
    assert await other.entries() == []
    assert (await other.call("GET", f"/files/{number}")).status == 404
    again = replace(desk.visitor(), pass_=jan.pass_)
    await again.enter()
    assert await again.texts() == ["hemmelig"]


async def test_who_is_signed_by_the_host_is_verified_and_the_same_everywhere(
    desk: House, inlet: MemoryInlet
) -> None:
    at_home, at_work = desk.visitor(), desk.visitor()
    await at_home.enter(identity=an_identity(name="Jan"))
    assert at_home.session["verified"] is True
    assert at_home.session["pass"] == ""  # nothing to keep: who uses this browser next is nobody
    await at_home.say("hei")
    await at_work.enter(identity=an_identity())
    assert await at_work.texts() == ["hei"]
    assert inlet.arrivals[0].envelope.authenticated_as == "kunde-7"


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param({"user": "kunde-8"}, id="another user"),
        pytest.param({"name": "Kari"}, id="another name"),
        pytest.param({"email": "kari@kunde.example"}, id="another address"),
        pytest.param({"expires": "99999999999"}, id="a longer time"),
        pytest.param({"signature": ""}, id="no signature"),
        pytest.param({"signature": "é"}, id="no hex"),
        pytest.param({"user": "kunde-7\n"}, id="another line"),
    ],
)
async def test_a_forged_signature_makes_a_guest(
    desk: House, inlet: MemoryInlet, forged: dict[str, str]
) -> None:
    real, other = desk.visitor(), desk.visitor()
    await real.enter(identity=an_identity())
    await real.say("hei")
    await other.enter(identity={**an_identity(), **forged})
    assert other.session["verified"] is False
    assert await other.entries() == []
    await other.say("hallo")
    assert inlet.arrivals[-1].envelope.authenticated_as == ""


async def test_a_signature_runs_out_and_nobody_goes_on_as_somebody_else(
    desk: House, clock: list[datetime]
) -> None:
    jan, identity = desk.visitor(), an_identity()
    await jan.enter(identity=identity)
    clock[0] += timedelta(hours=2)
    response = await jan.enter(identity=identity, verified=True)
    assert response.status == 403
    assert await response.json() == {"error": "expired"}


async def test_users_who_differ_in_case_alone_are_two(desk: House) -> None:
    keys = set()
    for user in ("Abc", "abc", "a@shop", "a b", "Ａbc"):
        browser = desk.visitor()
        await browser.enter(identity=an_identity(user))
        keys.add((await browser.key()).casefold())
    assert len(keys) == 5


@pytest.mark.parametrize(
    ("text", "files", "status", "why"),
    [
        ("  ", [], 422, "empty"),
        ("\u200b\u2060 \u202e\x00", [], 422, "empty"),
        ("x" * 10_001, [], 422, "too-long"),
        ("", [A_FILE], 200, ""),
        ("x", [replace(A_FILE, content=b"x" * 1001)], 413, "too-large"),
        ("x", [A_FILE] * 6, 413, "too-large"),
    ],
)
async def test_what_can_t_be_taken_is_told(
    jan: Browser, text: str, files: list[File], status: int, why: str
) -> None:
    response = await jan.say(text, files=files)
    assert response.status == status
    assert status == 200 or (await response.json())["error"] == why


@pytest.mark.parametrize("id_", ["short", "x" * 65, "å" * 10, "with\nline"])
async def test_an_id_that_is_none_is_refused(jan: Browser, id_: str) -> None:
    assert (await jan.say("hei", id_=id_)).status == 400


async def test_a_flood_is_slowed_down_and_forgiven(
    desk: House, jan: Browser, clock: list[datetime]
) -> None:
    for _ in range(5):
        assert (await jan.say("hei")).status == 200
    response = await jan.say("hei")
    assert (response.status, await response.json()) == (429, {"error": "too-much"})
    assert response.headers["Retry-After"] == "60"
    assert len(await jan.entries()) == 5
    clock[0] += timedelta(minutes=1)
    assert (await jan.say("hei")).status == 200


async def test_files_are_counted_by_the_hour(jan: Browser, clock: list[datetime]) -> None:
    assert (await jan.say("", files=[A_FILE] * 3)).status == 200
    assert (await jan.say("", files=[A_FILE])).status == 429
    clock[0] += timedelta(hours=1)
    await jan.enter()
    assert (await jan.say("", files=[A_FILE])).status == 200


async def test_one_address_begins_only_so_many_conversations(desk: House) -> None:
    statuses = [(await desk.visitor().enter()).status for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    behind = desk.visitor()
    behind.headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}  # a proxy on this machine
    assert (await behind.enter()).status == 200


async def test_who_looks_at_a_page_becomes_no_visitor(sqlite: Sqlite, desk: House) -> None:
    response = await desk.visitor().call("GET", "/hello?lang=pl-PL")
    about = await response.json()
    assert (about["language"], about["title"]) == ("pl", "Porozmawiaj z nami")
    assert await sqlite.read(lambda tx: chats.by_id(tx, 1)) is None


async def test_an_answer_is_in_the_transcript_once(desk: House, jan: Browser) -> None:
    to = await jan.key()
    await jan.say("hei")
    for _ in range(3):
        receipt = await desk.chat.send(a_dispatch(to, "hallo", files=(A_FILE,)))
        assert receipt.remote_id == "2"
    await desk.chat.send(a_dispatch(to, "og mer", 8))
    assert await jan.texts() == ["hei", "hallo", "og mer"]
    assert [entry["seq"] for entry in await jan.entries(after=1)] == [2, 3]
    assert (await jan.entries())[1]["author"] == "Kasia Nowak, Nordlys Support"


async def test_the_socket_only_nudges(desk: House, jan: Browser) -> None:
    url = f"{desk.url}/chat/{CHAT}/socket"
    async with desk.http.ws_connect(url, headers={"Origin": SHOP}) as socket:
        await socket.send_str(jan.ticket)
        assert await socket.receive_json(timeout=5) == {"news": "entries"}
        await desk.chat.send(a_dispatch(await jan.key(), "hemmelig"))
        assert await socket.receive_json(timeout=5) == {"news": "entries"}
        await desk.chat.typing(await jan.key())
        assert await socket.receive_json(timeout=5) == {"news": "typing"}
        desk.chat.listeners.close()
        assert await socket.receive_json(timeout=5) == {"news": "bye"}


async def test_a_socket_is_opened_for_nobody_else(desk: House, jan: Browser) -> None:
    url = f"{desk.url}/chat/{CHAT}/socket"
    with pytest.raises(WSServerHandshakeError) as refused:
        await desk.http.ws_connect(url, headers={"Origin": ELSEWHERE})
    assert refused.value.status == 403
    async with desk.http.ws_connect(url, headers={"Origin": SHOP}) as socket:
        await socket.send_str(ticket(RING, CHAT, 1, ELSEWHERE, now=NOW))
        assert (await socket.receive(timeout=5)).type is WSMsgType.CLOSE
        assert socket.close_code == 4401


async def test_the_same_nudges_come_as_events(desk: House, jan: Browser) -> None:
    response = await jan.call("GET", "/events")
    assert response.content_type == "text/event-stream"
    assert is_public(response)

    async def news() -> str:
        async with asyncio.timeout(30):
            data = (await response.content.readuntil(b"\n\n")).removeprefix(b"data: ")
        return str(json.loads(data)["news"])

    assert await news() == "entries"
    await desk.chat.send(a_dispatch(await jan.key(), "hemmelig"))
    assert await news() == "entries"
    desk.chat.listeners.close()
    assert await news() == "bye"
    assert await response.content.read() == b""


async def test_connections_are_few_and_given_back(desk: House, jan: Browser) -> None:
    first, second = await jan.call("GET", "/events"), await jan.call("GET", "/events")
    await first.content.readuntil(b"\n\n")
    await second.content.readuntil(b"\n\n")
    assert (await jan.call("GET", "/events")).status == 429
    first.close()
    async with asyncio.timeout(30):
        while (third := await jan.call("GET", "/events")).status == 429:
            await asyncio.sleep(0.05)
    assert third.status == 200
    second.close()
    third.close()


async def test_what_was_read_is_not_sent_by_mail(sqlite: Sqlite, desk: House, jan: Browser) -> None:
    await jan.call("POST", "/introduction", json={"email": "jan@kunde.example"})
    await desk.chat.send(a_dispatch(await jan.key(), "hei"))
    await desk.chat.send(a_dispatch(await jan.key(), "takk", 8, purpose=Purpose.ACKNOWLEDGEMENT))
    assert (await jan.call("POST", "/notices", json={"read": 3})).status == 200  # there is none
    number = int(jan.ticket.partition(".")[0])
    visitor = await sqlite.read(lambda tx: chats.by_id(tx, number))
    assert visitor
    assert visitor.read_seq == 0
    await jan.call("POST", "/notices", json={"read": 2})
    await jan.call("POST", "/notices", json={"read": 1})
    await jan.enter()
    assert jan.session["read"] == 2
    assert jan.session["email"] == "jan@kunde.example"


@pytest.mark.parametrize("read", ["2", True, -1, 2**60, None, [1]])
async def test_a_notice_that_is_none_is_refused(jan: Browser, read: object) -> None:
    assert (await jan.call("POST", "/notices", json={"read": read})).status == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"1", b"[" * 15_000, b'{"a":' * 3_000])
async def test_a_body_that_is_no_object_is_refused(jan: Browser, body: bytes) -> None:
    response = await jan.call("POST", "/notices", data=body)
    assert response.status == 400


async def test_a_body_without_an_end_is_not_read_to_its_end(jan: Browser) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        with suppress(asyncio.CancelledError):
            while sent < 100_000_000:
                sent += 10_000
                yield b" " * 10_000

    with suppress(ClientError):  # it hangs up on us
        response = await jan.call("POST", "/notices", data=endless())
        assert response.status == 413
    assert sent < 20_000_000


async def test_who_says_something_else_all_the_time_is_slowed_down(
    jan: Browser, clock: list[datetime]
) -> None:
    async def introduce(number: int) -> int:
        said = {"name": f"{number}", "email": ""}
        return (await jan.call("POST", "/introduction", json=said)).status

    assert [await introduce(number) for number in range(21)] == [200] * 20 + [429]
    await jan.enter(name="another")
    assert jan.session["name"] == "19"  # it goes on, and nothing is written
    clock[0] += timedelta(minutes=1)
    await jan.enter(name="another")
    assert jan.session["name"] == "another"


async def test_lines_of_nobody_are_few(desk: House) -> None:
    url = f"{desk.url}/chat/{CHAT}/socket"
    async with AsyncExitStack() as stack:
        for _ in range(20):
            opening = desk.http.ws_connect(url, headers={"Origin": SHOP})
            await stack.enter_async_context(opening)
        async with asyncio.timeout(30):
            while True:
                async with desk.http.ws_connect(url, headers={"Origin": SHOP}) as one_more:
                    with suppress(TimeoutError):
                        await one_more.receive(timeout=0.5)
                    if one_more.close_code == 4429:
                        break


async def test_a_visitor_is_seen_writing_for_a_moment(desk: House, jan: Browser) -> None:
    await jan.call("POST", "/notices", json={"typing": True})
    key, listeners = await jan.key(), desk.chat.listeners
    assert listeners.is_writing(key, NOW + timedelta(seconds=5))
    assert not listeners.is_writing(key, NOW + timedelta(seconds=6))


async def test_an_address_that_is_none_is_told(jan: Browser) -> None:
    response = await jan.call("POST", "/introduction", json={"email": "jan at home"})
    assert (response.status, await response.json()) == (422, {"error": "not-an-address"})


async def test_presence_follows_the_calendar(
    sqlite: Sqlite, inlet: MemoryInlet, clock: list[datetime]
) -> None:
    week = (*(((Span(480, 960),),) * 5), (), ())
    office = Calendar(zone=ZoneInfo("Europe/Oslo"), week=week)
    settings = the_settings(calendar="office")
    served = house(sqlite, inlet, settings, calendars={"office": office}, clock=clock)
    async with served as desk:  # NOW is a Saturday
        about = await (await desk.visitor().call("GET", "/hello?lang=nb")).json()
        assert about["presence"] == {"open": False, "back": "2026-11-23T07:00:00+00:00"}
        clock[0] = NOW + timedelta(days=2)
        about = await (await desk.visitor().call("GET", "/hello")).json()
        assert about["presence"]["open"] is True


async def test_no_files_at_all_are_offered_where_none_are_taken(
    sqlite: Sqlite, inlet: MemoryInlet
) -> None:
    async with house(sqlite, inlet, the_settings(at_most=AtMost(uploads=0))) as desk:
        jan = desk.visitor()
        await jan.enter()
        assert (await (await jan.call("GET", "/hello")).json())["files"] == 0
        assert (await jan.say("", files=[A_FILE])).status == 413


async def test_more_files_than_an_hour_allows_are_refused_for_good(
    sqlite: Sqlite, inlet: MemoryInlet
) -> None:
    """Else the browser would come again every hour, for ever."""
    async with house(sqlite, inlet, the_settings(at_most=AtMost(uploads=2))) as desk:
        jan = desk.visitor()
        await jan.enter()
        assert (await (await jan.call("GET", "/hello")).json())["files"] == 2
        assert (await jan.say("", files=[A_FILE] * 3)).status == 413
        assert (await jan.say("", files=[A_FILE] * 2)).status == 200
        refused = await jan.say("", files=[A_FILE])
        assert (refused.status, refused.headers["Retry-After"]) == (429, "3600")


async def test_the_script_is_for_every_page_and_kept(desk: House) -> None:
    path = f"{desk.url}/chat/{CHAT}.js"
    response = await desk.http.get(path)
    assert response.content_type == "text/javascript"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert int(response.headers["Content-Length"]) < 20_000  # as it travels
    assert len(await response.read()) < 64_000
    again = await desk.http.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status == 304
