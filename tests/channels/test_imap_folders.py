"""Do several folders of one account come in, each for itself, and none at another's cost?"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Premises
from channels.imap import watch
from channels.imap.channel import Mailbox
from channels.imap.session import Session
from channels.imap.settings import After, Settings
from channels.mail.settings import Tls
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from tests.channels.suite import eventually, raw_bytes, receiving
from tests.fakes import MemoryInlet
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot

pytestmark = pytest.mark.server
_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def user() -> str:
    return f"user{next(_numbers)}"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_ASIDE", timedelta(seconds=0.2))


def mail(text: str) -> bytes:
    return f"Message-ID: <{text}@fjell.example>\r\nSubject: Help\r\n\r\n{text}\r\n".encode()


def mailbox(server: Dovecot, user: str, spool: Path, *folders: str, **more: Any) -> Mailbox:
    settings: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "tls": Tls.NONE}
    return Mailbox(
        ChannelName("support-mail"),
        Settings(**{**settings, "user": user, "password": PASSWORD, "folders": folders, **more}),
        Premises(spool=spool),
        session=partial(Session, answering=timedelta(seconds=2)),
    )


def found(inlet: MemoryInlet) -> set[tuple[str, str]]:
    return {(a.envelope.folder, raw_bytes(a).split()[-1].decode()) for a in inlet.arrivals}


async def test_each_folder_has_its_own_cursor(server: Dovecot, user: str, tmp_path: Path) -> None:
    server.append(user, mail("one"))
    server.append(user, mail("two"), folder="Reklame")
    inlet = MemoryInlet()
    async with receiving(mailbox(server, user, tmp_path, "INBOX", "Reklame"), inlet):
        await inlet.holds(2)
        await asyncio.to_thread(server.append, user, mail("three"), folder="Reklame")
        await asyncio.to_thread(server.append, user, mail("four"))
        await inlet.holds(4)
    assert found(inlet) == {
        ("INBOX", "one"),
        ("Reklame", "two"),
        ("Reklame", "three"),
        ("INBOX", "four"),
    }
    assert set(inlet.cursors) == {"INBOX", "Reklame"}
    async with receiving(mailbox(server, user, tmp_path, "INBOX", "Reklame"), inlet):
        await asyncio.to_thread(server.append, user, mail("five"))
        await inlet.holds(5)
    assert inlet.repeats == 0


@pytest.mark.parametrize("wanted", ["junk", "Junk", "\\Junk"])
async def test_a_folder_is_found_by_its_use(
    server: Dovecot, user: str, tmp_path: Path, wanted: str
) -> None:
    server.append(user, mail("cheap"), folder="Reklame")
    inlet = MemoryInlet()
    async with receiving(mailbox(server, user, tmp_path, wanted), inlet):
        (arrival,) = await inlet.holds(1)
    assert arrival.envelope.folder == "Reklame"
    assert arrival.source == wanted
    assert arrival.remote_id.startswith(f"{wanted}/")


async def test_a_folder_of_that_very_name_comes_before_its_use(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    with server.client(user) as client:
        client.create_folder("archive")
    server.append(user, mail("kept"), folder="archive")
    inlet = MemoryInlet()
    async with receiving(mailbox(server, user, tmp_path, "archive"), inlet):
        (arrival,) = await inlet.holds(1)
    assert arrival.envelope.folder == "archive"


async def test_a_missing_folder_is_said_and_the_others_come_in(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    server.append(user, mail("one"))
    inlet = MemoryInlet()
    channel = mailbox(server, user, tmp_path, "Missing", "INBOX", "Gone")
    for count_ in (1, 2):
        with pytest.raises(TemporaryFailure, match="cannot select the folder 'Missing': "):
            await channel.receive(inlet)
        assert len(inlet.arrivals) == count_
        server.append(user, mail(f"more {count_}"))


async def test_a_folder_written_in_letters_beyond_ascii(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    with server.client(user) as client:
        client.create_folder("Søppelpost & жалобы")
    server.append(user, mail("far"), folder="Søppelpost & жалобы")
    inlet = MemoryInlet()
    async with receiving(mailbox(server, user, tmp_path, "Søppelpost & жалобы"), inlet):
        await inlet.holds(1)
    assert found(inlet) == {("Søppelpost & жалобы", "far")}


async def test_what_is_accepted_is_moved_out_of_each_folder(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    for folder in ("INBOX", "Reklame"):
        server.append(user, mail(folder), folder=folder)
    inlet = MemoryInlet()
    after = After(move_to="Done")

    async def moved() -> bool:
        return len(await asyncio.to_thread(partial(server.flags, user, folder="Done"))) == 2

    async with receiving(mailbox(server, user, tmp_path, "INBOX", "Reklame", after=after), inlet):
        await inlet.holds(2)
        await eventually(moved, "both are moved")
    assert server.flags(user) == server.flags(user, folder="Reklame") == {}
