"""Do a real Postfix and our mail channels understand each other, in both directions?"""

import asyncio
import email
import email.policy
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Inlet, Premises
from channels.mail.settings import Send, Tls
from channels.mail.submission import SubmissionSender
from channels.smtp.channel import Settings, open_channel, open_lmtp_channel
from channels.smtp.listener import open_listeners
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from inquiry.words import Delivery
from tests.builders import a_dispatch
from tests.channels.suite import eventually, raw_bytes, receiving
from tests.fakes import MemoryInlet
from tests.servers.ports import free_port
from tests.servers.postfix import postfix
from tests.servers.sink import Sink, smtp_sink

pytestmark = pytest.mark.server
NAME = ChannelName("support-mail")
HELP = "help@nordlys.example"


@asynccontextmanager
async def desk(inlet: Inlet, spool: Path, listen: str, *, lmtp: bool) -> AsyncIterator[None]:
    """Our server, behind Postfix."""
    opener = open_lmtp_channel if lmtp else open_channel
    settings = Settings(listen=listen, addresses=(HELP,))
    opened = opener(NAME, settings, Premises(spool=spool))
    async with opened as channel, receiving(channel, inlet), asyncio.timeout(120):
        while not any(listener.serving for listener in open_listeners()):
            await asyncio.sleep(0.01)
        yield


def submit(port: int, raw: bytes, recipients: list[str]) -> dict[str, Any]:
    """Give a mail to Postfix as a customer's own server would."""
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        return client.sendmail("kari@fjell.example", recipients, raw)


MAIL = b"Subject: Printer\r\nMessage-ID: <1@fjell.example>\r\n\r\n.a dot\r\n..two\r\nHello\r\n"


@pytest.mark.parametrize("way", ["lmtp by socket", "lmtp", "smtp"])
async def test_postfix_in_front_delivers_and_keeps_what_we_can_not_take(
    tmp_path: Path, way: str
) -> None:
    port = free_port()
    socket = Path("/tmp") / f"deskbridge-{port}.sock"
    listen = f"unix:{socket}" if way == "lmtp by socket" else f"127.0.0.1:{port}"
    inward = {
        "lmtp by socket": f"lmtp:unix:{socket}",
        "lmtp": f"lmtp:inet:127.0.0.1:{port}",
        "smtp": f"smtp:[127.0.0.1]:{port}",
    }[way]
    inlet = MemoryInlet(trouble=TemporaryFailure("the inlet is full"))
    with postfix(inward=inward) as server:
        async with desk(inlet, tmp_path, listen, lmtp=way != "smtp"):
            recipients = [HELP, "help+token@nordlys.example", "nobody@nordlys.example"]
            await asyncio.to_thread(submit, server.port, MAIL, recipients)
            await inlet.until(lambda inlet: inlet.refused > 0)
            inlet.trouble = None
            await inlet.holds(1)
    (arrival,) = inlet.arrivals
    assert raw_bytes(arrival).endswith(b"\r\n\r\n.a dot\r\n..two\r\nHello\r\n")
    assert arrival.envelope.mail_from == "kari@fjell.example"
    assert set(arrival.envelope.rcpt_to) == set(recipients[:2])


async def test_a_large_mail_and_a_long_line_come_through_postfix(tmp_path: Path) -> None:
    port, inlet = free_port(), MemoryInlet()
    raw = MAIL + b"a line of text\r\n" * 50_000
    with postfix(inward=f"lmtp:inet:127.0.0.1:{port}") as server:
        async with desk(inlet, tmp_path, f"127.0.0.1:{port}", lmtp=True):
            await asyncio.to_thread(submit, server.port, raw, [HELP])
            (arrival,) = await inlet.holds(1)
    assert raw_bytes(arrival).endswith(b"Hello\r\n" + b"a line of text\r\n" * 50_000)
    assert len(inlet.spooled) == 1


@pytest.fixture
async def customer() -> AsyncIterator[Sink]:
    async with smtp_sink() as sink:
        yield sink


def sender(port: int) -> SubmissionSender:
    settings = Send(host="127.0.0.1", port=port, tls=Tls.NONE, from_=f"Nordlys <{HELP}>")
    return SubmissionSender(NAME, settings)


async def test_an_answer_leaves_through_postfix(customer: Sink) -> None:
    async def arrived() -> bool:
        return bool(customer.mails)

    with postfix(outward=f"smtp:[127.0.0.1]:{customer.port}") as server:
        receipt = await sender(server.port).send(a_dispatch(text="Zażółć\n.\n"))
        await eventually(arrived, "the customer has the answer")
    assert receipt.delivery is Delivery.ACCEPTED
    assert "queued as" in receipt.detail
    (mail,) = customer.mails
    assert (mail.mail_from, mail.rcpt_to) == (HELP, ("kari@fjell.example",))
    read = email.message_from_bytes(mail.raw, policy=email.policy.default)
    assert read.get_content() == "Zażółć\n.\n"


async def test_a_bounce_comes_back_with_the_id_that_we_gave(tmp_path: Path, customer: Sink) -> None:
    customer.plan["RCPT"] = "550 5.1.1 No such user"
    port, inlet = free_port(), MemoryInlet()
    inward, outward = f"lmtp:inet:127.0.0.1:{port}", f"smtp:[127.0.0.1]:{customer.port}"
    with postfix(inward=inward, outward=outward) as server:
        async with desk(inlet, tmp_path, f"127.0.0.1:{port}", lmtp=True):
            await sender(server.port).send(a_dispatch(envelope_id="dispatch-99"))
            (bounce,) = await inlet.holds(1)
    assert bounce.envelope.mail_from == ""
    assert bounce.envelope.rcpt_to == (HELP,)
    text = raw_bytes(bounce).decode()
    assert "Original-Envelope-Id: dispatch-99" in text
    assert "Action: failed" in text
    assert "Status: 5.1.1" in text
