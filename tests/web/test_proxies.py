"""Behind proxies, is everything that goes by an address about the customer's own?"""

import json
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Premises
from channels.webhook.channel import Settings, open_channel
from inquiry.journey import ChannelName
from storage import credentials
from storage.credentials import FAILURES_FROM
from storage.database import Transaction
from storage.sqlite import Sqlite
from tests.inquiries import NOW
from tests.servers.other_system import SECRET, headers_of
from tests.web.site import HERE, served
from tests.web.test_form import FILLED

OUTER, CUSTOMER = "10.0.0.5", "198.51.100.7"
TOLD = {"X-Forwarded-For": f"1.1.1.1, {CUSTOMER}, {OUTER}"}
"""What the proxy on this machine hands on: it was called by one farther out."""
TRUSTED = (ip_network("10.0.0.0/24"),)


@pytest.mark.parametrize(
    ("trusted", "peer"),
    [
        pytest.param(TRUSTED, CUSTOMER, id="the outer proxy is named"),
        pytest.param((), OUTER, id="only the one here is believed"),
    ],
)
async def test_a_form_is_from_whom_the_proxies_saw(
    sqlite: Sqlite, tmp_path: Path, trusted: Any, peer: str
) -> None:
    async with served(sqlite, tmp_path, trusted_proxies=trusted) as site:
        assert (await site.post("/new", FILLED, {**HERE, **TOLD})).status == 200
        (arrival,) = site.inlet.arrivals
        assert arrival.envelope.peer == peer


async def test_a_status_page_too(sqlite: Sqlite, tmp_path: Path) -> None:
    async with served(sqlite, tmp_path, trusted_proxies=TRUSTED) as site:
        link = await site.link(await site.inquiries.opened())
        await site.post(f"{link}/message", {"text": "Hei", "submission": "1"}, {**HERE, **TOLD})
        (arrival,) = site.inlet.arrivals
        assert arrival.envelope.peer == CUSTOMER


async def test_a_webhook_too(sqlite: Sqlite, tmp_path: Path) -> None:
    settings = Settings(secret=(SECRET,), answer_url="http://127.0.0.1:1/")
    premises = Premises(spool=tmp_path)
    body = json.dumps(
        {"type": "message.created", "data": {"id": "1", "from": {"id": "+47"}, "text": "Hei"}}
    ).encode()
    async with (
        open_channel(ChannelName("sms"), settings, premises) as channel,
        served(sqlite, tmp_path, trusted_proxies=TRUSTED, receivers=(channel,)) as site,
    ):
        headers = {**headers_of("evt-1", body), **TOLD}
        answer = await site.client.post("/hooks/sms", data=body, headers=headers)
        assert answer.status == 202
        (arrival,) = site.inlet.arrivals
        assert arrival.envelope.peer == CUSTOMER


async def test_one_who_guesses_passwords_locks_out_nobody_else(
    sqlite: Sqlite, tmp_path: Path
) -> None:
    async with served(sqlite, tmp_path, trusted_proxies=TRUSTED) as site:
        for number in range(FAILURES_FROM):
            await sqlite.write(partial(_failed, name=f"guess-{number}"))
        again = {"name": "guess", "password": "x"}
        assert (await site.post("/sign-in", again, {**HERE, **TOLD})).status == 429
        elsewhere = {"X-Forwarded-For": f"198.51.100.8, {OUTER}"}
        assert (await site.post("/sign-in", again, {**HERE, **elsewhere})).status == 401


async def _failed(tx: Transaction, name: str) -> None:
    await credentials.failed(tx, name, CUSTOMER, now=NOW)
