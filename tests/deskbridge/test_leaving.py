"""Do commands that can't do it say where, what and what to do, for people and for programs?"""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskbridge.cli.main import deskbridge
from storage.migrate import Migration, migrations
from storage.migrate import migrate as apply
from storage.opening import open_database
from tests.deskbridge.command_desk import CommandDesk
from tests.storage.arrivals import MONDAY

READING = [
    pytest.param(("inquiry", "list"), id="inquiries"),
    pytest.param(("inquiry", "show", "NL-1"), id="an inquiry"),
    pytest.param(("message", "list"), id="the quarantine"),
    pytest.param(("message", "show", "1"), id="an arrival"),
    pytest.param(("outbox", "list"), id="the outbox"),
    pytest.param(("outbox", "show", "1"), id="a dispatch"),
    pytest.param(("customers", "show", "jan@acme.example"), id="a customer"),
    pytest.param(("specialist", "list"), id="specialists"),
    pytest.param(("report", "rules"), id="figures"),
    pytest.param(("explain", "NL-1"), id="a decision"),
    pytest.param(("replay",), id="replay"),
    pytest.param(("diff",), id="differences"),
]


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    return CommandDesk(tmp_path)


def call(desk: CommandDesk, *words: str) -> Result:
    return CliRunner().invoke(deskbridge, [*words, "-c", str(desk.file)])


def as_told(result: Result) -> str:
    """The sentence, which people and programs get alike."""
    (line,) = result.stdout.splitlines()
    error = json.loads(line)["error"]
    assert error["exit"] == result.exit_code
    assert error["text"] in result.stderr
    return str(error["text"])


@pytest.mark.parametrize("words", READING)
def test_no_database_yet(desk: CommandDesk, words: tuple[str, ...]) -> None:
    result = call(desk, *words, "--json")
    assert result.exit_code == 4
    assert f"nothing is in {desk.data_dir} yet" in as_told(result)
    assert not desk.data_dir.exists()


@pytest.mark.parametrize("words", READING)
def test_a_data_folder_that_is_none(desk: CommandDesk, words: tuple[str, ...]) -> None:
    desk.data_dir.write_text("a file")
    result = call(desk, *words, "--json")
    assert result.exit_code == 5
    assert as_told(result).startswith(f"cannot use {desk.data_dir}: Not a directory")
    assert "give desk.data_dir a folder of its own" in result.stderr


@pytest.mark.parametrize("words", [("inquiry", "close", "NL-1", "--as", "ola"), ("migrate",)])
def test_who_changes_something_is_told_the_same(desk: CommandDesk, words: tuple[str, ...]) -> None:
    desk.data_dir.write_text("a file")
    result = call(desk, *words)
    assert result.exit_code == 5
    assert f"cannot use {desk.data_dir}: " in result.stderr


@pytest.mark.parametrize("words", READING)
def test_a_database_newer_than_the_program(desk: CommandDesk, words: tuple[str, ...]) -> None:
    async def age() -> None:
        await desk.migrate()
        async with open_database("sqlite", desk.data_dir) as database:
            later = Migration(number=999, name="later", sql="CREATE TABLE later (id INTEGER);")
            await apply(database, MONDAY, [*migrations("sqlite"), later])

    asyncio.run(age())
    result = call(desk, *words, "--json")
    assert result.exit_code == 5
    assert "install the version that made it, or a later one" in as_told(result)


@pytest.mark.parametrize("words", [*READING, pytest.param(("status",), id="status")])
def test_a_configuration_that_is_wrong(desk: CommandDesk, words: tuple[str, ...]) -> None:
    desk.file.write_text("version: 1\nrules: [\n")
    result = call(desk, *words, "--json")
    assert result.exit_code == 3
    (line,) = result.stdout.splitlines()
    (problem,) = json.loads(line)["error"]["problems"]
    assert (problem["code"], problem["file"]) == ("yaml", str(desk.file))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("inquiry", "show", "NL-1"), "there is no inquiry NL-1"),
        (("message", "show", "7"), "there is no arrival 7"),
        (("outbox", "show", "7"), "there is no dispatch 7"),
        (("customers", "show", "x@y.example"), "nothing is known of x@y.example"),
        (
            ("explain", "nofile.eml"),
            "'nofile.eml' is no file here; as something stored: there is no inquiry nofile.eml",
        ),
        (
            ("explain", "<1@a.example>"),
            "'<1@a.example>' is no file here; as something stored: "
            "no decision is recorded for <1@a.example>",
        ),
    ],
)
def test_what_is_not_there(desk: CommandDesk, words: tuple[str, ...], said: str) -> None:
    asyncio.run(desk.migrate())
    result = call(desk, *words, "--json")
    assert (result.exit_code, as_told(result)) == (4, said)
    assert call(desk, *words).stdout == ""


def test_a_service_that_does_not_run(desk: CommandDesk) -> None:
    result = call(desk, "status", "--json")
    assert result.exit_code == 5
    assert as_told(result) == (
        f"the service is not running on {desk.data_dir}: start it by deskbridge run"
    )
    assert call(desk, "status", "--quiet").output == f"configuration {desk.file}\n"
