"""What becomes of words that their author changes or takes back, in whatever order that is told?"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from inquiry.journey import SLACK, TELEGRAM, WEBHOOK, Envelope
from inquiry.understood import Known, Understood
from normalizer.normalize import normalize
from storage.database import Database
from tests.router.chat import NOW, Chat
from tests.rows import rows

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


@dataclass
class Talk:
    """One customer's words by one service."""

    chat: Chat
    voice: Voice

    async def says(self, text: str = "one") -> None:
        await self.chat.comes(self.voice.understood(self.voice.said(text, at(0))))

    async def changes(self, text: str, seconds: int) -> None:
        await self.chat.comes(self.voice.understood(self.voice.changed(text, at(seconds))))

    async def withdraws(self) -> None:
        assert self.voice.gone
        await self.chat.comes(self.voice.understood(self.voice.gone()))

    async def message(self) -> tuple[str, bool]:
        """Return the words of the only message, and whether it is withdrawn."""
        (row,) = await self.chat.rows("messages")
        assert len(await self.chat.rows("inquiries")) == 1
        assert await self.chat.states() == {"done"}
        return row["text"], row["deleted_at"] is not None


@pytest.fixture(params=VOICES)
def talk(request: pytest.FixtureRequest, database: Database) -> Talk:
    return Talk(Chat(database), VOICES[request.param])


@pytest.fixture(params=["Slack", "webhook"])
def with_withdrawals(request: pytest.FixtureRequest, database: Database) -> Talk:
    return Talk(Chat(database), VOICES[request.param])


async def test_a_change_changes_the_message_and_is_told(talk: Talk) -> None:
    await talk.says()
    await talk.changes("two", 5)
    assert await talk.message() == ("two", False)
    assert (await talk.chat.kinds())[-1] == "edited"


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


async def _set(talk: Talk, state: str, more: str = "") -> None:
    await rows(talk.chat.db, f"UPDATE inquiries SET state = '{state}', resolved_at = 1 {more}")


async def test_a_change_of_an_answered_message_leaves_the_inquiry_as_it_is(talk: Talk) -> None:
    await talk.says()
    await talk.chat.answers("turn it off", "10")
    await rows(talk.chat.db, "UPDATE inquiries SET state = 'waiting-for-customer', unanswered = 0")
    await talk.changes("two", 5)
    (inquiry,) = await talk.chat.rows("inquiries")
    assert (inquiry["state"], inquiry["unanswered"]) == ("waiting-for-customer", 0)
    first, answer = await talk.chat.rows("messages")
    assert (first["text"], answer["text"]) == ("two", "turn it off")
    assert (await talk.chat.kinds())[-1] == "edited"


async def test_a_change_in_a_closed_inquiry_opens_nothing(talk: Talk) -> None:
    await talk.says()
    await _set(talk, "closed", ", closed_at = 1")
    await talk.changes("two", 5)
    assert await talk.message() == ("two", False)
    (inquiry,) = await talk.chat.rows("inquiries")
    assert inquiry["state"] == "closed"


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
