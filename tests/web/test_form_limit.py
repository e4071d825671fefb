"""May nobody flood the form, and does nobody lose what was typed?"""

import math
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientResponse, FormData
from aiohttp.test_utils import TestClient, TestServer

from channels.form import AtMost, FormChannel, Settings
from channels.peer import is_here
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from storage.sqlite import Sqlite
from tests.web.site import HERE, Site
from web.customer_words import TEXTS

EVE, EWA = "192.0.2.66", "192.0.2.1"


@pytest.fixture
async def site(sqlite: Sqlite, tmp_path: Path) -> AsyncIterator[Site]:
    """A desk whose form takes three messages an hour from one address."""
    form = FormChannel(ChannelName("web"), Settings(at_most=AtMost(messages=3)))
    made = Site(sqlite, tmp_path / "mailbox", forms=(form,))
    async with TestClient(TestServer(made.app)) as client:
        made.client = client
        yield made


async def sends(
    site: Site, number: int, peer: str = EVE, *, lang: str = "en", **more: str
) -> ClientResponse:
    """Send a form of its own, seen by the proxy of this machine."""
    form = {
        "submission": f"s{number}",
        "name": "Ewa Lis",
        "email": "ewa.lis@kunde.example",
        "subject": "Drukarka",
        "text": f"Nie działa <{number}>.",
        **more,
    }
    return await site.post(f"/new?lang={lang}", form, {**HERE, "X-Forwarded-For": peer})


@pytest.mark.parametrize("language", sorted(TEXTS))
async def test_who_sends_very_many_waits_and_loses_nothing(site: Site, language: str) -> None:
    for number in range(3):
        assert (await sends(site, number)).status == 200
    site.moment += timedelta(minutes=20, seconds=1)
    refused = await sends(site, 4, lang=language)
    assert refused.status == 429
    wait = int(refused.headers["Retry-After"])
    assert wait == 40 * 60 - 1
    text = unescape(await refused.text())
    assert TEXTS[language]["too-often"].format(minutes=math.ceil(wait / 60)) in text
    assert 'value="Ewa Lis"' in text
    assert 'value="ewa.lis@kunde.example"' in text
    assert 'value="Drukarka"' in text
    assert ">Nie działa <4>.</textarea>" in text
    assert 'name="submission" value="s4"' in text
    assert len(site.inlet.arrivals) == 3
    site.moment += timedelta(minutes=40)
    assert (await sends(site, 4)).status == 200
    assert len(site.inlet.arrivals) == 4


async def test_others_are_not_kept_out(site: Site) -> None:
    for number in range(4):
        await sends(site, number)
    assert (await sends(site, 9, EWA)).status == 200


async def test_a_network_of_ipv6_is_one_sender(site: Site) -> None:
    found = [(await sends(site, n, f"2001:db8:0:1::{n + 1}")).status for n in range(4)]
    assert found == [200, 200, 200, 429]
    assert (await sends(site, 9, "2001:db8:0:2::1")).status == 200


async def test_what_is_only_sent_again_is_thanked_for(site: Site) -> None:
    for _ in range(5):
        assert (await sends(site, 1)).status == 200
    for number in (2, 3):
        assert (await sends(site, number)).status == 200
    assert (await sends(site, 4)).status == 429
    assert (await sends(site, 1)).status == 200, "also by one who may send no more"
    assert len(site.inlet.arrivals) == 3


async def test_a_form_that_has_to_be_corrected_costs_nothing(site: Site) -> None:
    for _ in range(5):
        assert (await sends(site, 1, email="ewa")).status == 422
    for number in range(3):
        assert (await sends(site, number)).status == 200


async def test_what_could_not_be_stored_is_counted_once(site: Site) -> None:
    site.inlet.trouble = TemporaryFailure("disk full")
    for _ in range(5):
        assert (await sends(site, 1)).status == 503
    site.inlet.trouble = None
    for number in range(1, 4):
        assert (await sends(site, number)).status == 200
    assert (await sends(site, 4)).status == 429


async def test_files_are_to_be_chosen_again(site: Site) -> None:
    for number in range(3):
        await sends(site, number)
    form = FormData({"submission": "x", "email": "e@kunde.example", "text": "see the picture"})
    form.add_field("files", b"\x89PNG", filename="a.png", content_type="image/png")
    refused = await site.post("/new?lang=en", form, {**HERE, "X-Forwarded-For": EVE})
    assert refused.status == 429
    assert TEXTS["en"]["again-files"] in await refused.text()


async def test_a_proxy_that_names_nobody_keeps_nobody_out(site: Site) -> None:
    for number in range(6):
        form = {"submission": f"s{number}", "email": "e@kunde.example", "text": "hello"}
        assert (await site.post("/new", form)).status == 200


@pytest.mark.parametrize(
    ("peer", "here"),
    [("127.0.0.1", True), ("::1", True), ("", True), ("192.0.2.1", False), ("2001:db8::1", False)],
)
def test_who_is_on_this_machine(peer: str, here: bool) -> None:
    assert is_here(peer) == here
