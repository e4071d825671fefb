"""Does the command line tell an inquiry's history in the words of the console?"""

from datetime import UTC, datetime

from deskbridge.cli.timeline import told
from inquiry.journey import MessageId
from inquiry.words import OutboxState, Purpose
from storage.history import DESK, Event
from storage.inquiries.shown import Sending, ShownMessage

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_what_fell_back_is_a_sentence() -> None:
    data = {"to": "mail", "was": "telegram", "reason": "the bot was blocked"}
    event = Event(id=1, at=NOW, kind="fell-back", actor=DESK, message=None, note=None, data=data)
    assert told(event).endswith(
        "  ⚙ It could not be sent there, so it went by mail instead: the bot was blocked"
    )


def test_what_rules_left_as_it_was_says_so() -> None:
    event = Event(id=1, at=NOW, kind="decided", actor=DESK, message=None, note=None, data={})
    assert told(event).endswith("  ⚙ decided")


def sent(instead: int | None) -> str:
    state = OutboxState.DEAD
    sending = Sending(state=state, answer=1, dispatch=1, due_at=NOW, instead=instead)
    message = ShownMessage(
        id=MessageId(1),
        at=NOW,
        incoming=False,
        purpose=Purpose.ANSWER,
        channel="telegram",
        who="",
        contact="telegram",
        address="7",
        specialist="ola",
        subject="",
        text="Hei",
        new_text="",
        quoted_text="",
        signature="",
        html=False,
        language="nb",
        automated="",
        trust="",
        too_complex="",
        edited_at=None,
        deleted_at=None,
        sending=sending,
    )
    return told(message).splitlines()[0]


def test_an_answer_that_went_another_way_is_not_called_dead() -> None:
    assert sent(instead=2).endswith("ola by telegram  went another way")
    assert sent(instead=None).endswith("ola by telegram  dead")
