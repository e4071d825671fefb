"""Does every answer bind the browser, and does a foreign page get nothing done?"""

import asyncio
import logging
from contextlib import suppress

import pytest
from aiohttp import web

from config.channel_table import OUR_PAGES
from inquiry.errors import TemporaryFailure
from storage.database import StorageUnavailable
from tests.web.site import HERE, URL, Site
from web.access import TABLE
from web.guard import HEADERS
from web.pages import static_url

EVERY = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ODD = [("GET", "/nowhere"), ("DELETE", "/inbox"), ("GET", "/%00"), ("GET", "/sign-in/../../etc")]


@pytest.mark.parametrize(("method", "path"), [*TABLE, *ODD, ("GET", "/new"), ("POST", "/new")])
async def test_every_answer_has_a_policy(kasia: Site, method: str, path: str) -> None:
    address = path.format(reference="NL-1", number=7, token="none", file="none", act="hold")
    response = await kasia.client.request(method, address, headers=HERE, allow_redirects=False)
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    for name, value in EVERY.items():
        assert response.headers[name] == value
    assert "Server" not in response.headers


def test_the_policy_lets_nothing_run_but_our_own_files() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"


async def test_our_own_files_may_be_kept_and_no_page_may(site: Site) -> None:
    assert "no-store" in (await site.get("/sign-in")).headers["Cache-Control"]
    for name, kind in (("desk.css", "text/css"), ("desk.js", "text/javascript")):
        response = await site.get(static_url(name))
        assert "immutable" in response.headers["Cache-Control"]
        assert response.content_type == kind
    assert (await site.get("/static/desk.css")).status == 404


@pytest.mark.parametrize(
    ("headers", "cookie", "status"),
    [
        pytest.param({"Sec-Fetch-Site": "same-origin"}, True, 404, id="our own page"),
        pytest.param({"Sec-Fetch-Site": "none"}, True, 404, id="the person itself"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, True, 403, id="a foreign page"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, True, 403, id="a neighbour"),
        pytest.param({"Origin": URL}, True, 404, id="an old browser, our page"),
        pytest.param({"Origin": "https://evil.example"}, True, 403, id="an old browser, theirs"),
        pytest.param({"Origin": f"{URL}.evil.example"}, True, 403, id="a name like ours"),
        pytest.param({"Origin": "null"}, True, 403, id="a page that hides itself"),
        pytest.param({}, True, 403, id="a cookie and not a word"),
        pytest.param(
            {"Sec-Fetch-Site": "cross-site", "Origin": URL}, True, 403, id="the surer word counts"
        ),
        pytest.param({}, False, 303, id="a program without a cookie"),
    ],
)
async def test_a_foreign_page_gets_nothing_done(
    site: Site, headers: dict[str, str], cookie: bool, status: int
) -> None:
    if cookie:
        await site.sign_in("kasia")
    response = await site.post("/inquiry/NL-1/note", {"text": "x"}, headers)
    assert response.status == status


async def test_a_foreign_page_can_not_sign_anybody_in(site: Site) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    data = {"name": "kasia", "password": "x"}
    assert (await site.post("/sign-in", data, foreign)).status == 403


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        pytest.param(StorageUnavailable("disk /srv/secret is full"), 503, id="the disk is full"),
        pytest.param(TemporaryFailure("secret"), 503, id="not now"),
        pytest.param(ZeroDivisionError("secret"), 500, id="a bug"),
        pytest.param(ConnectionResetError("secret"), 500, id="a line of our own that broke"),
    ],
)
async def test_a_failure_is_told_without_its_text(
    site: Site, caplog: pytest.LogCaptureFixture, failure: Exception, status: int
) -> None:
    async def fail(_work: object) -> None:
        raise failure

    object.__setattr__(site.desk, "db", _Broken(fail))
    with caplog.at_level(logging.WARNING, "web"):
        response = await site.get("/sign-in/some-token")
    text = await response.text()
    assert response.status == status
    assert "secret" not in text
    assert "Traceback" not in text
    assert "some-token" not in caplog.text
    assert caplog.records


async def test_who_leaves_while_a_page_comes_is_no_fault(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    asked = asyncio.Event()

    async def fail(_work: object) -> None:
        asked.set()
        with suppress(asyncio.CancelledError):  # by the server of tests; that of a desk goes on
            await asyncio.Event().wait()
        raise ConnectionResetError("Cannot write to closing transport")

    object.__setattr__(site.desk, "db", _Broken(fail))
    url = site.client.make_url("/sign-in/some-token")
    _, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET {url.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await asyncio.wait_for(asked.wait(), 30)
    with caplog.at_level(logging.WARNING, "web"):
        writer.close()
        await writer.wait_closed()
        await _some_turns()
    assert caplog.records == []


async def _some_turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0.005)


class _Broken:
    """A database in which everything fails."""

    broken = ""

    def __init__(self, fail: object) -> None:
        self.read = self.write = fail


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        pytest.param("/nowhere", 404, "There is nothing here", id="no such page"),
        pytest.param("/inquiry/NL-1", 404, "There is nothing here", id="no such inquiry"),
        pytest.param("/quarantine/9", 404, "There is nothing here", id="no such arrival"),
        pytest.param("/inquiry/NL-1/file/x", 404, "There is nothing here", id="no number"),
        pytest.param("/outbox/9/dance", 405, "That did not work", id="not this way"),
    ],
)
async def test_a_refusal_is_a_page(kasia: Site, path: str, status: int, words: str) -> None:
    response = await kasia.get(path)
    text = await response.text()
    assert response.status == status
    assert words in text
    assert ('href="/"' in text) == (status == 404)


PARTS = "multipart/form-data; boundary=x"
FIELD = b'--x\r\nContent-Disposition: form-data; name="text"\r\n'
PLAIN = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", ["/new", "/sign-in"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("multipart/form-data", b"x", id="no boundary"),
        pytest.param("multipart/form-data; boundary=" + "a" * 200, b"x", id="endless boundary"),
        pytest.param(PARTS, b"", id="nothing"),
        pytest.param(PARTS, b"--y\r\n", id="another boundary"),
        pytest.param(PARTS, FIELD + b"\r\ncut", id="cut off"),
        pytest.param(PARTS, b"--x\r\ngarbage\r\n\r\nx\r\n--x--\r\n", id="no header"),
        pytest.param(PARTS, b"--x\r\n\r\nx\r\n--x--\r\n", id="no name"),
        pytest.param(
            PARTS,
            FIELD + b"Content-Transfer-Encoding: odd\r\n\r\nx\r\n--x--\r\n",
            id="unknown encoding",
        ),
        pytest.param(
            PARTS,
            FIELD + b"Content-Transfer-Encoding: base64\r\n\r\n!a!!!\r\n--x--\r\n",
            id="bad base64",
        ),
        pytest.param(
            PARTS,
            FIELD + b"Content-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n",
            id="parts of parts",
        ),
        pytest.param(PLAIN + "; charset=utf-99", b"a=b", id="unknown charset"),
        pytest.param(PLAIN + "; charset=ascii", b"a=\xff", id="not of its charset"),
        pytest.param(PLAIN + "; charset=base64", b"a=b", id="not a charset of text"),
    ],
)
async def test_a_form_that_nobody_can_read_is_no_fault_of_ours(
    site: Site, caplog: pytest.LogCaptureFixture, path: str, kind: str, body: bytes
) -> None:
    with caplog.at_level(logging.WARNING, "web"):
        response = await site.client.post(path, data=body, headers={"Content-Type": kind, **HERE})
    assert response.status == 400
    assert not caplog.records


async def test_without_room_for_an_upload_it_is_asked_for_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_request: web.Request) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(web.Request, "post", full)
    response = await site.post("/new", {"text": "x"})
    assert response.status == 503
    assert "No space" not in await response.text()


def test_no_channel_is_offered_the_path_of_a_page() -> None:
    begin = {path.split("/")[1] for _, path in TABLE} - {""}
    assert begin <= OUR_PAGES
