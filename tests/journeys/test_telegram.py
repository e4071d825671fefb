"""Does who asks the bot something get one answer, also when the desk dies in between?"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.bridge import Bridge, until
from tests.servers.telegram import TOKEN, FakeTelegram, telegram, too_many

YAML = """version: 1
desk:
  name: Nordlys Support
  url: http://127.0.0.1:${env:WEB_PORT}
  data_dir: ${env:DATA_DIR}
  storage: ${env:STORAGE}
  hold: {mail: 0s, chat: 0s}
web: {listen: "127.0.0.1:${env:WEB_PORT}"}
channels:
  bot:
    kind: telegram
    token: ${env:BOT_TOKEN}
    api: ${env:TELEGRAM_API}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [en]}}
queues: {first-line: {line: 1, members: [ola]}}
rules: [{name: all, when: always, then: {queue: first-line, category: other}}]
"""


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with telegram() as started:
        yield started


@pytest.fixture
async def bridge(tmp_path: Path, fake: FakeTelegram) -> AsyncIterator[Bridge]:
    desk = tmp_path / "desk.yaml"
    desk.write_text(YAML)
    environment = {"BOT_TOKEN": TOKEN, "TELEGRAM_API": fake.api}
    running = Bridge(folder=tmp_path, desk=desk, storage="sqlite", environment=environment)
    yield running
    if running.process is not None:
        assert await running.stop() == 0, running.last_words()


@pytest.mark.parametrize(
    ("failpoint", "answers"),
    [
        pytest.param("telegram.fetched", 1, id="before it is kept"),
        pytest.param("telegram.accepted", 1, id="before it is confirmed"),
        pytest.param("commands.claimed", 1, id="before anything is said"),
        pytest.param("commands.said", 2, id="before it is written down that it was said"),
    ],
)
async def test_a_death_loses_no_answer_to_a_command(
    bridge: Bridge, fake: FakeTelegram, failpoint: str, answers: int
) -> None:
    await bridge.start(f"{failpoint}=kill")
    await bridge.ready()
    fake.say("/start")
    assert bridge.process
    await bridge.process.wait()
    await bridge.start("")
    await bridge.ready()
    await until(lambda: len(fake.sent) >= answers, "the greeting")
    fake.say("/status")
    await until(lambda: len(fake.sent) >= answers + 1, "how requests stand")
    await asyncio.sleep(0.5)
    said = [sent["text"] for sent in fake.sent]
    assert len(said) == answers + 1
    assert len(set(said[:-1])) == 1


async def test_a_bot_that_is_asked_to_slow_down_still_answers(
    bridge: Bridge, fake: FakeTelegram
) -> None:
    fake.next_time("sendMessage", too_many(1), too_many(None))
    await bridge.start("")
    await bridge.ready()
    fake.say("/start")
    await until(lambda: len(fake.sent) == 1, "the greeting")
    fake.say("my printer is on fire")
    await until(lambda: not fake.updates, "the next message is taken")
    await asyncio.sleep(0.5)
    assert len(fake.sent) == 1
