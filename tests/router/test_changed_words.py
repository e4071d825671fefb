"""What becomes of words that their author changes or takes back, in whatever order that is told?"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from inquiry.data import understood_as_text
from inquiry.journey import SLACK, TELEGRAM, WEBHOOK, Arrival, ChannelName, Envelope, InquiryId
from inquiry.understood import Known, Understood
from inquiry.words import ArrivalState, State
from normalizer.normalize import normalize
from router.stage.step import step
from specialists.acts import answering
from storage import arrivals, decisions
from storage.database import Database, Transaction
from storage.intake import Intake
from tests.inquiries import KASIA, MINUTE, NOW
from tests.router.test_stage import DESK, HASH
from tests.rows import rows

HERE = ChannelName("telegram")

KNOWN = Known(languages=("nb", "en"))
DESKS_OWN = Envelope(authenticated_as="sms")
Json = dict[str, Any]


def at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Voice:
    """How a service tells of one message: that it was said, changed, taken back."""

    media_type: str
    said: Callable[[str, datetime], Json]
    changed: Callable[[str, datetime], Json]
    gone: Callable[[], Json] | None = None
    """None where nobody is told."""

    def understood(self, told: Json) -> Understood:
        return normalize(self.media_type, json.dumps(told).encode(), DESKS_OWN, KNOWN)


def _update(kind: str, text: str, when: datetime) -> Json:
    message = {
        "message_id": 3,
        "date": int(NOW.timestamp()),
        "chat": {"id": 501, "type": "private"},
        "from": {"id": 501, "is_bot": False, "first_name": "Jan"},
        "text": text,
    }
    if kind == "edited_message":
        message["edit_date"] = int(when.timestamp())
    return {"update_id": 1, kind: message}


def _slack(text: str) -> Json:
    ts = f"{int(NOW.timestamp())}.000100"
    return {"type": "message", "user": "U1", "channel": "D1", "ts": ts, "text": text}


def _slack_changed(text: str, when: datetime) -> Json:
    stamp = f"{int(when.timestamp())}.000200"
    message = {**_slack(text), "edited": {"user": "U1", "ts": stamp}}
    event = {"type": "message", "subtype": "message_changed", "channel": "D1", "ts": stamp}
    return {"event": {**event, "message": message}}


def _slack_gone() -> Json:
    event = {"type": "message", "subtype": "message_deleted", "channel": "D1", "ts": "1.1"}
    said = _slack("")
    return {"event": {**event, "deleted_ts": said["ts"], "previous_message": said}}


def _event(kind: str, **data: Any) -> Json:
    return {"type": kind, "data": {"id": "SM1", "from": {"id": "+47", "name": "Jan"}, **data}}


VOICES = {
    "Telegram": Voice(
        TELEGRAM,
        lambda text, when: _update("message", text, when),
        lambda text, when: _update("edited_message", text, when),
    ),
    "Slack": Voice(SLACK, lambda text, _when: {"event": _slack(text)}, _slack_changed, _slack_gone),
    "webhook": Voice(
        WEBHOOK,
        lambda text, when: _event("message.created", text=text, sent_at=when.isoformat()),
        lambda text, when: _event("message.edited", text=text, sent_at=when.isoformat()),
        lambda: _event("message.deleted"),
    ),
}


class Talk:
    """One customer's words by one service."""

    def __init__(self, db: Database, voice: Voice) -> None:
        self.db, self.voice = db, voice
        self._inlet = Intake(db).inlet(HERE)
        self._count = 0

    async def says(self, text: str = "one") -> None:
        await self._comes(self.voice.said(text, at(0)))

    async def changes(self, text: str, seconds: int) -> None:
        await self._comes(self.voice.changed(text, at(seconds)))

    async def withdraws(self) -> None:
        assert self.voice.gone
        await self._comes(self.voice.gone())

    async def answered(self, then: State) -> None:
        await answering.answer(
            self.db, inquiry=InquiryId(1), specialist=KASIA, text="Off?", then=then, now=NOW
        )

    async def closes(self) -> None:
        await rows(self.db, "UPDATE inquiries SET state = 'closed', resolved_at = 1, closed_at = 1")

    async def message(self) -> tuple[str, bool]:
        """Return the words of the only message, and whether it is withdrawn."""
        (row,) = await self.rows("messages")
        assert len(await self.rows("inquiries")) == 1
        assert {row["state"] for row in await self.rows("arrivals")} == {"done"}
        return row["text"], row["deleted_at"] is not None

    async def last(self) -> str:
        """Return what happened last, in a word."""
        return str((await self.rows("history"))[-1]["kind"])

    async def rows(self, table: str) -> list[Json]:
        return await rows(self.db, f"SELECT * FROM {table} ORDER BY id")

    async def _comes(self, told: Json) -> None:
        self._count += 1
        arrival = Arrival(
            channel=HERE,
            remote_id=str(self._count),
            media_type=self.voice.media_type,
            raw=f"raw {self._count}".encode(),
            received_at=NOW,
        )
        await self._inlet.accept(arrival)
        await self.db.write(partial(self._understand, self.voice.understood(told)))
        assert await step(self.db, DESK, now=NOW + MINUTE)

    async def _understand(self, understood: Understood, tx: Transaction) -> None:
        await decisions.remember_configuration(tx, HASH, "rules: []", NOW)
        (one,) = await arrivals.claim(tx, ArrivalState.WAITING, limit=1, lease=MINUTE)
        assert await arrivals.understood(tx, one, understood_as_text(understood), "1")


@pytest.fixture(params=VOICES)
def talk(request: pytest.FixtureRequest, database: Database) -> Talk:
    return Talk(database, VOICES[request.param])


@pytest.fixture(params=["Slack", "webhook"])
def with_withdrawals(request: pytest.FixtureRequest, database: Database) -> Talk:
    return Talk(database, VOICES[request.param])


async def test_a_change_changes_the_message_and_is_told(talk: Talk) -> None:
    await talk.says()
    await talk.changes("two", 5)
    assert await talk.message() == ("two", False)
    assert await talk.last() == "edited"


async def test_of_two_changes_the_last_counts(talk: Talk) -> None:
    await talk.says()
    await talk.changes("two", 5)
    await talk.changes("three", 9)
    assert await talk.message() == ("three", False)


async def test_an_older_change_that_comes_late_changes_nothing(talk: Talk) -> None:
    await talk.says()
    await talk.changes("three", 9)
    await talk.changes("two", 5)
    assert await talk.message() == ("three", False)


async def test_a_change_told_twice_is_one(talk: Talk) -> None:
    await talk.says()
    await talk.changes("two", 5)
    await talk.changes("two", 5)
    assert await talk.message() == ("two", False)


async def test_a_change_that_comes_before_its_message_is_the_message(talk: Talk) -> None:
    await talk.changes("two", 5)
    assert await talk.message() == ("two", False)
    await talk.says("one")
    assert await talk.message() == ("two", False)


@pytest.mark.parametrize("then", [State.OPEN, State.RESEARCHING])
async def test_a_change_leaves_an_inquiry_that_is_worked_on_as_it_is(
    talk: Talk, then: State
) -> None:
    await talk.says()
    await talk.answered(then)
    (before,) = await talk.rows("inquiries")
    await talk.changes("two", 5)
    (inquiry,) = await talk.rows("inquiries")
    for column in ("state", "unanswered", "queue"):
        assert inquiry[column] == before[column]
    assert [row["text"] for row in await talk.rows("messages")] == ["two", "Off?"]
    assert await talk.last() == "edited"


@pytest.mark.parametrize(
    ("then", "last"),
    [(State.WAITING_FOR_CUSTOMER, "edited"), (State.RESOLVED, "reopened")],
)
async def test_other_words_open_what_was_dealt_with(talk: Talk, then: State, last: str) -> None:
    await talk.says("It works now")
    await talk.answered(then)
    await talk.changes("It works no more", 5)
    (inquiry,) = await talk.rows("inquiries")
    assert (inquiry["state"], inquiry["unanswered"]) == (State.OPEN, 1)
    assert [row["text"] for row in await talk.rows("messages")] == ["It works no more", "Off?"]
    assert await talk.last() == last


@pytest.mark.parametrize("then", [State.WAITING_FOR_CUSTOMER, State.RESOLVED])
@pytest.mark.parametrize(
    ("text", "seconds"), [("it works, now!", 5), ("It works now", 5), ("Never came", -5)]
)
async def test_the_same_words_written_otherwise_wake_nobody(
    talk: Talk, then: State, text: str, seconds: int
) -> None:
    """Nor do older words that come late."""
    await talk.says("It works now")
    await talk.answered(then)
    await talk.changes(text, seconds)
    (inquiry,) = await talk.rows("inquiries")
    assert (inquiry["state"], inquiry["unanswered"]) == (then, 0)


async def test_other_words_for_what_is_closed_are_another_inquiry(talk: Talk) -> None:
    """What was closed stays as it was, and nobody overlooks what was said."""
    await talk.says("It works now")
    await talk.closes()
    await talk.changes("It works no more", 5)
    assert [(row["inquiry"], row["text"]) for row in await talk.rows("messages")] == [
        (1, "It works now"),
        (2, "It works no more"),
    ]
    assert [row["state"] for row in await talk.rows("inquiries")] == ["closed", "new"]
    await talk.changes("It works a bit", 9)
    await talk.changes("It works no more", 5)
    assert [row["text"] for row in await talk.rows("messages")] == [
        "It works now",
        "It works a bit",
    ]
    assert {row["state"] for row in await talk.rows("arrivals")} == {"done"}


async def test_the_same_words_written_otherwise_open_nothing(talk: Talk) -> None:
    await talk.says("it works")
    await talk.closes()
    await talk.changes("It works!", 5)
    assert await talk.message() == ("It works!", False)
    (inquiry,) = await talk.rows("inquiries")
    assert inquiry["state"] == "closed"


@pytest.mark.parametrize("state", ["closed", "resolved"])
async def test_who_takes_all_words_out_opens_nothing(database: Database, state: str) -> None:
    """A service outside may tell so of what it has withdrawn."""
    talk = Talk(database, VOICES["webhook"])
    await talk.says("it works")
    if state == "closed":
        await talk.closes()
    else:
        await rows(database, "UPDATE inquiries SET state = 'resolved', resolved_at = 1")
    await talk.changes("", 5)
    assert await talk.message() == ("", False)
    (inquiry,) = await talk.rows("inquiries")
    assert inquiry["state"] == state


async def test_what_was_said_anew_after_closing_can_be_withdrawn(with_withdrawals: Talk) -> None:
    talk = with_withdrawals
    await talk.says("It works now")
    await talk.closes()
    await talk.changes("It works no more", 5)
    await talk.withdraws()
    assert [row["deleted_at"] is not None for row in await talk.rows("messages")] == [False, True]


async def test_what_is_withdrawn_stays_so_whatever_comes_after(with_withdrawals: Talk) -> None:
    talk = with_withdrawals
    await talk.says()
    await talk.withdraws()
    await talk.changes("two", 5)
    assert (await talk.message())[1]


async def test_a_changed_message_can_be_withdrawn(with_withdrawals: Talk) -> None:
    talk = with_withdrawals
    await talk.says()
    await talk.changes("two", 5)
    await talk.withdraws()
    assert await talk.message() == ("two", True)
