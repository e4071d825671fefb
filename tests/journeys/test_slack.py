"""Do customers in Slack get their answers in their threads, also when the desk dies in between?"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.bridge import PATIENCE, Bridge, until
from tests.servers.slack.names import ACME, APP_TOKEN, BOT_TOKEN, DIRECT, KARI, OLA, SECRET
from tests.servers.slack.server import FakeSlack, slack
from tests.servers.slack.troubles import refuses

YAML = """version: 1
desk:
  name: Nordlys Support
  url: http://127.0.0.1:${env:WEB_PORT}
  data_dir: ${env:DATA_DIR}
  storage: ${env:STORAGE}
  hold: {mail: 0s, chat: 0s}
web: {listen: "127.0.0.1:${env:WEB_PORT}"}
channels:
  slack-customers:
    kind: slack
    mode: ${env:MODE}
    bot_token: ${env:BOT_TOKEN}
    app_token: ${env:APP_TOKEN}
    signing_secret: ${env:SIGNING_SECRET}
    listen_in: [partner-acme, direct-messages]
    api: ${env:SLACK_API}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [en]}}
queues: {first-line: {line: 1, members: [ola]}}
rules: [{name: all, when: always, then: {queue: first-line, category: other, reply: ack}}]
"""


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        yield started


@pytest.fixture(params=["socket", "http"])
async def bridge(
    request: pytest.FixtureRequest, tmp_path: Path, fake: FakeSlack
) -> AsyncIterator[Bridge]:
    desk = tmp_path / "desk.yaml"
    desk.write_text(YAML)
    tokens = {"BOT_TOKEN": BOT_TOKEN, "APP_TOKEN": APP_TOKEN, "SIGNING_SECRET": SECRET}
    environment = {"MODE": request.param, "SLACK_API": fake.api, **tokens}
    running = Bridge(folder=tmp_path, desk=desk, storage="sqlite", environment=environment)
    if request.param == "http":
        fake.push_to = f"{running.url}/slack/events"
    yield running
    if running.process is not None:
        assert await running.stop() == 0, running.last_words()


async def started(bridge: Bridge, failpoints: str = "") -> None:
    await bridge.start(failpoints)
    await bridge.ready()


async def test_a_thread_in_a_channel_from_question_to_answer(
    bridge: Bridge, fake: FakeSlack
) -> None:
    fake.files["F1"] = b"black smoke"
    await started(bridge)
    file = {"id": "F1", "name": "smoke.txt", "mimetype": "text/plain", "size": 11}
    asked = fake.say(
        "My *printer* is on fire", channel=ACME, user=OLA, subtype="file_share", files=[file]
    )
    await until(lambda: len(fake.sent) == 1, "the acknowledgement")
    (inquiry,) = bridge.rows("SELECT * FROM inquiries")
    assert inquiry["conversation"] == f"{ACME}/{asked['ts']}"
    assert inquiry["subject"] == "My printer is on fire"
    assert inquiry["reference"] in fake.sent[0]["text"]
    assert "/s/" not in fake.sent[0]["text"]

    fake.edit(ACME, asked, "My printer is no longer on fire")
    withdrawn = fake.say("never mind", channel=ACME, user=OLA, thread_ts=asked["ts"])
    await until(lambda: len(bridge.rows("SELECT id FROM messages")) >= 3, "the second message")
    fake.delete(ACME, withdrawn)
    gone = "SELECT id FROM messages WHERE deleted_at IS NOT NULL"
    await until(lambda: len(bridge.rows(gone)) == 1, "the deletion")
    await until(lambda: len(bridge.rows("SELECT id FROM attachments")) == 1, "the file")

    fake.say("ours smokes too", channel=ACME, user=KARI, thread_ts=asked["ts"])
    await until(lambda: len(bridge.rows("SELECT id FROM messages")) >= 4, "a colleague")
    text = "Use water & <!channel>"
    await bridge.run("inquiry", "answer", inquiry["reference"], "--as", "ola", "--text", text)
    await until(lambda: len(fake.sent) == 2, "the answer")
    assert fake.sent[1]["text"] == "Use water &amp; &lt;!channel&gt;"
    assert {sent["thread_ts"] for sent in fake.sent} == {asked["ts"]}
    said = bridge.rows("SELECT new_text FROM messages WHERE direction = 'in' ORDER BY id")
    assert [one["new_text"] for one in said] == [
        *("My printer is no longer on fire", "never mind", "ours smokes too"),
    ]
    assert len(bridge.rows("SELECT id FROM inquiries")) == 1
    (only,) = bridge.rows("SELECT contact_point FROM participants")
    assert only["contact_point"] == inquiry["contact_point"]


@pytest.mark.parametrize("failpoint", ["slack.fetched", "slack.accepted"])
async def test_a_death_before_or_after_the_commit_loses_and_doubles_nothing(
    bridge: Bridge, fake: FakeSlack, failpoint: str
) -> None:
    await bridge.start(f"{failpoint}=kill@2")
    await bridge.ready()
    fake.say("one")
    fake.say("two")
    assert bridge.process
    await bridge.process.wait()
    fake.say("three, while nobody was there")
    await started(bridge)
    for event in list(fake.events):
        await fake.until_confirmed(event, patience=PATIENCE)
    await until(lambda: len(bridge.rows("SELECT id FROM messages WHERE direction='in'")) == 3, "3")
    found = bridge.rows("SELECT inquiry, new_text FROM messages WHERE direction = 'in'")
    assert sorted(one["new_text"] for one in found) == [
        "one",
        "three, while nobody was there",
        "two",
    ]
    assert len({one["inquiry"] for one in found}) == 1


async def test_what_was_changed_while_nobody_listened_is_changed_here(
    bridge: Bridge, fake: FakeSlack
) -> None:
    await started(bridge)
    asked = fake.say("My printer is on fire", channel=ACME, user=OLA)
    replies = [
        fake.say(text, channel=ACME, user=OLA, thread_ts=asked["ts"])
        for text in ("for two hour", "help", "please")
    ]
    alone = [fake.say(text) for text in ("hello", "never mind")]
    await until(lambda: len(bridge.rows("SELECT id FROM messages WHERE direction='in'")) == 6, "6")
    assert await bridge.stop() == 0
    fake.edit(ACME, replies[0], "for two hours", told=False)
    fake.delete(ACME, replies[1], told=False)
    fake.delete(DIRECT, alone[1], told=False)
    await started(bridge)
    gone = "SELECT text FROM messages WHERE deleted_at IS NOT NULL ORDER BY text"
    await until(lambda: len(bridge.rows(gone)) == 2, "the deletions")
    assert [one["text"] for one in bridge.rows(gone)] == ["help", "never mind"]
    said = bridge.rows("SELECT text FROM messages WHERE edited_at IS NOT NULL")
    assert [one["text"] for one in said] == ["for two hours"]
    assert len(bridge.rows("SELECT id FROM inquiries")) == 2


@pytest.mark.parametrize("failpoint", ["outbox.connected", "outbox.sent"])
async def test_a_death_before_or_after_an_answer_was_posted_leaves_one_copy(
    bridge: Bridge, fake: FakeSlack, failpoint: str
) -> None:
    await bridge.start(f"{failpoint}=kill@1")
    await bridge.ready()
    asked = fake.say("help", channel=ACME, user=OLA)
    assert bridge.process
    await bridge.process.wait()
    assert len(fake.sent) == (failpoint == "outbox.sent")
    await started(bridge)
    state = "SELECT id, state FROM outbox"
    await until(lambda: [one["state"] for one in bridge.rows(state)] == ["doubtful"], "a doubt")
    (dispatch,) = bridge.rows(state)
    await bridge.run("outbox", "retry", str(dispatch["id"]))
    await until(lambda: [one["state"] for one in bridge.rows(state)] == ["sent"], "the answer")
    (sent,) = fake.sent
    assert sent["thread_ts"] == asked["ts"]
    (ours,) = bridge.rows("SELECT remote_id FROM messages WHERE direction = 'out'")
    assert ours["remote_id"] == sent["ts"]


async def test_among_direct_messages_each_thread_is_answered_in_place(
    bridge: Bridge, fake: FakeSlack
) -> None:
    await started(bridge)
    asked = fake.say("my printer is on fire")
    await until(lambda: len(fake.sent) == 1, "the acknowledgement")
    (inquiry,) = bridge.rows("SELECT reference FROM inquiries")
    ours = fake.sent[0]["ts"]
    fake.say("still burning", thread_ts=ours)
    said = "SELECT id FROM messages WHERE direction = 'in'"
    for number, (told, thread) in enumerate((("", ours), ("it is out", None)), start=2):
        if told:
            fake.say(told)
        await until(lambda many=number: len(bridge.rows(said)) == many, "what was said")  # type: ignore[misc]
        words = ("inquiry", "answer", inquiry["reference"], "--as", "ola", "--text", "good")
        await bridge.run(*words)
        await until(lambda many=number: len(fake.sent) == many, "the answer")  # type: ignore[misc]
        assert (fake.sent[-1]["channel"], fake.sent[-1].get("thread_ts")) == (DIRECT, thread)
    assert len(bridge.rows("SELECT id FROM inquiries")) == 1
    assert asked["ts"] != ours


async def test_a_revoked_token_is_told_by_status(bridge: Bridge, fake: FakeSlack) -> None:
    fake.from_now_on("auth.test", refuses("token_revoked"))
    await started(bridge)

    told = ""
    async with asyncio.timeout(PATIENCE):
        while "Slack rejects the token: token_revoked" not in told:
            told = (await bridge.run("status", ends=None)).stdout
    assert BOT_TOKEN not in bridge.last_words()
