"""Does ``deskbridge ingest`` say 0 only when the message is on disk, and else always 75?"""

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from deskbridge.ingest import routes
from deskbridge.local_site import served
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from storage.opening import alone
from tests.channels.suite import raw_bytes
from tests.fakes import MemoryInlet

PROGRAM = Path(sys.executable).with_name("deskbridge")
RAW = b"From: jan@kunde.example\nMessage-ID: <1@kunde.example>\nSubject: hei\n\nNoe er galt.\n\xff"
DESK = """\
version: 1
desk: {name: Nordlys, url: http://127.0.0.1:8080, data_dir: DATA}
channels:
  support-mail: {kind: smtp, listen: 127.0.0.1:2525, addresses: [support@nordlys.example]}
  web: {kind: web-form, path: /new}
specialists:
  ola: {name: Ola Hansen, email: ola@nordlys.example}
queues:
  first-line: {line: 1, members: [ola]}
rules:
  - {name: all, when: always, then: {queue: first-line}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    file = tmp_path / "desk.yaml"
    file.write_text(DESK.replace("DATA", str(tmp_path / "data")))
    return file


def run(*arguments: str | Path, raw: bytes = RAW) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [PROGRAM, *arguments],
        input=raw,
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )


def ingest(desk: Path, *more: str, raw: bytes = RAW) -> subprocess.CompletedProcess[bytes]:
    return run("ingest", "-c", desk, "--channel", "support-mail", *more, raw=raw)


def kept(desk: Path) -> list[bytes]:
    with closing(sqlite3.connect(desk.parent / "data" / "deskbridge.db")) as connection:
        found = "SELECT content FROM arrivals JOIN originals ON hash = original"
        return [content for (content,) in connection.execute(found)]


def test_without_a_service_it_is_in_the_database_once(desk: Path) -> None:
    assert run("migrate", "-c", desk).returncode == 0
    first = ingest(desk, "--sender=jan@kunde.example", "--recipient=support@nordlys.example")
    again = ingest(desk, "--sender=jan@kunde.example", "--recipient=support@nordlys.example")
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert b"accepted as 1" in first.stderr
    assert kept(desk) == [RAW]


async def test_with_a_service_it_is_handed_over(desk: Path) -> None:
    inlet = MemoryInlet()
    inlets = {ChannelName("support-mail"): inlet}
    data_dir = desk.parent / "data"
    data_dir.mkdir()
    with alone(data_dir):
        async with served(data_dir, routes(inlets.get)):
            done = await _in_thread(desk)
            inlet.trouble = TemporaryFailure("the disk is full")
            refused = await _in_thread(desk)
    assert done.returncode == 0, done.stderr
    assert [raw_bytes(arrival) for arrival in inlet.arrivals] == [RAW]
    assert refused.returncode == 75
    assert b"not taken: the message could not be stored" in refused.stderr


async def _in_thread(desk: Path) -> subprocess.CompletedProcess[bytes]:
    return await asyncio.to_thread(ingest, desk)


def test_nothing_at_all_is_trouble(desk: Path) -> None:
    done = ingest(desk, raw=b"\n")
    assert done.returncode == 75
    assert b"not taken: nothing came on standard input" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--chanel", "x"], b"No such option", id="a wrong option"),
        pytest.param([], b"Missing option '--channel'", id="no channel"),
        pytest.param(
            ["--channel", "support-mail", "-c", "no.yaml"], b"no.yaml", id="no configuration"
        ),
    ],
)
def test_a_wrong_call_bounces_nothing(
    arguments: list[str], sentence: bytes, tmp_path: Path
) -> None:
    done = run("ingest", *arguments)
    assert done.returncode == 75
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(("version: 1", "version: 9"), b"error[", id="a wrong configuration"),
        pytest.param(("support-mail:", "other:"), b"no mail channel 'support-mail'", id="gone"),
        pytest.param(("first-line}}", "first-lin}}"), b"did you mean", id="a wrong rule"),
        pytest.param(
            ("127.0.0.1:8080, ", "127.0.0.1:8080, storage: 'postgresql://127.0.0.1:1/x', "),
            b"not taken: ",
            id="database away",
        ),
    ],
)
def test_a_wrong_configuration_bounces_nothing(
    desk: Path, change: tuple[str, str], sentence: bytes
) -> None:
    desk.write_text(desk.read_text().replace(*change))
    done = ingest(desk)
    assert done.returncode == 75
    assert sentence in done.stderr


def test_a_form_is_no_mail_channel(desk: Path) -> None:
    done = run("ingest", "-c", desk, "--channel", "web")
    assert done.returncode == 75
    assert b"there is no mail channel 'web'" in done.stderr


def test_a_desk_without_tables_or_in_use_is_trouble(desk: Path) -> None:
    assert b"run deskbridge migrate" in ingest(desk).stderr
    with alone(desk.parent / "data"):
        done = ingest(desk)
    assert done.returncode == 75
    assert b"is using" in done.stderr
