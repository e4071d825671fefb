"""Does a channel that lives outside of deskbridge work as docs/adding-a-channel.md says?

The package is the one of examples/pigeon, installed as its operator would, beside the product.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from deskbridge_pigeon.loft import WORD, Loft, open_loft

from tests.harness.bridge import PATIENCE, PROGRAM, Bridge, until
from tests.layout.tree import ROOT

YAML = """version: 1
desk:
  name: Nordlys
  url: http://127.0.0.1:${env:WEB_PORT}
  languages: [en, nb]
  data_dir: ${env:DATA_DIR}
  hold: {mail: 0s, chat: 0s}
web: {listen: "127.0.0.1:${env:WEB_PORT}"}
channels:
  form: {kind: web-form, path: /new}
  loft:
    kind: pigeon
    host: 127.0.0.1
    port: ${env:LOFT_PORT}
    word: ${env:LOFT_WORD}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [en, nb]}}
queues:
  first-line: {line: 1, members: [ola]}
  birds: {line: 2, members: [ola]}
rules:
  - {name: feathers, when: {channel: loft}, then: {queue: birds, category: post, reply: ack}}
  - {name: all, when: always, then: {queue: first-line, category: other}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as pip installs it: from a folder, without a network."""
    folder = tmp_path_factory.mktemp("outside")
    shutil.copytree(ROOT / "examples" / "pigeon", folder / "pigeon")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    how = ("--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder / "site"))
    subprocess.run([*pip, *how, str(folder / "pigeon")], check=True, timeout=120)
    return folder / "site"


@dataclass(frozen=True, slots=True)
class Birds:
    """A desk with a loft, and what a specialist does there."""

    bridge: Bridge
    loft: Loft

    async def start(self, failpoints: str = "") -> None:
        await self.bridge.start(failpoints)
        await self.bridge.ready()

    async def answer(self, text: str) -> None:
        (inquiry,) = self.bridge.rows("SELECT reference FROM inquiries")
        reference = inquiry["reference"]
        await self.bridge.run("inquiry", "answer", reference, "--as", "ola", "--text", text)

    def said(self) -> list[str]:
        found = self.bridge.rows("SELECT new_text FROM messages WHERE direction = 'in' ORDER BY id")
        return [row["new_text"] for row in found]

    def heard(self) -> list[str]:
        """What has reached the birds, but for what the desk says by itself."""
        texts = [one["text"] for one in self.loft.flown.values()]
        return [text for text in texts if "/s/" not in text]


@pytest.fixture
async def birds(tmp_path: Path, site: Path) -> AsyncIterator[Birds]:
    (tmp_path / "desk.yaml").write_text(YAML)
    async with open_loft() as loft:
        bridge = Bridge(
            folder=tmp_path,
            desk=tmp_path / "desk.yaml",
            storage="sqlite",
            environment={
                "LOFT_PORT": str(loft.port),
                "LOFT_WORD": WORD,
                "PYTHONPATH": str(site),
            },
        )
        yield Birds(bridge, loft)
        if bridge.process is not None:
            assert await bridge.stop() == 0, bridge.last_words()


@pytest.mark.parametrize(
    "failpoint",
    [
        pytest.param("arrivals.inserted=kill", id="not yet accepted"),
        pytest.param("arrivals.committed=kill", id="accepted, not yet confirmed"),
        pytest.param("normalizer.parsed=kill", id="understood, not yet written down"),
        pytest.param("outbox.claimed=kill@2", id="the answer is about to be sent"),
        pytest.param("outbox.sent=kill@2", id="the answer is sent, not yet written down"),
    ],
)
async def test_a_letter_is_routed_and_answered_whenever_the_desk_dies(
    birds: Birds, failpoint: str
) -> None:
    birds.loft.forgetful = True
    await birds.start(failpoint)
    birds.loft.write("Skriveren virker ikke, kan noen hjelpe meg?")
    if failpoint.startswith("outbox"):
        await until(lambda: len(birds.loft.flown) == 1, "the acknowledgement")
        await birds.answer("Prøv å slå den av og på.")
    assert await birds.bridge.died_within(timedelta(seconds=PATIENCE))
    birds.loft.got.clear()  # all of it is offered again

    await birds.start()
    await until(lambda: birds.loft.got == {1}, "the confirmation")
    if not failpoint.startswith("outbox"):
        await until(lambda: len(birds.loft.flown) == 1, "the acknowledgement")
        await birds.answer("Prøv å slå den av og på.")
    await until(lambda: birds.heard() == ["Prøv å slå den av og på."], "the answer")
    birds.loft.write("Nå virker den, takk!")
    await until(lambda: len(birds.said()) == 2, "the follow-up")

    assert birds.said() == ["Skriveren virker ikke, kan noen hjelpe meg?", "Nå virker den, takk!"]
    (inquiry,) = birds.bridge.rows("SELECT queue, category, language FROM inquiries")
    assert inquiry == {"queue": "birds", "category": "post", "language": "nb"}
    assert {one["ring"] for one in birds.loft.flown.values()} == {"NO-7"}
    assert len(birds.loft.flown) == 2


async def test_what_is_not_understood_waits_where_it_is_seen(birds: Birds) -> None:
    await birds.start()
    birds.loft.letters.append({"number": 1, "text": "from nobody"})
    birds.loft.write("Hello, my printer is on fire")
    await until(lambda: birds.said() == ["Hello, my printer is on fire"], "the good one")
    await until(lambda: birds.loft.got == {1, 2}, "the confirmations")
    (kept,) = json.loads((await birds.bridge.run("message", "list", "--json")).stdout)
    where = "KeyError in understanding.py, line 12"
    assert kept["reason"] == f"the package for x-deskbridge/pigeon failed: {where}"


async def test_troubles_are_shown_and_pass(birds: Birds) -> None:
    birds.loft.close()
    await birds.start()
    shown = (await birds.bridge.run("status", ends=1)).stdout  # something is amiss
    assert "loft  pigeon      the loft is gone" in shown
    birds.loft.write("Hello, my printer is on fire")
    await birds.loft.open()
    await until(lambda: len(birds.loft.flown) == 1, "the acknowledgement")
    birds.loft.answer = {"never": "no such bird"}
    await birds.answer("Use water.")
    dead = "SELECT last_error FROM outbox WHERE state = 'dead'"
    await until(lambda: birds.bridge.rows(dead) == [{"last_error": "no such bird"}], "its end")
    assert WORD not in birds.bridge.last_words()


def check(file: Path, environment: Mapping[str, str]) -> list[str]:
    run = subprocess.run(
        [PROGRAM, "check", "--json", file],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(run.stdout)["problems"]
    return [f"{one['line']}:{one['column']} {one['text']}" for one in found]


def test_its_settings_are_checked_and_completed(tmp_path: Path, site: Path) -> None:
    file = tmp_path / "desk.yaml"
    settings = "port: 99999\n    wrod: x\n    word: ${env:LOFT_WORD}"
    wanted = "port: ${env:LOFT_PORT}\n    word: ${env:LOFT_WORD}"
    file.write_text(YAML.replace(wanted, settings))
    environment = {"PYTHONPATH": str(site), "WEB_PORT": "1", "DATA_DIR": str(tmp_path)}
    assert check(file, {**environment, "LOFT_WORD": WORD}) == [
        "14:11 99999 is not from 1 to 65535",
        "15:5 unknown key 'wrod'",
    ]
    file.write_text(YAML.replace(wanted, "word: ${env:LOFT_WORD}"))
    assert check(file, {**environment, "LOFT_WORD": " "}) == ["12:5 'word' is empty"]
    printed = subprocess.run(
        [PROGRAM, "schema"],
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )
    known = json.loads(printed.stdout)["definitions"]["channel-pigeon"]["properties"]
    assert known["host"]["description"] == "Where the loft is."
    assert known["port"]["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 65535}


def test_the_common_suite_asks_it_too(site: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=site.parent / "pigeon",
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{site}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert "12 passed" in run.stdout
