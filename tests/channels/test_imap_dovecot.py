"""Does the mailbox channel keep its promises with a real Dovecot?"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trustme

from channels.contract import Inlet, Premises, Receiver
from channels.imap.channel import Mailbox, open_channel
from channels.imap.session import Session
from channels.imap.settings import After, Settings
from channels.mail.settings import Tls
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from tests.channels.suite import Receiving, a_while, eventually, raw_bytes, receiving
from tests.fakes import MemoryInlet
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot
from tests.servers.proxy import FaultProxy, fault_proxy

pytestmark = pytest.mark.server
NAME = ChannelName("support-mail")
_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def user() -> str:
    return f"user{next(_numbers)}"


def mail(text: str, number: int = 0) -> bytes:
    return f"Message-ID: <{number}@fjell.example>\r\nSubject: Help\r\n\r\n{text}\r\n".encode()


def mailbox(port: int, user: str, spool: Path, **more: Any) -> Mailbox:
    settings = {"host": "127.0.0.1", "port": port, "tls": Tls.NONE, "user": user}
    return Mailbox(
        NAME,
        Settings(**{**settings, "password": PASSWORD, **more}),
        Premises(spool=spool),
        session=partial(Session, answering=timedelta(seconds=2)),
    )


def texts(inlet: MemoryInlet) -> list[str]:
    return [raw_bytes(a).decode().rpartition("\r\n\r\n")[2].strip() for a in inlet.arrivals]


class World:
    """People who write to one mailbox. A flag tells them what we have taken."""

    secrets: Sequence[str] = (PASSWORD,)

    def __init__(self, server: Dovecot, user: str, spool: Path) -> None:
        self._server = server
        self._user = user
        self._spool = spool

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        after = After(flag="$Taken")
        channel = mailbox(self._server.port, self._user, self._spool, after=after)
        async with receiving(channel, inlet):
            yield

    async def say(self, text: str) -> None:
        await asyncio.to_thread(self._server.append, self._user, mail(text))

    async def repeat(self) -> None:
        """The flags are lost, and all is looked at anew."""

        def forget() -> None:
            with self._server.client(self._user) as client:
                client.select_folder("INBOX")
                client.remove_flags(client.search(), ["$Taken"])
            self._server.kick()

        await asyncio.to_thread(forget)

    async def confirmed(self) -> list[str]:
        def look() -> list[str]:
            with self._server.client(self._user) as client:
                client.select_folder("INBOX", readonly=True)
                taken = client.search(["KEYWORD", "$Taken"]) or [2**31]
                found = client.fetch(taken, ["BODY.PEEK[TEXT]"])
            return [body[b"BODY[TEXT]"].decode().strip() for body in found.values()]

        return await asyncio.to_thread(look)


class TestImap(Receiving):
    @pytest.fixture
    def world(self, server: Dovecot, user: str, tmp_path: Path) -> World:
        return World(server, user, tmp_path)


async def test_the_oldest_comes_first_and_nothing_is_touched(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    uids = [server.append(user, mail(f"number {n}", n)) for n in range(5)]
    inlet = MemoryInlet()
    async with receiving(mailbox(server.port, user, tmp_path), inlet):
        await inlet.holds(5)
    assert texts(inlet) == [f"number {n}" for n in range(5)]
    assert [a.envelope.uid for a in inlet.arrivals] == uids
    validity = inlet.arrivals[0].envelope.uid_validity
    assert [a.remote_id for a in inlet.arrivals] == [f"INBOX/{validity}/{uid}" for uid in uids]
    assert inlet.cursors == {"INBOX": f"{validity}/{uids[-1]}/0"}
    assert server.flags(user) == dict.fromkeys(uids, ())


async def test_a_new_mail_is_noticed_while_idle(server: Dovecot, user: str, tmp_path: Path) -> None:
    inlet = MemoryInlet()
    async with receiving(mailbox(server.port, user, tmp_path), inlet):
        server.append(user, mail("the first"))
        await inlet.holds(1)
        await a_while(0.05)
        began = time.monotonic()
        await asyncio.to_thread(server.append, user, mail("while idle", 1))
        await inlet.holds(2)
        assert time.monotonic() - began < 10
    assert texts(inlet) == ["the first", "while idle"]


async def test_what_people_do_in_the_mailbox_loses_and_doubles_nothing(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    inlet = MemoryInlet()
    server.append(user, mail("one", 1))
    async with receiving(mailbox(server.port, user, tmp_path), inlet):
        await inlet.holds(1)
        read = server.append(user, mail("two", 2))
        with server.client(user) as client:
            client.select_folder("INBOX")
            client.add_flags([read], [rb"\Seen", rb"\Flagged"])
        await inlet.holds(2)
    async with receiving(mailbox(server.port, user, tmp_path), inlet):
        server.append(user, mail("three", 3))
        await inlet.holds(3)
    assert texts(inlet) == ["one", "two", "three"]
    assert inlet.repeats == 0


async def test_a_large_mail_comes_in_slices_by_way_of_the_spool(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    raw = mail("large") + b"a line of text\r\n" * 60_000
    server.append(user, mail("before", 1))
    server.append(user, raw)
    server.append(user, mail("behind", 2))
    inlet = MemoryInlet()
    async with receiving(mailbox(server.port, user, tmp_path), inlet):
        await inlet.holds(3)
    assert inlet.arrivals[1].raw == raw
    assert [spooled.size for spooled in inlet.spooled] == [len(raw)]
    assert list(tmp_path.iterdir()) == []


async def test_after_a_lost_index_nothing_is_imported_twice(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    inlet = MemoryInlet()
    for number in range(3):
        server.append(user, mail(f"old {number}", number))
    async with receiving(mailbox(server.port, user, tmp_path), inlet):
        await inlet.holds(3)
    await asyncio.sleep(1.0 - time.time() % 1.0)  # UIDVALIDITY is a time in whole seconds
    server.lose_index(user)
    server.append(user, mail("new", 9))
    for _ in range(2):  # the second time as after a restart in between
        async with receiving(mailbox(server.port, user, tmp_path), inlet):
            await inlet.until(lambda inlet: inlet.repeats == 3 and len(inlet.arrivals) == 4)
    assert len({a.envelope.uid_validity for a in inlet.arrivals}) == 2
    assert texts(inlet) == ["old 0", "old 1", "old 2", "new"]
    async with receiving(mailbox(server.port, user, tmp_path), inlet):
        server.append(user, mail("newer", 10))
        await inlet.holds(5)
    assert inlet.repeats == 3


@pytest.mark.parametrize(
    ("after", "left", "flags"),
    [
        pytest.param(After(), 2, (), id="nothing"),
        pytest.param(After(flag="$Bridge"), 2, (b"$Bridge",), id="a flag"),
        pytest.param(After(move_to="Done"), 0, (), id="moved"),
        pytest.param(After(delete=True), 0, (), id="deleted"),
    ],
)
async def test_what_becomes_of_accepted_mails(
    server: Dovecot, user: str, tmp_path: Path, after: After, left: int, flags: tuple[bytes, ...]
) -> None:
    for number in range(2):
        server.append(user, mail("some text", number))
    inlet = MemoryInlet(trouble=TemporaryFailure("full"))

    async def finished() -> bool:
        found = await asyncio.to_thread(server.flags, user)
        return len(found) == left and set(found.values()) <= {flags}

    async with receiving(mailbox(server.port, user, tmp_path, after=after), inlet):
        await inlet.until(lambda inlet: inlet.refused > 0)
        assert set((await asyncio.to_thread(server.flags, user)).values()) == {()}
        inlet.trouble = None
        await inlet.holds(2)
        await eventually(finished, "the mails are finished")


async def test_what_was_accepted_and_not_moved_is_moved_later(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    inlet = MemoryInlet()
    server.append(user, mail("accepted, then the power went"))
    async with receiving(mailbox(server.port, user, tmp_path), inlet):
        await inlet.holds(1)

    async def gone() -> bool:
        return not await asyncio.to_thread(server.flags, user)

    after = After(move_to="Processed")
    async with receiving(mailbox(server.port, user, tmp_path, after=after), inlet):
        await eventually(gone, "the mail is moved")
    assert len(inlet.arrivals) == 1


async def test_a_server_that_ends_all_sessions_is_asked_again(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    inlet = MemoryInlet()
    server.append(user, mail("before"))
    async with receiving(mailbox(server.port, user, tmp_path), inlet):
        await inlet.holds(1)
        await asyncio.to_thread(server.kick)
        await asyncio.to_thread(server.append, user, mail("after", 1))
        await inlet.holds(2)
    assert texts(inlet) == ["before", "after"]


@pytest.fixture
async def proxy(server: Dovecot) -> AsyncIterator[FaultProxy]:
    async with fault_proxy(server.port) as proxy:
        yield proxy


@pytest.mark.parametrize("place", range(50, 3000, 250))
async def test_a_line_cut_anywhere_is_temporary_and_the_rest_comes_later(
    server: Dovecot, user: str, tmp_path: Path, proxy: FaultProxy, place: int
) -> None:
    for number in range(3):
        await asyncio.to_thread(server.append, user, mail("x" * 300 + str(number), number))
    inlet = MemoryInlet()
    proxy.cut_to_client = place
    channel = mailbox(proxy.port, user, tmp_path)
    with pytest.raises(TemporaryFailure):
        async with asyncio.timeout(30):
            await channel.receive(inlet)
    proxy.cut_to_client = None
    async with receiving(channel, inlet):
        await inlet.holds(3)
    assert [text[-1] for text in texts(inlet)] == ["0", "1", "2"]


async def test_a_line_that_falls_silent_is_lost_after_a_while(
    server: Dovecot, user: str, tmp_path: Path, proxy: FaultProxy
) -> None:
    inlet = MemoryInlet()
    server.append(user, mail("before"))
    task = asyncio.ensure_future(mailbox(proxy.port, user, tmp_path).receive(inlet))
    await inlet.holds(1)
    proxy.black_hole = True
    with pytest.raises(TemporaryFailure, match="lost the mailbox"):
        async with asyncio.timeout(9):
            await task


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        pytest.param(
            {"password": "wrong"},
            "cannot use the mailbox: the server refuses our user or password",
            id="a wrong password",
        ),
        pytest.param(
            {"folders": ("Missing",)},
            "cannot select the folder 'Missing': select failed: Mailbox doesn't exist: Missing",
            id="no such folder",
        ),
        pytest.param(
            {"folders": ("a\r\nDELETE INBOX",)},
            "a control character in the user, password or folder",
            id="a folder that is a command",
        ),
    ],
)
async def test_what_the_operator_has_to_correct_is_said(
    server: Dovecot, user: str, tmp_path: Path, more: dict[str, Any], reason: str
) -> None:
    with pytest.raises(TemporaryFailure) as failure:
        await mailbox(server.port, user, tmp_path, **more).receive(MemoryInlet())
    assert str(failure.value).startswith(reason)


async def test_nobody_there_is_temporary(tmp_path: Path) -> None:
    with pytest.raises(TemporaryFailure, match=r"^cannot use the mailbox: Connection refused$"):
        await mailbox(1, "x", tmp_path).receive(MemoryInlet())


async def test_required_encryption_never_falls_back(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    with pytest.raises(TemporaryFailure, match="STARTTLS"):
        await mailbox(server.port, user, tmp_path, tls=Tls.STARTTLS).receive(MemoryInlet())


async def test_both_ways_to_encrypt(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    chain, key, trusted = (tmp_path / name for name in ("chain.pem", "key.pem", "ca.pem"))
    certificate.private_key_pem.write_to_path(str(key))
    certificate.cert_chain_pems[0].write_to_path(str(chain))
    authority.cert_pem.write_to_path(str(trusted))
    (tmp_path / "spool").mkdir()
    with dovecot((chain, key)) as server:
        for tls, port in ((Tls.STARTTLS, server.port), (Tls.IMPLICIT, server.tls_port)):
            server.append(tls, mail("encrypted"))
            more: dict[str, Any] = {"host": "localhost", "tls": tls}
            with pytest.raises(TemporaryFailure, match=r"TLS: CERTIFICATE_VERIFY_FAILED"):
                await mailbox(port, tls, tmp_path, **more).receive(MemoryInlet())
            inlet = MemoryInlet()
            channel = mailbox(port, tls, tmp_path, certificate_authority=trusted, **more)
            async with receiving(channel, inlet):
                await inlet.holds(1)


async def test_the_channel_opens_without_a_connection(tmp_path: Path) -> None:
    settings = Settings(host="127.0.0.1", port=1, user="x", password="y")
    async with open_channel(NAME, settings, Premises(spool=tmp_path)) as channel:
        assert isinstance(channel, Receiver)
    assert "y" not in repr(settings).replace("reply", "").replace("key", "").split("'")
