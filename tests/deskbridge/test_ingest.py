"""Is a mail that another program hands over taken once, whether or not the service runs?"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.contract import Inlet
from deskbridge.ingest import accept_directly, letter, path_for, routes
from deskbridge.local import Reply, call
from deskbridge.local_site import served
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from storage.migrate import migrate
from storage.opening import DeskInUse, alone, open_database
from tests.channels.suite import raw_bytes
from tests.fakes import MemoryInlet

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MAIL = ChannelName("support-mail")
RAW = b"Message-ID: <1@kunde.example>\nSubject: hei\n\nNoe er galt.\n\xff"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param({}, {}, True, id="the same bytes"),
        pytest.param({"raw": RAW}, {"raw": RAW + b"\n"}, False, id="one byte more"),
        pytest.param({"recipients": ["a", "B"]}, {"recipients": ["b", "A"]}, True, id="a set"),
        pytest.param({"recipients": ["a"]}, {"recipients": ["b"]}, False, id="for someone else"),
        pytest.param({"sender": "a"}, {"sender": ""}, True, id="the envelope's sender is no part"),
    ],
)
def test_what_is_the_same_mail(
    one: Mapping[str, object], other: Mapping[str, object], same: bool
) -> None:
    def remote_id(given: Mapping[str, object]) -> str:
        return letter(MAIL, **{"raw": RAW, "now": MONDAY, **given}).remote_id  # type: ignore[arg-type]

    assert (remote_id(one) == remote_id(other)) is same


@pytest.mark.parametrize(
    ("raw", "within"),
    [
        pytest.param(RAW, None, id="a Message-ID"),
        pytest.param(b"DATE: today\r\n\r\nhello", None, id="a Date"),
        pytest.param(b"Subject: x\n\nDate: today", timedelta(minutes=10), id="a date in the text"),
        pytest.param(b"hello", timedelta(minutes=10), id="no header"),
    ],
)
def test_how_long_equal_bytes_are_the_same_mail(raw: bytes, within: timedelta | None) -> None:
    assert letter(MAIL, raw, now=MONDAY).repeat_within == within


class TestRunning:
    """The service runs."""

    @pytest.fixture
    def inlet(self) -> MemoryInlet:
        return MemoryInlet()

    async def ask(self, folder: Path, inlet: Inlet, path: str, raw: bytes = RAW) -> Reply | None:
        inlets = {MAIL: inlet}
        async with served(folder, routes(inlets.get)):
            return await call(folder, "POST", path, raw)

    async def test_it_takes_the_bytes_and_the_envelope(
        self, tmp_path: Path, inlet: MemoryInlet
    ) -> None:
        path = path_for(MAIL, "ola+æ@kunde.example", ["support@nordlys.example", "b@c.example"])
        assert await self.ask(tmp_path, inlet, path) == Reply(200, b'{"arrival": 1}')
        (arrival,) = inlet.arrivals
        assert raw_bytes(arrival) == RAW
        assert arrival.envelope.mail_from == "ola+æ@kunde.example"
        assert arrival.envelope.rcpt_to == ("support@nordlys.example", "b@c.example")

    async def test_without_an_envelope_there_is_none(
        self, tmp_path: Path, inlet: MemoryInlet
    ) -> None:
        await self.ask(tmp_path, inlet, path_for(MAIL, None, []))
        assert inlet.arrivals[0].envelope.mail_from is None

    async def test_a_channel_that_is_no_mail_is_named(
        self, tmp_path: Path, inlet: MemoryInlet
    ) -> None:
        path = path_for(ChannelName("fax"), None, [])
        problem = b'{"problem": "there is no mail channel \'fax\'"}'
        assert await self.ask(tmp_path, inlet, path) == Reply(404, problem)
        assert inlet.arrivals == []

    async def test_what_could_not_be_stored_is_not_taken(
        self, tmp_path: Path, inlet: MemoryInlet
    ) -> None:
        inlet.trouble = TemporaryFailure("secret details")
        problem = b'{"problem": "the message could not be stored"}'
        assert await self.ask(tmp_path, inlet, path_for(MAIL, None, [])) == Reply(503, problem)


class TestAlone:
    """No service runs."""

    async def test_it_is_on_disk_when_the_call_returns(self, tmp_path: Path) -> None:
        async with open_database("sqlite", tmp_path) as db:
            await migrate(db, MONDAY)
        first = await accept_directly("sqlite", tmp_path, letter(MAIL, RAW, now=MONDAY))
        again = await accept_directly("sqlite", tmp_path, letter(MAIL, RAW, now=MONDAY))
        assert first == again

    async def test_a_database_without_tables_is_trouble(self, tmp_path: Path) -> None:
        with pytest.raises(TemporaryFailure) as failure:
            await accept_directly("sqlite", tmp_path, letter(MAIL, RAW, now=MONDAY))
        assert str(failure.value) == "the database is not ready: run deskbridge migrate"

    async def test_a_desk_in_use_is_left_alone(self, tmp_path: Path) -> None:
        with alone(tmp_path), pytest.raises(DeskInUse):
            await accept_directly("sqlite", tmp_path, letter(MAIL, RAW, now=MONDAY))
