"""Does a desk that takes mail from anywhere know who really sent it?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.mail.verify import Verifier
from deskbridge.stages import verifying
from inquiry.data import understood_from_text
from inquiry.journey import ChannelName
from inquiry.understood import Message
from inquiry.words import Trust
from normalizer.stage import Knowledge, step
from normalizer.workers import Workers
from storage.database import Database
from storage.intake import Intake
from tests.channels.signing import public_key, signed, txt
from tests.channels.smtp_desk import HELP, serving
from tests.normalizer.test_stage import NOW
from tests.rows import rows
from tests.servers.dns import dns_server
from tests.servers.mta import conversation

INBOUND = ChannelName("inbound")
MAIL = b"From: Kari <kari@fjell.example>\r\nSubject: Hei\r\n\r\nHei, det virker ikke.\r\n"
ZONE = {
    ("_dmarc.fjell.example", "TXT"): txt("v=DMARC1; p=reject"),
    ("s1._domainkey.fjell.example", "TXT"): public_key(),
}


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    pool = Workers(1)
    yield pool
    await pool.close()


@pytest.mark.parametrize(
    ("wanted", "trust"),
    [
        pytest.param({INBOUND}, Trust.VERIFIED, id="where it is wanted"),
        pytest.param({ChannelName("other")}, Trust.CLAIMED, id="only there"),
    ],
)
async def test_a_signed_mail_is_known_to_be_its_senders(
    database: Database, workers: Workers, tmp_path: Path, wanted: set[ChannelName], trust: Trust
) -> None:
    inlet = Intake(database).inlet(INBOUND)
    checked = serving(inlet, tmp_path, name=INBOUND, check_senders=True)
    async with checked as port, conversation(port) as talk:
        await talk.greet()
        reply = await talk.deliver("kari@fjell.example", [HELP], signed(MAIL))
        assert reply.startswith("250")
    with dns_server(ZONE) as nameservers:
        verifier = Verifier(nameservers=nameservers, count=1)
        verify = verifying(verifier, wanted)
        try:
            assert await step(
                database, workers, Knowledge(languages=("nb",)), now=NOW, verify=verify
            )
        finally:
            await verifier.close()
    (row,) = await rows(database, "SELECT understood FROM arrivals")
    understood = understood_from_text(str(row["understood"]))
    assert isinstance(understood, Message)
    assert understood.trust is trust


def test_a_desk_that_checks_nobody_has_nothing_to_ask() -> None:
    assert verifying(Verifier(), frozenset()) is None
