"""Does an answer go into the thread in which the customer wrote last?"""

import json
from dataclasses import replace
from typing import Any

import pytest

from inquiry.journey import SLACK, ArrivalId, ChannelName
from inquiry.understood import Edit, Message, Party, Understood
from outbox.route import Outlet
from outbox.stage import compose_step
from specialists import acts
from storage.database import Database
from tests.inquiries import KASIA, NOW, Inquiries, Opened, a_message
from tests.outbox.senders import a_desk

DESK = ChannelName("slack")
KARI = Party("U0KARI", "Kari")
SLACK_OUT = Outlet(name=DESK, contact="slack", subject=False)


def says(number: int, thread: str = "", **changes: Any) -> Message:
    said: dict[str, Any] = {
        "sender": KARI,
        "conversation": "D1",
        "message_id": "",
        "remote_id": f"{number}.1",
    }
    return replace(a_message(), thread=thread, **{**said, **changes})


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


async def opened(inquiries: Inquiries, message: Message) -> Opened:
    return await inquiries.opened(message, channel=DESK, contact="slack", media_type=SLACK)


async def answered(inquiries: Inquiries, inquiry: Opened) -> tuple[str, str]:
    """Let a specialist answer; return where it goes."""
    await acts.answer(inquiries.db, inquiry=inquiry.id, specialist=KASIA, text="hi", now=NOW)
    assert await compose_step(inquiries.db, a_desk(outlets=(SLACK_OUT,)), now=NOW)
    dispatch = json.loads((await inquiries.rows("outbox"))[-1]["dispatch"])
    return dispatch["conversation"], dispatch.get("thread", "")


async def test_it_goes_where_the_customer_wrote_last(inquiries: Inquiries) -> None:
    inquiry = await opened(inquiries, says(1))
    assert await answered(inquiries, inquiry) == ("D1", "")
    await inquiries.followed_up(inquiry, says(2, "1.1"), channel=DESK, contact="slack")
    assert await answered(inquiries, inquiry) == ("D1", "1.1")
    await inquiries.followed_up(inquiry, says(3), channel=DESK, contact="slack")
    assert await answered(inquiries, inquiry) == ("D1", "")


async def test_what_is_written_in_another_conversation_says_nothing(inquiries: Inquiries) -> None:
    inquiry = await opened(inquiries, says(1, "7.1"))
    elsewhere = says(2, "8.1", conversation="D2")
    await inquiries.followed_up(inquiry, elsewhere, channel=DESK, contact="slack")
    assert await answered(inquiries, inquiry) == ("D1", "7.1")


class Changes(Inquiries):
    """Where each message comes as a change of one that never came."""

    async def arrived(
        self, understood: Understood, channel: ChannelName, media_type: str, **envelope: Any
    ) -> ArrivalId:
        assert isinstance(understood, Message)
        edit = Edit(remote_id=understood.remote_id, conversation="D1", message=understood)
        return await super().arrived(edit, channel, media_type, **envelope)


async def test_words_that_came_as_a_change_count_as_well(database: Database) -> None:
    inquiries = Changes(database)
    inquiry = await opened(inquiries, says(1, "7.1"))
    assert await answered(inquiries, inquiry) == ("D1", "7.1")
