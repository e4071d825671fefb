"""Does each answer reach its conversation as it was written, and is each failure called right?"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from inquiry.errors import BridgeError, OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import File
from tests.channels.slack_world import opened, to_kari
from tests.servers.http_troubles import Trouble, cut_after, cut_before, page
from tests.servers.slack.names import ACME, BOT_TOKEN, DIRECT
from tests.servers.slack.server import FakeSlack, slack
from tests.servers.slack.troubles import refuses, too_many, usual_answer

PLAN = File(filename="plan.txt", content_type="text/plain", content=b"first, breathe")


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        started.pushing = False
        yield started


async def test_an_answer_in_a_channel_goes_to_its_thread(fake: FakeSlack) -> None:
    async with opened(fake) as channel:
        receipt = await channel.send(to_kari("hei", conversation=f"{ACME}/1791790000.000100"))
    (sent,) = fake.sent
    assert (sent["channel"], sent["thread_ts"]) == (ACME, "1791790000.000100")
    assert (sent["parse"], sent["link_names"]) == ("none", "False")
    assert (sent["unfurl_links"], sent["unfurl_media"]) == ("False", "False")
    assert receipt.remote_id == sent["ts"]


async def test_among_direct_messages_it_goes_where_the_customer_looks(fake: FakeSlack) -> None:
    asked = fake.say("help")
    async with opened(fake) as channel:
        await channel.send(to_kari("hei", PLAN, conversation=DIRECT, thread=asked["ts"]))
    assert [(sent["channel"], sent["thread_ts"]) for sent in fake.sent] == 2 * [
        (DIRECT, asked["ts"])
    ]


@pytest.mark.parametrize("perhaps_there", [True, False])
async def test_a_thread_that_is_gone_takes_no_answer_along(
    fake: FakeSlack, perhaps_there: bool
) -> None:
    asked = fake.say("help")
    fake.delete(DIRECT, asked)
    answer = to_kari("hei", conversation=DIRECT, thread=asked["ts"], possible_repeat=perhaps_there)
    async with opened(fake) as channel:
        await channel.send(answer)
    assert [(sent["channel"], sent.get("thread_ts")) for sent in fake.sent] == [(DIRECT, None)]


async def test_what_hangs_below_a_deleted_message_of_a_channel_goes_not_there(
    fake: FakeSlack,
) -> None:
    """The channel itself is read by people who have nothing to do with it."""
    asked = fake.say("help", channel=ACME)
    fake.delete(ACME, asked)
    where = f"{ACME}/{asked['ts']}"
    async with opened(fake) as channel:
        with pytest.raises(PermanentFailure, match="thread_not_found"):
            await channel.send(to_kari("hei", conversation=where, thread=asked["ts"]))
    assert fake.sent == []


@pytest.mark.parametrize(
    ("conversation", "told"), [(DIRECT, True), ("", True), (f"{ACME}/5.1", False)]
)
async def test_where_others_read_along_nobody_is_told_the_link(
    fake: FakeSlack, conversation: str, told: bool
) -> None:
    link = "https://desk.example/s/abc"
    text = f"It has come in.\n\nFollow it here:\n{link}\n\nNordlys"
    async with opened(fake) as channel:
        await channel.send(to_kari(text, conversation=conversation, link=link))
    assert fake.sent[0]["text"] == (text if told else "It has come in.\n\nNordlys")


async def test_an_answer_without_a_conversation_goes_to_the_person(fake: FakeSlack) -> None:
    async with opened(fake) as channel:
        await channel.send(to_kari("hei", PLAN))
    text, file = fake.sent
    assert (text["channel"], "thread_ts" in text) == ("U0KARI", False)
    assert (file["channel"], file["file"], file["content"]) == (
        DIRECT,
        "plan.txt",
        "first, breathe",
    )


async def test_files_follow_the_words_into_the_thread(fake: FakeSlack) -> None:
    async with opened(fake) as channel:
        receipt = await channel.send(to_kari("se her", PLAN, conversation=f"{ACME}/5.1"))
    text, file = fake.sent
    assert (file["channel"], file["thread_ts"]) == (ACME, "5.1")
    assert receipt.detail == "sent in 2 parts"
    assert receipt.remote_id == f"{text['ts']} -"


async def test_a_long_answer_goes_on_where_it_stopped(fake: FakeSlack) -> None:
    text = "\n\n".join(f"{number} " + "x" * 3000 for number in range(3))
    fake.next_time("chat.postMessage", usual_answer, too_many("5"))
    async with opened(fake) as channel:
        with pytest.raises(TemporaryFailure) as failure:
            await channel.send(to_kari(text, conversation=DIRECT))
        assert failure.value.went == (fake.sent[0]["ts"],)
        assert failure.value.retry_after == timedelta(seconds=5)
        receipt = await channel.send(to_kari(text, conversation=DIRECT, went=failure.value.went))
    assert [sent["text"][0] for sent in fake.sent] == ["0", "1", "2"]
    assert receipt.remote_id.split() == [sent["ts"] for sent in fake.sent]


async def test_what_surely_went_is_told_where_the_end_is_unknown(fake: FakeSlack) -> None:
    fake.next_time("chat.postMessage", usual_answer, cut_after)
    fake.from_now_on("conversations.history", page(503))
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown) as failure:
            await channel.send(to_kari("a" * 5000, conversation=DIRECT))
    assert failure.value.went == (fake.sent[0]["ts"],)
    assert len(fake.sent) == 2


@pytest.mark.parametrize(
    ("trouble", "failure", "told"),
    [
        (refuses("channel_not_found"), PermanentFailure, "Slack refused: channel_not_found"),
        (refuses("is_archived"), PermanentFailure, "Slack refused: is_archived"),
        (refuses("user_disabled"), PermanentFailure, "Slack refused: user_disabled"),
        (refuses("token_revoked"), TemporaryFailure, "Slack rejects the token: token_revoked"),
        (refuses("missing_scope", needed="chat:write"), TemporaryFailure, "chat:write"),
        (refuses("ratelimited"), TemporaryFailure, "Slack asks us to slow down"),
        (refuses("a_new_word"), TemporaryFailure, "cannot ask Slack: a_new_word"),
        (refuses("fatal_error"), OutcomeUnknown, "Slack gave no answer: fatal_error"),
        (refuses("internal_error"), OutcomeUnknown, "Slack gave no answer: internal_error"),
        (page(500), OutcomeUnknown, "Slack gave no answer: status 500"),
        (page(502, "text/plain"), OutcomeUnknown, "Slack gave no answer: status 502"),
        (page(404), TemporaryFailure, "cannot ask Slack: status 404"),
        (cut_before, OutcomeUnknown, "Slack gave no answer"),
    ],
)
async def test_what_a_refusal_means(
    fake: FakeSlack, trouble: Trouble, failure: type[BridgeError], told: str
) -> None:
    fake.from_now_on("chat.postMessage", trouble)
    async with opened(fake) as channel:
        with pytest.raises(failure) as raised:
            await channel.send(to_kari("hei", conversation=DIRECT))
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [("1", 1), ("60", 60), (None, 0), ("999999999", 999_999_999), ("soon", 0), ("-5", 0)],
)
async def test_it_comes_back_when_slack_says(
    fake: FakeSlack, asked: str | None, waited: int
) -> None:
    fake.from_now_on("chat.postMessage", too_many(asked))
    async with opened(fake) as channel:
        with pytest.raises(TemporaryFailure) as failure:
            await channel.send(to_kari("hei", conversation=DIRECT))
    assert failure.value.retry_after == timedelta(seconds=waited)


@pytest.mark.parametrize(
    ("method", "trouble", "failure"),
    [
        ("files.getUploadURLExternal", too_many("3"), TemporaryFailure),
        ("files.completeUploadExternal", cut_after, OutcomeUnknown),
        ("files.completeUploadExternal", refuses("file_uploads_disabled"), PermanentFailure),
        ("conversations.open", cut_after, TemporaryFailure),
        ("conversations.open", refuses("user_not_found"), PermanentFailure),
    ],
)
async def test_what_becomes_of_a_file(
    fake: FakeSlack, method: str, trouble: Trouble, failure: type[BridgeError]
) -> None:
    fake.from_now_on(method, trouble)
    async with opened(fake) as channel:
        with pytest.raises(failure):
            await channel.send(to_kari("", PLAN))


async def test_an_empty_answer_never_goes(fake: FakeSlack) -> None:
    async with opened(fake) as channel:
        with pytest.raises(PermanentFailure, match="nothing to send"):
            await channel.send(to_kari("  \n"))


async def test_a_file_comes_in_pieces(fake: FakeSlack) -> None:
    fake.files["F1"] = b"x" * 200_000
    async with opened(fake) as channel:
        pieces = [piece async for piece in channel.fetch("F1")]
    assert b"".join(pieces) == fake.files["F1"]
    assert len(pieces) > 1


@pytest.mark.parametrize(
    ("reference", "failure", "told"),
    [
        ("F404", PermanentFailure, "Slack does not give the file: file_not_found"),
        ("https://evil.example/a?x=.slack.com", PermanentFailure, "the file is not at Slack"),
        ("http://files.slack.com/a", PermanentFailure, "the file is not at Slack"),
        ("https://files.slack.com@127.0.0.1/a", PermanentFailure, "the file is not at Slack"),
        ("https://notslack.com/a", PermanentFailure, "the file is not at Slack"),
        ("file:///etc/passwd://", PermanentFailure, "the file is not at Slack"),
    ],
)
async def test_our_token_goes_nowhere_else(
    fake: FakeSlack, reference: str, failure: type[BridgeError], told: str
) -> None:
    async with opened(fake) as channel:
        with pytest.raises(failure) as raised:
            _ = [piece async for piece in channel.fetch(reference)]
    assert str(raised.value) == told
    assert BOT_TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    ("trouble", "failure", "told"),
    [
        (page(404), PermanentFailure, "the file is gone"),
        (page(302), TemporaryFailure, "files:read"),
        (page(500), TemporaryFailure, "status 500"),
        (cut_before, TemporaryFailure, "cannot ask Slack"),
    ],
)
async def test_why_a_file_does_not_come(
    fake: FakeSlack, trouble: Trouble, failure: type[BridgeError], told: str
) -> None:
    fake.files["F1"] = b"x"
    fake.from_now_on("file", trouble)
    async with opened(fake) as channel:
        with pytest.raises(failure, match=told):
            _ = [piece async for piece in channel.fetch("F1")]
