"""Is an answer that may have arrived looked for in Slack before it is posted once more?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from channels.slack import posting
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import Dispatch, DispatchId, File
from tests.channels.slack_world import opened, to_kari
from tests.servers.http_troubles import (
    Answer,
    Trouble,
    cut_after,
    half_an_answer,
    no_answer,
    no_http,
    no_json,
    page,
    slow,
)
from tests.servers.slack.names import ACME, DIRECT, KARI
from tests.servers.slack.server import FakeSlack, slack
from tests.servers.slack.troubles import refuses, too_many, usual_answer

PLAN = File(filename="plan.txt", content_type="text/plain", content=b"first, breathe")
PARTS = "\n\n".join(f"{number} " + "x" * 3000 for number in range(3))


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        started.pushing = False
        yield started


def again(dispatch: Dispatch, *went: str) -> Dispatch:
    """The same dispatch, ten minutes after nobody knew."""
    return replace(dispatch, possible_repeat=True, went=went)


def told(fake: FakeSlack) -> list[str]:
    return [sent["text"][:1] if "text" in sent else sent["file"] for sent in fake.sent]


@pytest.mark.parametrize("trouble", [cut_after, half_an_answer, no_json, no_http])
@pytest.mark.parametrize("place", ["", DIRECT, "thread"])
async def test_what_got_no_answer_and_stands_there_was_sent(
    fake: FakeSlack, trouble: Trouble, place: str
) -> None:
    if place == "thread":
        place = f"{ACME}/{fake.say('help', channel=ACME)['ts']}"
    fake.next_time("chat.postMessage", usual_answer, trouble)
    async with opened(fake) as channel:
        receipt = await channel.send(to_kari(PARTS, conversation=place))
    assert told(fake) == ["0", "1", "2"]
    assert receipt.remote_id.split() == [sent["ts"] for sent in fake.sent]


async def test_what_does_not_stand_there_yet_is_in_doubt(fake: FakeSlack) -> None:
    """Slack may still be busy with it: only later its absence means anything."""
    fake.next_time("chat.postMessage", page(502))
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown, match="502"):
            await channel.send(to_kari("hei", conversation=DIRECT))
    assert fake.sent == []


@pytest.mark.parametrize("arrived", [True, False])
async def test_before_it_is_posted_again_it_is_looked_for(fake: FakeSlack, arrived: bool) -> None:
    dispatch = to_kari("hei", conversation=DIRECT)
    fake.from_now_on("conversations.history", page(503))
    fake.next_time("chat.postMessage", cut_after if arrived else page(503))
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown):
            await channel.send(dispatch)
        fake.behave()
        receipt = await channel.send(again(dispatch))
    assert told(fake) == ["h"]
    assert receipt.remote_id == fake.sent[0]["ts"]


async def test_after_a_crash_it_goes_on_behind_what_stands_there(fake: FakeSlack) -> None:
    dispatch = to_kari(PARTS, PLAN, conversation="")
    fake.next_time("chat.postMessage", usual_answer, no_answer)
    async with opened(fake) as channel:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await channel.send(dispatch)
    async with opened(fake) as channel:
        receipt = await channel.send(again(dispatch))
    assert told(fake) == ["0", "1", "2", "plan.txt"]
    assert receipt.remote_id.split() == [*(sent["ts"] for sent in fake.sent[:3]), "-"]


async def test_files_behind_the_words_are_found_as_well(fake: FakeSlack) -> None:
    same = replace(PLAN, content=b"then, go on")
    dispatch = to_kari("se her", PLAN, same, PLAN, conversation=DIRECT)
    fake.next_time("files.completeUploadExternal", usual_answer, cut_after)
    async with opened(fake) as channel:
        await channel.send(dispatch)
        assert [sent["content"] for sent in fake.sent[1:]] == [
            "first, breathe",
            "then, go on",
            "first, breathe",
        ]
        await channel.send(again(dispatch, fake.sent[0]["ts"]))
    assert len(fake.sent) == 4


async def test_a_customer_s_own_file_is_not_taken_for_ours(fake: FakeSlack) -> None:
    dispatch = to_kari("se her", PLAN, conversation=DIRECT)
    fake.next_time("files.completeUploadExternal", page(502))
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown) as failure:
            await channel.send(dispatch)
        theirs = {"id": "F1", "name": "plan.txt", "size": len(PLAN.content)}
        fake.say("takk", subtype="file_share", files=[theirs])
        await channel.send(again(dispatch, *failure.value.went))
    assert told(fake) == ["s", "plan.txt"]


async def test_the_same_words_of_another_answer_are_another_answer(fake: FakeSlack) -> None:
    """Words that are equal prove nothing: an answer would be lost."""
    earlier = to_kari("Takk, det er notert.", conversation=DIRECT)
    async with opened(fake) as channel:
        await channel.send(earlier)
        await channel.send(again(replace(earlier, id=DispatchId(8))))
        await channel.send(again(replace(earlier, envelope_id="deskbridge-7-other")))
    assert told(fake) == ["T", "T", "T"]


@pytest.mark.parametrize("trouble", [page(502), page(503), cut_after, too_many("60")])
async def test_while_slack_does_not_tell_nothing_is_posted_again(
    fake: FakeSlack, trouble: Trouble
) -> None:
    """However long it lasts: the answer waits, and no person is needed."""
    fake.from_now_on("conversations.history", trouble)
    async with opened(fake) as channel:
        for _ in range(3):
            with pytest.raises(TemporaryFailure):
                await channel.send(again(to_kari("hei", conversation=DIRECT)))
    assert fake.sent == []


@pytest.mark.parametrize(
    ("waits", "back"),
    [
        pytest.param(None, timedelta(days=3), id="nobody knows since when"),
        pytest.param(timedelta(0), timedelta(minutes=10), id="since now"),
        pytest.param(timedelta(days=2), timedelta(days=2, minutes=10), id="for two days"),
        pytest.param(timedelta(days=9), timedelta(days=3), id="for ever"),
    ],
)
async def test_it_is_looked_for_from_the_first_attempt_on(
    fake: FakeSlack, waits: timedelta | None, back: timedelta
) -> None:
    now = datetime.now(UTC)
    dispatch = to_kari(
        "hei", conversation=DIRECT, not_before=None if waits is None else now - waits
    )
    async with opened(fake) as channel:
        await channel.send(again(dispatch))
    (oldest,) = (form["oldest"] for name, form in fake.asked if name == "conversations.history")
    assert abs(float(oldest) - (now - back).timestamp()) < 60


@pytest.mark.parametrize(("others", "sure"), [(0, True), (1000, False)])
async def test_where_not_all_can_be_read_what_is_missing_proves_nothing(
    fake: FakeSlack, others: int, sure: bool
) -> None:
    async with opened(fake) as channel:
        await channel.send(to_kari("earlier", conversation=DIRECT, envelope_id="another"))
        for _ in range(others):
            fake.say("x", told=False)
        fake.next_time("chat.postMessage", page(502))
        with pytest.raises(TemporaryFailure if sure else OutcomeUnknown):
            await channel.send(again(to_kari("hei", conversation=DIRECT)))


async def test_a_second_time_without_an_answer_is_looked_for_once_more(fake: FakeSlack) -> None:
    dispatch = again(to_kari("hei", conversation=DIRECT))
    async with opened(fake) as channel:
        await channel.send(to_kari("acknowledged", conversation=DIRECT, envelope_id="earlier"))
        for _ in range(3):
            fake.next_time("chat.postMessage", page(502))
            with pytest.raises(TemporaryFailure) as failure:
                await channel.send(dispatch)
            assert failure.value.retry_after == timedelta(minutes=1)
        await channel.send(dispatch)
    assert told(fake) == ["a", "h"]


async def test_where_slack_shows_no_marks_it_is_never_a_third_time(fake: FakeSlack) -> None:
    """Nobody could tell whether it stands there: after the second time a person decides."""

    async def without_marks(request: web.Request, usual: Answer) -> web.StreamResponse:
        for message in fake.said[DIRECT]:
            message.pop("metadata", None)
        return await usual(request)

    fake.from_now_on("conversations.history", without_marks)
    fake.from_now_on("chat.postMessage", cut_after)
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown):
            await channel.send(to_kari("hei", conversation=DIRECT))
        with pytest.raises(OutcomeUnknown):
            await channel.send(again(to_kari("hei", conversation=DIRECT)))
    assert told(fake) == ["h", "h"]


async def test_of_the_first_answer_in_a_thread_a_person_decides_after_two(fake: FakeSlack) -> None:
    """A shared channel may show no marks though direct messages do: elsewhere counts nothing."""
    thread = f"{ACME}/{fake.say('hjelp', channel=ACME)['ts']}"
    async with opened(fake) as channel:
        await channel.send(to_kari("hei", conversation=DIRECT, envelope_id="elsewhere"))
        fake.next_time("chat.postMessage", page(502))
        with pytest.raises(OutcomeUnknown):
            await channel.send(again(to_kari("hei", conversation=thread)))


@pytest.mark.parametrize("text", ["", "se her"])
async def test_of_a_file_without_an_answer_a_person_decides(fake: FakeSlack, text: str) -> None:
    """It has no mark of its own, and its name might be another by now."""
    dispatch = to_kari(text, PLAN, conversation=DIRECT)
    fake.from_now_on("files.completeUploadExternal", page(502))
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown) as failure:
            await channel.send(dispatch)
        with pytest.raises(OutcomeUnknown):
            await channel.send(again(dispatch, *failure.value.went))
    assert told(fake) == [text[:1]] * bool(text)


async def test_where_slack_lets_us_not_look_it_is_as_with_everybody_else(fake: FakeSlack) -> None:
    fake.from_now_on("conversations.history", refuses("channel_not_found"))
    dispatch = again(to_kari("hei", conversation=DIRECT))
    fake.next_time("chat.postMessage", page(502))
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown):
            await channel.send(dispatch)
        await channel.send(dispatch)
    assert told(fake) == ["h"]


@pytest.mark.parametrize("method", ["conversations.history", "conversations.open"])
async def test_who_may_not_look_loses_no_answer(fake: FakeSlack, method: str) -> None:
    """Else an app without a scope would hold up all that is said there."""
    fake.from_now_on(method, refuses("missing_scope", needed="im:history"))
    async with opened(fake) as channel:
        await channel.send(again(to_kari("hei")))
    assert told(fake) == ["h"]


async def test_who_tells_too_slowly_leaves_nothing_in_doubt(
    fake: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "LOOK", timedelta(milliseconds=50))
    fake.from_now_on("conversations.history", slow(30))
    async with opened(fake) as channel:
        with pytest.raises(TemporaryFailure, match="too slow"):
            await channel.send(again(to_kari("hei", conversation=DIRECT)))
    assert fake.sent == []


async def test_beside_a_thread_that_takes_nothing_more_it_is_looked_for_too(
    fake: FakeSlack,
) -> None:
    """The thread can still be read, but the answer stands beside it."""
    locked = refuses("restricted_action_thread_locked")
    dispatch = to_kari("hei", conversation=DIRECT, thread=fake.say("hjelp")["ts"])
    fake.from_now_on("conversations.history", page(503))
    fake.next_time("chat.postMessage", locked, cut_after)
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown):
            await channel.send(dispatch)
        fake.behave()
        fake.next_time("chat.postMessage", locked)
        await channel.send(again(dispatch))
    assert told(fake) == ["h"]


async def test_a_file_that_went_and_is_not_listed_hides_no_other(fake: FakeSlack) -> None:
    """Slack may make a picture smaller, or the customer may have deleted it."""
    plan, other = PLAN, replace(PLAN, filename="other.txt")
    dispatch = to_kari("se her", plan, other, conversation=DIRECT)
    async with opened(fake) as channel:
        await channel.send(dispatch)
        said = fake.said[DIRECT]
        said.remove(next(one for one in said if "plan.txt" in str(one.get("files"))))
        await channel.send(again(dispatch, fake.sent[0]["ts"], "-"))
    assert told(fake) == ["s", "plan.txt", "other.txt"]


async def test_who_is_gone_meanwhile_is_gone(fake: FakeSlack) -> None:
    fake.from_now_on("conversations.open", refuses("user_disabled"))
    fake.from_now_on("chat.postMessage", refuses("user_disabled"))
    async with opened(fake) as channel:
        with pytest.raises(PermanentFailure, match="user_disabled"):
            await channel.send(again(to_kari("hei", recipient=KARI)))


async def test_a_mark_says_nothing_to_other_programs(fake: FakeSlack) -> None:
    dispatch = replace(to_kari("hei", conversation=DIRECT), envelope_id="deskbridge-7-abcdef")
    async with opened(fake) as channel:
        await channel.send(dispatch)
    noted = str(fake.said[DIRECT][-1]["metadata"])
    assert dispatch.envelope_id not in noted
    assert "abcdef" not in noted
    assert dispatch.reference not in noted
