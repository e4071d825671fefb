"""Does a running desk take a changed configuration, in each of the ways to ask for it?"""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deskbridge.local import call
from tests.harness.bridge import Bridge

TOKEN = "an-operators-token-of-the-tests"
YAML = """version: 1
desk:
  name: Nordlys Support
  url: http://127.0.0.1:${env:WEB_PORT}
  data_dir: ${env:DATA_DIR}
  storage: ${env:STORAGE}
web: {listen: "127.0.0.1:${env:WEB_PORT}", operator_token: "${file:token}"}
channels:
  mail:
    kind: smtp
    listen: 127.0.0.1:${env:SMTP_PORT}
    addresses: [help@nordlys.example]
    send: {folder: sent, from: help@nordlys.example}
  form: {kind: web-form, path: /new}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [en]}}
queues: {first-line: {line: 1, members: [ola]}}
rules: [{name: all, when: always, then: {queue: first-line, category: other}}]
tests: [{name: t, given: {subject: x}, expect: {category: other}}]
"""
WRONG = YAML.replace("queue: first-line, cat", "queue: frst-line, cat").replace("[ola]}", "[olla]}")
FAILS = YAML.replace("expect: {category: other}", "expect: {category: printer}")


@asynccontextmanager
async def desk(folder: Path, *options: str, **environment: str) -> AsyncIterator[Bridge]:
    (folder / "token").write_text(f"{TOKEN}\n")
    file = folder / "desk.yaml"
    file.write_text(YAML)
    running = Bridge(folder=folder, desk=file, storage="sqlite", environment=environment)
    await running.start(more=options)
    try:
        await running.ready()
        yield running
        assert await running.stop() == 0, running.last_words()
    finally:
        await running.kill()


@pytest.fixture
async def bridge(tmp_path: Path) -> AsyncIterator[Bridge]:
    async with desk(tmp_path) as running:
        yield running


async def in_force(bridge: Bridge) -> dict[str, Any]:
    """Ask what ``deskbridge status`` asks."""
    reply = await call(bridge.data_dir, "GET", "/status")
    assert reply is not None
    told: dict[str, Any] = json.loads(reply.body)
    return told


async def until(holds: Callable[[str], bool], bridge: Bridge) -> dict[str, Any]:
    """Wait until the hash of the configuration in force is as wanted."""
    async with asyncio.timeout(60):
        while True:
            told = await in_force(bridge)
            if holds(told["configuration"]):
                return told
            await asyncio.sleep(0.1)


async def metrics(bridge: Bridge) -> dict[str, float]:
    async with aiohttp.ClientSession() as session, session.get(f"{bridge.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    numbers = (line.rpartition(" ") for line in lines if "last_reload" in line and line[0] != "#")
    return {name.removeprefix("deskbridge_config_last_reload_"): float(n) for name, _, n in numbers}


async def test_a_command_puts_it_in_force(bridge: Bridge) -> None:
    before = (await in_force(bridge))["configuration"]
    bridge.desk.write_text(YAML.replace("category: other", "category: printer"))
    done = await bridge.run("reload", ends=None)
    assert done.returncode == 0, done.stderr
    now = (await in_force(bridge))["configuration"]
    assert done.stdout == f"configuration {now} is in force; no channel is touched\n"
    assert now != before


async def test_a_wrong_file_is_refused_with_all_its_problems(bridge: Bridge) -> None:
    before = (await in_force(bridge))["configuration"]
    since = await metrics(bridge)
    bridge.desk.write_text(WRONG)
    done = await bridge.run("reload", ends=None)
    checked = await bridge.run("check", ends=None)
    assert done.returncode == 3
    sentence = f"not reloaded: 2 errors; configuration {before} stays in force\n"
    problems = checked.stdout.partition("2 errors")[0]
    assert "error[reference]: no specialist 'olla'" in problems
    assert done.stderr == f"configuration {bridge.desk}\n{problems}{sentence}"
    told = await in_force(bridge)
    assert told["configuration"] == before
    assert told["trouble"]["configuration"].startswith(sentence.strip())
    assert "no queue 'frst-line'" in told["trouble"]["configuration"]
    status = await bridge.run("status", ends=None)
    assert status.returncode == 1
    assert f"  ✗ configuration: {sentence}" in status.stdout
    assert await metrics(bridge) == {**since, "successful": 0}
    assert "error[reference]: no queue 'frst-line'; did you mean" in bridge.last_words()

    bridge.desk.write_text(YAML)
    await bridge.run("reload")
    after = await metrics(bridge)
    assert after["successful"] == 1
    assert after["success_timestamp_seconds"] > since["success_timestamp_seconds"]
    assert (await in_force(bridge))["trouble"] == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(YAML + "\t: [", id="no YAML from some line on"),
        pytest.param(YAML.replace("rules:", "ruls:"), id="a word that there isn't"),
    ],
)
async def test_a_running_desk_is_found_by_a_broken_file(bridge: Bridge, text: str) -> None:
    bridge.desk.write_text(text)
    done = await bridge.run("reload", "--json", ends=None)
    told = json.loads(done.stdout)
    assert (done.returncode, told["code"], told["applied"]) == (3, 3, False)
    assert [problem["severity"] for problem in told["problems"]].count("error") >= 1
    assert (await in_force(bridge))["trouble"].keys() == {"configuration"}


async def test_a_file_that_says_nothing_of_a_desk_finds_none(bridge: Bridge) -> None:
    bridge.desk.write_text("rules: []\n")
    done = await bridge.run("reload", ends=None)
    assert done.returncode == 3
    assert done.stderr.endswith("the service was not asked: what data_dir it has can't be read\n")
    assert (await in_force(bridge))["trouble"] == {}


async def test_a_test_that_fails_refuses_it_unless_it_is_left_out(bridge: Bridge) -> None:
    bridge.desk.write_text(FAILS)
    refused = await bridge.run("reload", ends=None)
    assert refused.returncode == 3
    assert "error[test]: test 't' fails" in refused.stderr
    await bridge.run("reload", "--skip-tests")
    assert "reload asked for by deskbridge reload, without its tests" in bridge.last_words()


async def test_without_a_service_there_is_nothing_to_reload(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "desk.yaml").write_text(YAML)
    idle = Bridge(folder=tmp_path, desk=tmp_path / "desk.yaml", storage="sqlite", environment={})
    done = await idle.run("reload", ends=None)
    assert done.returncode == 5
    assert f"no service runs on {idle.data_dir}" in done.stderr


async def test_what_needs_a_restart_is_said_and_the_rest_applied(bridge: Bridge) -> None:
    listens = f"127.0.0.1:{bridge.web_port}"
    changed = YAML.replace('listen: "127.0.0.1:${env:WEB_PORT}"', "listen: 127.0.0.1:1")
    bridge.desk.write_text(changed.replace("path: /new", "path: /ask"))
    done = await bridge.run("reload", ends=None)
    assert done.returncode == 0
    line = f"  ! web.listen {listens} → 127.0.0.1:1 needs a restart\n"
    assert line in done.stdout
    assert "opened anew form" in done.stdout
    async with aiohttp.ClientSession() as session:
        for path, status in (("/ask", 200), ("/new", 404)):
            async with session.get(bridge.url + path) as answer:
                assert answer.status == status
    assert line in (await bridge.run("status", ends=None)).stdout


async def test_a_hang_up_reloads(bridge: Bridge) -> None:
    before = (await in_force(bridge))["configuration"]
    assert bridge.process
    bridge.desk.write_text(YAML + "# changed\n")
    os.kill(bridge.process.pid, signal.SIGHUP)
    await until(lambda hash_: hash_ != before, bridge)


async def test_whoever_holds_the_token_may_reload_over_http(bridge: Bridge) -> None:
    before = (await in_force(bridge))["configuration"]
    address = f"{bridge.url}/-/reload"
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            async with session.post(address, headers=headers) as refused:
                assert refused.status == 403
        right = {"Authorization": f"Bearer {TOKEN}"}
        bridge.desk.write_text(FAILS)
        async with session.post(address, headers=right) as wrong:
            told = await wrong.json()
            assert (wrong.status, told["code"]) == (422, 3)
            assert [problem["code"] for problem in told["problems"]] == ["test"]
        async with session.post(f"{address}?skip-tests", headers=right) as done:
            told = await done.json()
    assert (done.status, told["code"]) == (200, 0)
    assert told["configuration"] == (await in_force(bridge))["configuration"] != before
    assert TOKEN not in bridge.last_words()


async def test_files_that_are_watched(tmp_path: Path) -> None:
    async with desk(tmp_path, "--watch") as bridge:
        before = (await in_force(bridge))["configuration"]
        bridge.desk.write_text(YAML + "# changed\n")
        await until(lambda hash_: hash_ != before, bridge)
        assert "reload asked for by a changed file" in bridge.last_words()


async def test_systemd_hears_of_it(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd:
        systemd.bind(address)
        systemd.setblocking(False)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(30), desk(tmp_path, NOTIFY_SOCKET=address) as bridge:
            assert await loop.sock_recv(systemd, 1000) == b"READY=1\n"
            bridge.desk.write_text(WRONG)
            await bridge.run("reload", ends=None)
            begun, ended = [await loop.sock_recv(systemd, 1000) for _ in range(2)]
    first, since = begun.decode().splitlines()
    assert first == "RELOADING=1"
    assert since.startswith("MONOTONIC_USEC=")
    assert int(since.partition("=")[2]) <= os.times().elapsed * 1e6 + 1e9
    assert ended.decode().startswith("READY=1\nSTATUS=not reloaded: 2 errors;")
