"""Does every way in which a mail server can behave end in the right word about the outcome?"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Never

import pytest
import trustme

from channels.contract import Inlet, Sender
from channels.mail.sending import BothWays, both_ways, sender_for
from channels.mail.settings import Send, Tls
from channels.mail.submission import SubmissionSender
from channels.mail.to_folder import FolderSender
from inquiry.errors import BridgeError, OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import ChannelName, Dispatch
from inquiry.words import Delivery, Purpose
from tests.builders import a_dispatch
from tests.channels.suite import Sending
from tests.fakes import MemoryInlet
from tests.servers.proxy import fault_proxy
from tests.servers.sink import Act, Reply, Sink, smtp_sink

FROM = "Nordlys Support <help@nordlys.example>"
NAME = ChannelName("support-mail")
PATIENCE, SHORT = timedelta(seconds=20), timedelta(seconds=0.3)


def sender(port: int, *, patience: timedelta = PATIENCE, **more: Any) -> SubmissionSender:
    settings = Send(**{"host": "127.0.0.1", "port": port, "tls": Tls.NONE, "from_": FROM, **more})
    return SubmissionSender(NAME, settings, patience=patience)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with smtp_sink() as sink:
        yield sink


class World:
    """A mail server that takes our answers to one person."""

    secrets = ("hunter2-and-more",)
    delay = timedelta(0)

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        sink.plan["AUTH"] = "235 2.7.0 Welcome"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Sender]:
        yield sender(self._sink.port, user="desk", password=self.secrets[0])

    def dispatch(self, text: str) -> Dispatch:
        return a_dispatch(text=text)

    async def heard(self) -> list[str]:
        return [mail.raw.decode().partition("\r\n\r\n")[2].strip() for mail in self._sink.mails]

    def refuse(self) -> None:
        self._sink.plan["RCPT"] = "550 5.1.1 User unknown"

    def busy(self) -> None:
        self._sink.plan["RCPT"] = "450 4.2.1 Try later"

    def hang_up(self, *, after_sending: bool) -> None:
        self._sink.plan["END" if after_sending else "DATA"] = Act.RESET

    def fall_silent(self) -> None:
        self._sink.plan["EHLO"] = Act.SILENCE


class TestSubmission(Sending):
    @pytest.fixture
    def world(self, sink: Sink) -> World:
        return World(sink)


MATRIX: list[tuple[str, Reply, type[BridgeError]]] = [
    *((step, act, TemporaryFailure) for step in ("BANNER", "EHLO", "AUTH") for act in Act),
    *((step, act, TemporaryFailure) for step in ("MAIL", "RCPT", "DATA") for act in Act),
    *(("END", act, OutcomeUnknown) for act in Act),
    *(
        (step, reply, TemporaryFailure)
        for step in ("BANNER", "EHLO", "AUTH", "MAIL", "RCPT", "DATA")
        for reply in ("421 4.3.2 Closing", "450 4.2.0 Later", "451 4.3.0 Local", "452 4.3.1 Full")
    ),
    *(("END", f"{code} 4.0.0 No", TemporaryFailure) for code in (421, 450, 451, 452)),
    *(
        (step, f"{code} 5.0.0 No", TemporaryFailure)
        for step in ("BANNER", "EHLO", "AUTH")
        for code in (535, 550, 554)
    ),
    *(("MAIL", f"{code} 5.7.1 No", TemporaryFailure) for code in (530, 550, 553, 554)),
    ("MAIL", "552 5.3.4 Too big", PermanentFailure),
    *(("RCPT", f"{code} 5.1.1 No", PermanentFailure) for code in (550, 551, 552, 553, 554, 556)),
    *(("RCPT", f"{code} 5.5.1 Our fault", TemporaryFailure) for code in (500, 501, 503, 530)),
    *(
        (step, f"{code} 5.6.0 No", PermanentFailure)
        for step in ("DATA", "END")
        for code in (550, 552, 554)
    ),
    *(
        (step, noise, TemporaryFailure)
        for step in ("BANNER", "EHLO", "AUTH", "MAIL", "RCPT")
        for noise in (b"842 what\r\n", b"\x00\xff garbage\r\n", b"2x0 ok\r\n")
    ),
    *(
        ("END", noise, OutcomeUnknown)
        for noise in (b"842 what\r\n", b"\xff garbage\r\n", b"354 more\r\n")
    ),
    ("END", b"x" * 200_000, OutcomeUnknown),
]


@pytest.mark.parametrize(("step", "reply", "outcome"), MATRIX)
async def test_outcomes(sink: Sink, step: str, reply: Reply, outcome: type[BridgeError]) -> None:
    sink.plan = {"AUTH": "235 2.7.0 Welcome", step: reply}
    silent = not isinstance(reply, str)  # or in pieces: only time ends it
    patience = SHORT if silent and step != "END" else PATIENCE
    channel = sender(sink.port, patience=patience, user="desk", password="hunter2")
    channel.after_the_dot = SHORT if silent else PATIENCE
    with pytest.raises(outcome) as failure:
        await channel.send(a_dispatch())
    assert "hunter2" not in str(failure.value)
    assert "\r" not in str(failure.value)


@pytest.mark.parametrize(
    ("step", "reply", "others_too"),
    [
        pytest.param("BANNER", "421 4.3.2 Closing", True, id="the server is closing"),
        pytest.param("AUTH", "535 5.7.8 No", True, id="our password is wrong"),
        pytest.param("MAIL", "451 4.7.1 Too much mail from you", True, id="throttled"),
        pytest.param("RCPT", "450 4.2.1 Greylisted", False, id="this recipient is to come later"),
        pytest.param("END", "451 4.3.0 Local", False, id="this message is to come later"),
    ],
)
async def test_whose_trouble_it_is(sink: Sink, step: str, reply: str, others_too: bool) -> None:
    sink.plan = {"AUTH": "235 2.7.0 Welcome", step: reply}
    channel = sender(sink.port, user="desk", password="hunter2")
    with pytest.raises(TemporaryFailure) as failure:
        await channel.send(a_dispatch())
    assert failure.value.whole_channel is others_too


async def test_a_mail_that_is_taken(sink: Sink) -> None:
    receipt = await sender(sink.port).send(a_dispatch(text=".dots\n..stay"))
    assert receipt.delivery is Delivery.ACCEPTED
    assert receipt.detail == "2.0.0 Ok: queued as S1NK"
    (mail,) = sink.mails
    assert (mail.mail_from, mail.rcpt_to) == ("help@nordlys.example", ("kari@fjell.example",))
    assert mail.raw.endswith(b"\r\n\r\n.dots\r\n..stay\r\n")
    assert f"SIZE={len(mail.raw)}" in mail.mail_options


async def test_a_reply_in_pieces_is_one_reply(sink: Sink) -> None:
    async with fault_proxy(sink.port) as proxy:
        proxy.chunk = 1
        await sender(proxy.port).send(a_dispatch())
    assert len(sink.mails) == 1


@pytest.mark.parametrize("place", range(0, 1200, 60))
async def test_a_line_cut_on_the_way_out_never_lies(sink: Sink, place: int) -> None:
    async with fault_proxy(sink.port) as proxy:
        proxy.cut_to_server = place
        with pytest.raises((TemporaryFailure, OutcomeUnknown)) as failure:
            await sender(proxy.port, patience=SHORT).send(a_dispatch(text="x" * 2000))
    assert not sink.mails or failure.type is OutcomeUnknown


async def test_nobody_listens() -> None:
    with pytest.raises(TemporaryFailure, match=r"^cannot use the mail server: Error connecting to"):
        await sender(1).send(a_dispatch())


async def test_a_large_mail_to_a_slow_reader_arrives(sink: Sink) -> None:
    async with fault_proxy(sink.port) as proxy:
        proxy.delay = timedelta(milliseconds=1)
        await sender(proxy.port).send(a_dispatch(text="line\n" * 400_000))
    assert len(sink.mails[0].raw) > 2_000_000


async def test_a_bounce_will_say_what_it_is_about(sink: Sink) -> None:
    await sender(sink.port).send(a_dispatch(envelope_id="k=7+x y"))
    (mail,) = sink.mails
    assert mail.mail_options[-2:] == ("RET=HDRS", "ENVID=k+3D7+2Bx+20y")
    assert mail.rcpt_options == ("NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;kari@fjell.example")


async def test_without_dsn_nothing_of_it_is_asked(sink: Sink) -> None:
    sink.extensions = ()
    await sender(sink.port).send(a_dispatch())
    assert (sink.mails[0].mail_options, sink.mails[0].rcpt_options) == ((), ())


async def test_nobody_is_to_answer_what_nobody_wrote(sink: Sink) -> None:
    await sender(sink.port).send(a_dispatch(purpose=Purpose.ACKNOWLEDGEMENT))
    assert sink.mails[0].mail_from == ""


@pytest.mark.parametrize(
    "recipient",
    ["", "kari", "a@b.example>\r\nRSET", "a@b.example, c@d.example", "a b@c.example", "a@b\u2028c"],
)
async def test_what_is_no_address_is_sent_nowhere(sink: Sink, recipient: str) -> None:
    with pytest.raises(PermanentFailure) as failure:
        await sender(sink.port).send(a_dispatch(recipient=recipient))
    assert str(failure.value) == "the recipient's address is not one that mail can be sent to"
    assert sink.commands == []


async def test_an_address_beyond_ascii_needs_a_server_that_knows_it(sink: Sink) -> None:
    dispatch = a_dispatch(recipient="жалоба@näide.example")
    await sender(sink.port).send(dispatch)
    assert sink.mails[0].rcpt_to == ("жалоба@xn--nide-loa.example",)
    sink.extensions = ()
    with pytest.raises(PermanentFailure, match="can't send to an address that is not ASCII"):
        await sender(sink.port).send(dispatch)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certified(authority: trustme.CA, tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context, and the file its clients need to trust it."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(server)
    trusted = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    return server, trusted


def tls_sink(
    context: ssl.SSLContext, *, implicit: bool = False
) -> AbstractAsyncContextManager[Sink]:
    return smtp_sink(Sink(tls=context, implicit_tls=implicit, plan={"AUTH": "235 2.7.0 Ok"}))


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_both_ways_to_encrypt(certified: tuple[ssl.SSLContext, Path], tls: Tls) -> None:
    context, trusted = certified
    async with tls_sink(context, implicit=tls is Tls.IMPLICIT) as sink:
        more: dict[str, Any] = {
            "tls": tls,
            "certificate_authority": trusted,
            "user": "desk",
            "password": "x",
        }
        await sender(sink.port, host="localhost", **more).send(a_dispatch())
        assert [mail.tls for mail in sink.mails] == [True]


@pytest.mark.parametrize(
    ("host", "trust", "reason"),
    [
        pytest.param("localhost", False, "CERTIFICATE_VERIFY_FAILED", id="nobody vouches for it"),
        pytest.param("127.0.0.1", True, "CERTIFICATE_VERIFY_FAILED", id="another name"),
    ],
)
async def test_a_bad_certificate_gets_no_password(
    certified: tuple[ssl.SSLContext, Path], host: str, trust: bool, reason: str
) -> None:
    context, trusted = certified
    async with tls_sink(context) as sink:
        more: dict[str, Any] = {"tls": Tls.STARTTLS, "user": "desk", "password": "hunter2"}
        authority = trusted if trust else None
        channel = sender(sink.port, host=host, certificate_authority=authority, **more)
        with pytest.raises(TemporaryFailure) as failure:
            await channel.send(a_dispatch())
        assert str(failure.value) == f"cannot use the mail server: TLS: {reason}"
        assert not any("AUTH" in command for command in sink.commands)


async def test_required_encryption_never_falls_back(sink: Sink) -> None:
    sink.plan["AUTH"] = "235 2.7.0 Ok"
    channel = sender(sink.port, tls=Tls.STARTTLS, user="desk", password="hunter2")
    with pytest.raises(TemporaryFailure) as failure:
        await channel.send(a_dispatch())
    assert str(failure.value) == (
        "cannot use the mail server: SMTP STARTTLS extension not supported by server."
    )
    assert not any("AUTH" in command for command in sink.commands)


async def test_a_folder_gets_one_file_for_each_answer_however_often(tmp_path: Path) -> None:
    channel = FolderSender(NAME, Send(from_=FROM), tmp_path / "mailbox")
    first = await channel.send(a_dispatch())
    again = await channel.send(a_dispatch())
    other = await channel.send(a_dispatch(message_id="<8@desk.example>"))
    assert channel.repeatable
    assert first.remote_id == again.remote_id != other.remote_id
    files = {path.name: path.read_bytes() for path in (tmp_path / "mailbox").iterdir()}
    assert set(files) == {first.remote_id, other.remote_id}
    assert b"Please turn it off." in files[first.remote_id]


async def test_a_folder_that_can_not_be_written_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("a file is in the way")
    channel = FolderSender(NAME, Send(from_=FROM), tmp_path / "mailbox")
    with pytest.raises(TemporaryFailure, match=r"^cannot write to the folder: "):
        await channel.send(a_dispatch())
    with pytest.raises(PermanentFailure):
        await channel.send(a_dispatch(recipient="nobody"))


class Waits:
    """Receives nothing."""

    name = NAME

    async def receive(self, inlet: Inlet) -> Never:
        while True:
            await inlet.known([])
            await asyncio.Event().wait()


def test_the_settings_choose_the_way_out(tmp_path: Path) -> None:
    to_server = Send(host="127.0.0.1", tls=Tls.NONE, from_=FROM)
    assert isinstance(sender_for(NAME, to_server), SubmissionSender)
    assert isinstance(sender_for(NAME, replace(to_server, folder=tmp_path)), FolderSender)
    receiver = Waits()
    assert both_ways(receiver, None) is receiver
    assert not isinstance(receiver, Sender)
    answering = both_ways(receiver, Send(folder=tmp_path, from_=FROM))
    assert isinstance(answering, Sender)
    assert isinstance(answering, BothWays)
    assert answering.repeatable


async def test_both_ways_are_one_channel(tmp_path: Path) -> None:
    channel = BothWays(NAME, Waits(), FolderSender(NAME, Send(from_=FROM), tmp_path))
    task = asyncio.ensure_future(channel.receive(MemoryInlet()))
    assert (await channel.send(a_dispatch())).delivery is Delivery.ACCEPTED
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
