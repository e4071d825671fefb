"""Is a sender checked within its time, whatever the mail and the DNS do?"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from channels.mail import verify
from channels.mail.names import Nameservers
from channels.mail.verify import UNKNOWN, NotInstalled, Verifier, demand_libraries
from inquiry.journey import ChannelName, Envelope
from tests.channels.signing import public_key
from tests.servers.dns import dns_server

MAIL = b"From: kari@fjell.example\r\n\r\nHei\r\n"
FROM = Envelope(mail_from="kari@fjell.example", peer="192.0.2.7", helo="mx.fjell.example")
ZONE = {
    ("fjell.example", "TXT"): '"v=spf1 ip4:192.0.2.7 -all"',
    ("_dmarc.fjell.example", "TXT"): '"v=DMARC1; p=reject"',
}
BOMB = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=fjell.example; s=s1; h=from;"
    b" bh=aGVp; b=aGVp\r\nFrom: kari@fjell.example\r\n\r\n" + b" " * 3_000_000 + b".\r\n"
)
"""The library's pattern for blanks takes time with the square of their number."""


@asynccontextmanager
async def checking(
    nameservers: Nameservers, *, patience: float = 5, count: int = 1
) -> AsyncIterator[Verifier]:
    verifier = Verifier(patience=timedelta(seconds=patience), nameservers=nameservers, count=count)
    try:
        yield verifier
    finally:
        await verifier.close()


@pytest.fixture
def names() -> Iterator[Nameservers]:
    with dns_server(ZONE) as nameservers:
        yield nameservers


async def test_a_sender_is_checked(names: Nameservers, tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(MAIL)
    async with checking(names) as verifier:
        found = await verifier.verify(MAIL, FROM)
        assert found == {
            **{"spf": "pass", "spf.domain": "fjell.example", "dkim": "none"},
            **{"dmarc": "pass", "dmarc.domain": "fjell.example", "dmarc.policy": "reject"},
        }
        assert await verifier.verify(tmp_path / "mail", FROM) == found


async def test_a_mail_that_is_gone_is_no_trouble(names: Nameservers, tmp_path: Path) -> None:
    async with checking(names) as verifier:
        assert await verifier.verify(tmp_path / "gone", FROM) == UNKNOWN


async def test_many_wait_no_longer_than_one() -> None:
    with dns_server(ZONE, late=30) as nameservers:
        async with checking(nameservers, patience=1.5, count=2) as verifier:
            began = time.monotonic()
            found = await asyncio.gather(*(verifier.verify(MAIL, FROM) for _ in range(20)))
            assert time.monotonic() - began < 10
    assert [one["dmarc"] for one in found] == ["temperror"] * 20


async def test_a_mail_that_keeps_the_library_busy_costs_its_process_only() -> None:
    with dns_server({**ZONE, ("s1._domainkey.fjell.example", "TXT"): public_key()}) as nameservers:
        async with checking(nameservers, patience=1.5) as verifier:
            lags, began = [], time.monotonic()
            task = asyncio.create_task(verifier.verify(BOMB, FROM))
            while not task.done():
                before = time.monotonic()
                await asyncio.sleep(0.01)
                lags.append(time.monotonic() - before)
            found = await task
            assert [found[name] for name in ("spf", "dkim", "dmarc")] == ["temperror"] * 3
            assert time.monotonic() - began < 20
            assert max(lags) < 1
        async with checking(nameservers) as verifier:
            assert (await verifier.verify(MAIL, FROM))["spf"] == "pass"


async def test_a_verifier_that_did_nothing_closes() -> None:
    await Verifier().close()


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        pytest.param({"dkim"}, "dkim", id="one"),
        pytest.param({"dkim", "dns", "spf"}, "dkim, dns, spf", id="all"),
    ],
)
def test_without_the_libraries_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: set[str], told: str
) -> None:
    monkeypatch.setattr(verify, "find_spec", lambda name: None if name in missing else name)
    with pytest.raises(NotInstalled) as refused:
        demand_libraries(ChannelName("inbound"))
    assert str(refused.value) == (
        "channel inbound: check_senders needs the extra mailauth"
        f" (no module {told}); install it with: pip install '.[mailauth]'"
    )


def test_with_the_libraries_it_says_nothing() -> None:
    demand_libraries(ChannelName("inbound"))
