"""Are open pages told what changed, and nobody but specialists, and nothing but ids?"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientResponse
from yarl import URL

from inquiry.journey import SpecialistName
from specialists.acts import notes
from storage import credentials, presence
from storage.presence import Doing
from tests.inquiries import KASIA, MARI, NOW, OLA, Opened, a_message
from tests.rows import rows
from tests.web.site import PEOPLE, Site
from web import newsroom
from web.access import FRONT, SESSION
from web.app import face_of
from web.front import Front
from web.newsroom import NEWSROOM, Item, Newsroom, Pace, Reader, Subject, TooMany

QUICK = Pace(
    look=timedelta(milliseconds=10),
    check=timedelta(milliseconds=50),
    beat=timedelta(milliseconds=100),
    slow=timedelta(milliseconds=300),
)
PATIENCE = 20.0
FLOOD = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000)
    INSERT INTO history (inquiry, at, kind, actor, data)
    SELECT inquiry, at, kind, actor, data FROM history, numbers WHERE id = 1"""
Told = tuple[str, dict[str, Any], int]


@dataclass
class Ear:
    """One open stream."""

    response: ClientResponse

    async def next(self) -> Told:
        """Return the next thing told: subject, data and id; heartbeats are left out."""
        lines: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            while True:
                line = (await self.response.content.readline()).decode()
                if not line:
                    raise EOFError
                if line.strip():
                    name, _, value = line.rstrip("\n").partition(": ")
                    lines[name] = value
                elif "event" in lines:
                    return lines["event"], json.loads(lines["data"]), int(lines["id"])
                else:
                    lines.clear()

    async def ends(self) -> None:
        async with asyncio.timeout(PATIENCE):
            with suppress(ClientPayloadError):  # the line was cut: that is an end, too
                await self.response.content.read()


@pytest.fixture
async def desk(kasia: Site) -> Site:
    """A desk that looks often, with Kasia signed in."""
    kasia.app[NEWSROOM].pace = QUICK
    return kasia


@asynccontextmanager
async def listening(site: Site, since: int | None = 0, **headers: str) -> AsyncIterator[Ear]:
    mark = re.search('data-mark="(.+?)"', await site.text("/inbox"))
    assert mark
    path = "/live" if since is None else f"/live?since={since}&mark={mark[1]}"
    response = await site.get(path, **headers)
    try:
        yield Ear(response)
    finally:
        response.close()


async def newest(site: Site) -> int:
    found = await rows(site.db, "SELECT coalesce(max(id), 0) AS id FROM history")
    return int(found[0]["id"])


async def be_there(site: Site, opened: Opened, doing: str, tab: str = "t1") -> int:
    data = {"tab": tab, "inquiry": opened.reference, "doing": doing}
    return (await site.post("/live/presence", data)).status


async def colleague(
    site: Site, opened: Opened, doing: Doing, who: SpecialistName = OLA, tab: str = "o1"
) -> None:
    await site.db.write(
        lambda tx: presence.keep(
            tx,
            specialist=who,
            tab=tab,
            reference=opened.reference,
            doing=doing,
            now=site.desk.now(),
        )
    )


async def test_a_change_is_told_by_ids_and_kinds_alone(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    async with listening(desk, await newest(desk)) as ear:
        await desk.inquiries.followed_up(opened, a_message(new_text="a secret", subject="S"))
        subject, data, number = await ear.next()
        event = await newest(desk)
        assert subject == "inquiry"
        assert data == {"inquiry": opened.reference, "event": event, "kind": "followed-up"}
        assert number <= event
        assert ear.response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert ear.response.headers["Cache-Control"] == "no-store"


async def test_what_happened_since_the_page_was_made_is_told_first(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    before = await newest(desk)
    await notes.note(desk.db, inquiry=opened.id, specialist=OLA, text="x", now=NOW)
    async with listening(desk, before) as ear:
        assert (await ear.next())[1]["kind"] == "noted"


async def test_a_stream_resumes_where_it_was_cut_off(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    async with listening(desk, await newest(desk)) as ear:
        await notes.note(desk.db, inquiry=opened.id, specialist=OLA, text="1", now=NOW)
        await ear.next()
        await notes.note(desk.db, inquiry=opened.id, specialist=OLA, text="2", now=NOW)
        _, data, number = await ear.next()
    for text in "34":
        await notes.note(desk.db, inquiry=opened.id, specialist=OLA, text=text, now=NOW)
    header = {"Last-Event-ID": str(number)}
    async with listening(desk, 0, **header) as ear:
        subject, told, _ = await ear.next()
        assert (subject, told["event"]) == ("inquiry", await newest(desk))
        assert told["event"] > data["event"]


@pytest.mark.parametrize("since", [0, 10**17])
async def test_who_was_away_too_long_looks_at_everything(desk: Site, since: int) -> None:
    opened = await desk.inquiries.opened()
    for _ in range(newsroom.WAITING):
        await notes.note(desk.db, inquiry=opened.id, specialist=OLA, text="x", now=NOW)
    async with listening(desk, since) as ear:
        subject, data, _ = await ear.next()
        assert (subject, data) == ("everything", {"event": await newest(desk)})


async def test_a_flood_becomes_one_look_at_everything(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    async with listening(desk, await newest(desk)) as ear:
        await notes.note(desk.db, inquiry=opened.id, specialist=OLA, text="x", now=NOW)
        await ear.next()
        await rows(desk.db, FLOOD)
        last, told = await newest(desk), [await ear.next()]
        while told[-1][1]["event"] < last:
            told.append(await ear.next())
        assert "everything" in {subject for subject, *_ in told}  # and the rest, one by one
        assert len(told) < 10


async def test_quarantine_is_told_of_as_changed_numbers(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    async with listening(desk, await newest(desk)) as ear:
        await asyncio.sleep(0.05)
        change = "UPDATE arrivals SET state = 'quarantined', reason = 'x' WHERE id = "
        await rows(desk.db, change + str(opened.arrival))
        assert (await ear.next())[:2] == ("counts", {})


async def test_who_came_while_the_page_was_made_is_told_of(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    mark = re.search('data-mark="(.+?)"', await desk.text("/inbox"))
    assert mark
    path = f"/live?since={await newest(desk)}&mark={mark[1]}"
    await be_there(desk, opened, "viewing")
    ear = Ear(await desk.get(path))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await ear.next()
    ear.response.close()
    await colleague(desk, opened, Doing.VIEWING)
    ear = Ear(await desk.get(path))
    assert (await ear.next())[0] in ("counts", "presence")  # the stream before may still be looking
    ear.response.close()


async def test_a_heartbeat_comes_while_nothing_happens(desk: Site) -> None:
    async with listening(desk) as ear:
        async with asyncio.timeout(PATIENCE):
            lines = [await ear.response.content.readline() for _ in range(6)]
    assert lines[0].startswith(b"retry: ")
    assert lines.count(b":\n") == 2


async def test_who_signs_out_hears_nothing_more(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    async with listening(desk, await newest(desk)) as ear:
        token = desk.client.session.cookie_jar.filter_cookies(desk.client.make_url("/"))[SESSION]
        await desk.db.write(lambda tx: credentials.close_session(tx, token.value))
        await notes.note(desk.db, inquiry=opened.id, specialist=OLA, text="x", now=NOW)
        with pytest.raises(EOFError):
            await ear.next()
    assert (await desk.get("/live")).status == 303


async def test_a_session_that_ends_closes_an_idle_stream(desk: Site) -> None:
    async with listening(desk) as ear:
        await ear.response.content.readline()
        desk.moment += credentials.SESSION
        await ear.ends()


async def test_who_is_no_specialist_any_more_hears_nothing_more(desk: Site) -> None:
    async with listening(desk) as ear:
        await ear.response.content.readline()
        others = {name: person for name, person in PEOPLE.items() if name != KASIA}
        desk.app[FRONT].show(face_of(replace(desk.desk, people=others)))
        await ear.ends()


async def test_a_reload_of_the_configuration_cuts_nobody_off(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    async with listening(desk, await newest(desk)) as ear:
        desk.app[FRONT].show(face_of(replace(desk.desk, name="Another name")))
        await notes.note(desk.db, inquiry=opened.id, specialist=OLA, text="x", now=NOW)
        assert (await ear.next())[0] == "inquiry"


async def test_a_server_that_ends_waits_for_no_stream(desk: Site) -> None:
    async with listening(desk) as one, listening(desk) as other:
        await one.response.content.readline()
        await other.response.content.readline()
        began = time.monotonic()
        await desk.client.server.close()
        assert time.monotonic() - began < 10
        await one.ends()
        await other.ends()


async def test_nobody_has_more_streams_than_anybody_needs(desk: Site) -> None:
    open_ones = [await desk.get("/live") for _ in range(newsroom.MOST)]
    assert {one.status for one in open_ones} == {200}
    assert (await desk.get("/live")).status == 503
    for one in open_ones:
        one.close()
    async with asyncio.timeout(PATIENCE):
        while (found := await desk.get("/live")).status != 200:
            await asyncio.sleep(0.02)
    found.close()


async def test_who_does_not_read_is_dropped(desk: Site) -> None:
    url = desk.client.make_url("/live")
    cookies = desk.client.session.cookie_jar.filter_cookies(URL(url))
    _, writer = await asyncio.open_connection(url.host, url.port, limit=1)
    cookie = f"{SESSION}={cookies[SESSION].value}"
    writer.write(f"GET /live HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
    readers = desk.app[NEWSROOM]._readers
    async with asyncio.timeout(PATIENCE):
        while not readers:
            await asyncio.sleep(0.01)
    (reader,) = readers
    long = "x" * 100_000
    async with asyncio.timeout(PATIENCE * 4):
        while readers:
            reader.tell(Item(subject=Subject.INQUIRY, reference=f"{n}{long}") for n in range(50))
            await asyncio.sleep(0.01)
    writer.close()


async def test_what_waits_for_a_slow_page_is_bounded() -> None:
    reader = Reader(b"", KASIA)
    for number in range(10_000):
        reader.tell([Item(subject=Subject.INQUIRY, reference=str(number), event=number)])
    items = await reader.news(timedelta(seconds=1))
    assert len(items) <= newsroom.WAITING
    assert items[0].subject is Subject.EVERYTHING
    reader.tell([Item(subject=Subject.INQUIRY, reference="1", event=n) for n in range(5)])
    assert [one.event for one in await reader.news(timedelta(seconds=1))] == [4]


async def test_thousands_of_idle_pages_cost_as_much_as_one(desk: Site) -> None:
    people = {SpecialistName(f"p{n}"): PEOPLE[KASIA] for n in range(100)}
    sessions = {}
    for name in people:
        token = await desk.db.write(
            lambda tx, name=name: credentials.open_session(tx, name, now=desk.moment)  # type: ignore[misc]
        )
        sessions[name] = credentials.fingerprint(token)
    looks = _Counted(desk)
    room = Newsroom(Front(face_of(replace(desk.desk, db=looks, people=people))), QUICK)
    with ExitStack() as held:
        readers = [
            held.enter_context(room.reading(session, name))
            for name, session in sessions.items()
            for _ in range(newsroom.MOST)
        ]
        task = asyncio.create_task(room.run())
        await asyncio.sleep(0.3)
        task.cancel()
        assert len(readers) == 2000
        assert not any(reader.closed for reader in readers)
        assert 2 <= looks.count <= 40


class _Counted:
    """A database that counts how often it is read."""

    def __init__(self, site: Site) -> None:
        self._db = site.db
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    async def read(self, work: Any) -> Any:
        self.count += 1
        return await self._db.read(work)


async def test_while_nobody_listens_nobody_looks(desk: Site) -> None:
    looks = _Counted(desk)
    desk.app[FRONT].show(face_of(replace(desk.desk, db=looks)))
    await asyncio.sleep(0.1)
    assert looks.count == 0


def test_a_newsroom_that_ends_takes_nobody_in(site: Site) -> None:
    room = Newsroom(site.app[FRONT])
    room.stop()
    with pytest.raises(TooMany), room.reading(b"", KASIA):
        pass


async def test_others_see_who_is_there_and_who_writes(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    await colleague(desk, opened, Doing.WRITING)
    await colleague(desk, opened, Doing.VIEWING, MARI, "m1")
    text = await desk.text(f"/inquiry/{opened.reference}")
    assert "Ola Hansen is writing an answer here at this moment." in text
    assert "Mari Tamm<" in text
    listed = await desk.text("/inbox")
    assert 'Ola Hansen<span class="unseen"> is writing an answer</span>' in listed
    now = await desk.text("/live/now")
    assert f'data-live="present:{opened.reference}"' in now
    assert f'data-live="writing:{opened.reference}"' in now
    assert 'data-live="count:/inbox">1</b>' in now


async def test_one_is_not_told_of_oneself(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    assert await be_there(desk, opened, "writing") == 204
    assert "is writing" not in await desk.text(f"/inquiry/{opened.reference}")
    await desk.sign_in("ola")
    assert "Kasia Nowak is writing" in await desk.text(f"/inquiry/{opened.reference}")


async def test_presence_is_told_as_it_comes_and_goes(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    async with listening(desk, await newest(desk)) as ear:
        await ear.response.content.readline()
        await asyncio.sleep(0.1)
        await be_there(desk, opened, "viewing")
        assert (await ear.next())[:2] == ("presence", {"inquiry": opened.reference})
        await be_there(desk, opened, "gone")
        assert (await ear.next())[:2] == ("presence", {"inquiry": opened.reference})
        await colleague(desk, opened, Doing.VIEWING)
        await ear.next()
        desk.moment += presence.LASTS
        assert (await ear.next())[:2] == ("presence", {"inquiry": opened.reference})


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"tab": ""}, 400, id="no tab"),
        pytest.param({"tab": "<b>"}, 400, id="a tab that is none"),
        pytest.param({"doing": "dancing"}, 400, id="doing what?"),
        pytest.param({"inquiry": "NL-2026-99999"}, 404, id="no such inquiry"),
        pytest.param({"doing": "gone", "inquiry": ""}, 204, id="gone is gone"),
    ],
)
async def test_nonsense_is_not_noted(desk: Site, change: Mapping[str, str], status: int) -> None:
    opened = await desk.inquiries.opened()
    data = {"tab": "t", "inquiry": opened.reference, "doing": "viewing", **change}
    assert (await desk.post("/live/presence", data)).status == status
    assert await rows(desk.db, "SELECT * FROM presence") == []


async def test_a_foreign_page_can_note_nobody(desk: Site) -> None:
    opened = await desk.inquiries.opened()
    data = {"tab": "t", "inquiry": opened.reference, "doing": "viewing"}
    refused = await desk.post("/live/presence", data, {"Sec-Fetch-Site": "cross-site"})
    assert refused.status == 403
