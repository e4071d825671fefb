"""Do kinds from outside work like ours, and does a broken one harm nobody but itself?"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from channels.contract import WebReceiver
from config.load import load
from config.schema.make import make_schema
from deskbridge import open_channels
from deskbridge.cli.main import deskbridge
from deskbridge.kinds import SettingsByKind, kind
from inquiry.errors import ConfigError
from tests.deskbridge.packages import WORKS, Packages
from tests.deskbridge.running_desk import running_desk
from tests.servers.ports import free_port

DESK = """\
version: 1
desk: {name: Nordlys, url: "http://127.0.0.1:1", data_dir: data}
web: {listen: "127.0.0.1:PORT"}
channels:
  loft:
    kind: pigeon
    host: HOST
  mail: {kind: smtp, listen: "127.0.0.1:0", addresses: [support@nordlys.example]}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example}}
queues: {first-line: {members: [ola]}}
rules: [{name: all, when: always, then: {queue: first-line}}]
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Packages]:
    packages = Packages(tmp_path / "site", monkeypatch)
    yield packages
    packages.forget()


def text(host: str = "loft.example") -> str:
    return DESK.replace("HOST", host).replace("PORT", str(free_port()))


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with a desk: place, sentence, hint."""
    file = folder / "desk.yaml"
    file.write_text(text)
    try:
        load(file, SettingsByKind())
    except ConfigError as wrong:
        return [
            f"{one.place.line}:{one.place.column} {one.text} | {one.hint}" for one in wrong.problems
        ]
    return []


def test_a_kind_from_outside_is_checked_like_ours(packages: Packages, tmp_path: Path) -> None:
    packages.install("works", WORKS)
    assert problems(tmp_path, text()) == []
    assert problems(tmp_path, text().replace("    host:", "    hots:")) == [
        "7:5 unknown key 'hots' | did you mean 'host'?"
    ]
    schema = make_schema(SettingsByKind())["definitions"]["channel-pigeon"]
    assert schema["description"] == "A loft."
    assert schema["required"] == ["host"]


def test_settings_may_refuse_what_does_not_go_together(packages: Packages, tmp_path: Path) -> None:
    refusing = """    host: str
    def __post_init__(self):
        if self.host == "moon.example":
            raise ValueError("no pigeon flies that far")
"""
    packages.install("works", WORKS.replace("    host: str\n", refusing))
    assert problems(tmp_path, text()) == []
    assert problems(tmp_path, text("moon.example")) == ["6:5 no pigeon flies that far | "]


def test_one_that_is_not_installed_is_told(packages: Packages, tmp_path: Path) -> None:
    (told,) = problems(tmp_path, text())
    assert told.startswith("6:11 no kind of channel 'pigeon' | kinds: imap, ")
    assert told.endswith("; others come with packages")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        pytest.param(
            "import no_such_library",
            "can't be loaded: ModuleNotFoundError: No module named 'no_such_library'",
            id="a library is missing",
        ),
        pytest.param("KIND = ", "can't be loaded: SyntaxError: invalid syntax", id="no Python"),
        pytest.param("", "can't be loaded: AttributeError: module", id="no such name"),
        pytest.param("KIND = dict()", "is no channels.contract.Kind but dict", id="another type"),
        pytest.param(WORKS.replace('name="pig', 'name="pid'), "calls itself 'pideon'", id="name"),
        pytest.param(
            WORKS.replace("settings=Settings", "settings=dict"),
            "has settings that are no dataclass",
            id="settings",
        ),
        pytest.param(
            WORKS.replace("host: str", "host: 'Host'"),
            "has settings whose types can't be read: name 'Host' is not defined",
            id="types",
        ),
    ],
)
def test_a_broken_one_is_told_where_it_is_used_and_harms_no_other(
    packages: Packages, tmp_path: Path, code: str, told: str
) -> None:
    packages.install("broken", code)
    without = text().replace("  loft:\n    kind: pigeon\n    host: loft.example\n", "")
    assert problems(tmp_path, without) == []
    definitions = make_schema(SettingsByKind())["definitions"]
    assert "channel-webhook" in definitions
    assert "channel-pigeon" not in definitions
    misspelt, unusable = problems(tmp_path, text().replace("listen", "lisden", 1))
    assert misspelt.startswith("3:7 unknown key 'lisden'")
    assert unusable.startswith(f"6:11 the kind 'pigeon' of broken 1.0 {told}")
    assert unusable.endswith(" | mend the package: its entry point is broken:KIND")


def test_two_packages_with_one_kind_are_told_apart(packages: Packages, tmp_path: Path) -> None:
    packages.install("works", WORKS)
    packages.install("too", WORKS)
    (told,) = problems(tmp_path, text())
    assert told in (
        "6:11 works 1.0 and too 1.0 both bring a kind 'pigeon' | uninstall one of them",
        "6:11 too 1.0 and works 1.0 both bring a kind 'pigeon' | uninstall one of them",
    )


def test_ours_is_taken_where_a_package_brings_one_of_the_same_name(
    packages: Packages, tmp_path: Path
) -> None:
    packages.install("greedy", WORKS, kind="smtp")
    assert kind("smtp").contact == "mail"
    file = tmp_path / "desk.yaml"
    file.write_text(text().replace("  loft:\n    kind: pigeon\n    host: loft.example\n", ""))
    run = CliRunner().invoke(deskbridge, ["check", str(file), "--json"])
    assert run.exit_code == 0
    (problem,) = json.loads(run.stdout)["problems"]
    assert (problem["code"], problem["severity"]) == ("not-installed", "warning")
    assert problem["text"] == "the kind 'smtp' is ours: that of greedy 1.0 is not used"


async def test_one_that_cannot_be_opened_keeps_no_desk_from_starting(
    packages: Packages, tmp_path: Path
) -> None:
    packages.install("works", WORKS)
    async with running_desk(tmp_path / "desk.yaml", text("nowhere")) as desk:
        assert set(desk.bridge.channels) == {"mail"}
        trouble = (await desk.status())["channels"]["loft"]["trouble"]
        assert trouble == "cannot be opened: no loft there"


async def test_one_that_takes_for_ever_to_open_does_not_either(
    packages: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_channels, "OPENING", timedelta(seconds=0.5))
    packages.install("works", WORKS)
    async with running_desk(tmp_path / "desk.yaml", text("silent")) as desk:
        assert set(desk.bridge.channels) == {"mail"}


async def test_two_that_are_called_at_one_address_do_not_end_the_desk(
    packages: Packages, tmp_path: Path
) -> None:
    """Its settings do not say where it is called, so only opening it shows."""
    called = (
        WORKS
        + """
from aiohttp import web

async def land(request):
    return web.Response()

Channel.routes = lambda self, inlet: [web.post("/pigeons", land)]
"""
    )
    packages.install("called", called)
    two = text().replace("  mail:", "  cote: {kind: pigeon, host: other.example}\n  mail:")
    async with running_desk(tmp_path / "desk.yaml", two) as desk:
        named = desk.bridge.channels
        assert len(named) == 2
        assert "mail" in named
        assert any(isinstance(one, WebReceiver) for one in named.values())
        (shut,) = {"loft", "cote"} - set(named)
        trouble = (await desk.status())["channels"][shut]["trouble"]
        assert trouble == "cannot be opened: another channel is called at the same address"
