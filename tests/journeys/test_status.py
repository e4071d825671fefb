"""Does ``deskbridge status`` tell of a running desk what one wants to know?"""

import asyncio
import json
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from tests.harness.bridge import Bridge
from tests.servers.ports import free_port

YAML = """version: 1
desk:
  name: Nordlys Support
  url: http://127.0.0.1:${env:WEB_PORT}
  data_dir: ${env:DATA_DIR}
  storage: ${env:STORAGE}
web: {listen: "127.0.0.1:${env:WEB_PORT}"}
channels:
  mail:
    kind: smtp
    listen: 127.0.0.1:${env:SMTP_PORT}
    addresses: [help@nordlys.example]
    send: {host: 127.0.0.1, port: 1, tls: none, from: help@nordlys.example}
  away:
    kind: imap
    host: 127.0.0.1
    port: ${env:NOBODY}
    tls: none
    user: x
    password: ${env:IMAP_PASSWORD}
  hooks: {kind: webhook, secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", answer_url: "http://127.0.0.1:1/"}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [en]}}
queues: {first-line: {line: 1, members: [ola]}}
rules: [{name: all, when: always, then: {queue: first-line, category: other, reply: ack}}]
"""


@pytest.fixture
async def bridge(tmp_path: Path) -> AsyncIterator[Bridge]:
    desk = tmp_path / "desk.yaml"
    desk.write_text(YAML)
    environment = {"NOBODY": str(free_port()), "IMAP_PASSWORD": "a-password-of-nobody"}
    running = Bridge(folder=tmp_path, desk=desk, storage="sqlite", environment=environment)
    await running.start()
    await running.ready()
    yield running
    assert await running.stop() == 0, running.last_words()


async def test_channels_queues_and_outbox_are_told(bridge: Bridge) -> None:
    mail = EmailMessage()
    mail["From"] = "kari@kunde.example"
    mail["Subject"] = "Help"
    mail.set_content("My router is broken, please help me.")
    await aiosmtplib.send(
        mail,
        recipients=["help@nordlys.example"],
        hostname="127.0.0.1",
        port=bridge.smtp_port,
        start_tls=False,
    )
    async with asyncio.timeout(20):
        while True:
            asked = await bridge.run("status", "--json", ends=None)
            told = json.loads(asked.stdout)
            if told["outbox"] and "away" in told["trouble"]:
                break
    assert asked.returncode == 1  # the mailbox is away
    assert told["channels"]["mail"]["up"] is True
    assert told["channels"]["hooks"]["up"] is True  # nobody has called it yet
    assert told["channels"]["away"]["up"] is False
    assert told["queues"] == {"first-line": {"open": 1, "new": 1, "unassigned": 1}}
    shown = await bridge.run("status", ends=None)
    assert "first-line" in shown.stdout
    assert "outbox: 1 mail" in shown.stdout
    assert "a-password-of-nobody" not in shown.stdout + bridge.last_words()


async def test_a_desk_that_does_not_run_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(YAML)
    idle = Bridge(
        folder=tmp_path,
        desk=tmp_path / "desk.yaml",
        storage="sqlite",
        environment={"NOBODY": "1", "IMAP_PASSWORD": "x"},
    )
    asked = await idle.run("status", ends=None)
    assert asked.returncode == 5
    assert asked.stderr.splitlines()[-1].startswith("the service is not running on ")
