"""Who waits when somebody is asked to slow down: one chat, or the whole channel?"""

from datetime import timedelta

from inquiry.errors import TemporaryFailure
from outbox.pauses import CHATS, FIRST, LONGEST, Pauses
from tests.inquiries import MINUTE, NOW

SECOND = timedelta(seconds=1)
SLOW = TemporaryFailure("429", retry_after=30 * SECOND)
DOWN = TemporaryFailure("connection refused", whole_channel=True)


def test_a_chat_that_is_told_to_slow_down_holds_up_no_other() -> None:
    pauses = Pauses()
    for _ in range(10):
        pauses.failed("chat", SLOW, NOW)
    assert pauses.room(8, NOW) == 8


def test_several_chats_at_once_mean_the_channel() -> None:
    pauses = Pauses()
    for number in range(CHATS):
        assert pauses.room(8, NOW) == 8
        pauses.failed(f"chat {number}", SLOW, NOW)
    assert pauses.room(8, NOW + 29 * SECOND) == 0
    assert pauses.room(8, NOW + 30 * SECOND) == 1


def test_chats_that_were_slow_at_other_times_mean_nothing() -> None:
    pauses = Pauses()
    for number in range(10):
        pauses.failed(f"chat {number}", SLOW, NOW + number * MINUTE)
    assert pauses.room(8, NOW + 10 * MINUTE) == 8


def test_failures_that_name_no_time_are_their_own_messages() -> None:
    pauses = Pauses()
    for number in range(10):
        pauses.failed(f"chat {number}", TemporaryFailure("not now"), NOW)
    assert pauses.room(8, NOW) == 8


def test_the_whole_channel_waits_as_long_as_it_asks() -> None:
    pauses = Pauses()
    slow = TemporaryFailure("503", retry_after=timedelta(hours=3), whole_channel=True)
    pauses.failed("chat", slow, NOW)
    assert pauses.room(8, NOW + timedelta(hours=3) - SECOND) == 0
    assert pauses.room(8, NOW + timedelta(hours=3)) == 1


def test_one_alone_finds_out_whether_trouble_is_over() -> None:
    pauses = Pauses()
    pauses.failed("chat", DOWN, NOW)
    assert pauses.room(8, NOW + FIRST - SECOND) == 0
    assert pauses.room(8, NOW + FIRST) == 1
    pauses.went()
    assert pauses.room(8, NOW + FIRST) == 8


def test_trouble_that_lasts_is_looked_at_less_often() -> None:
    pauses, now, waits = Pauses(), NOW, list[timedelta]()
    for _ in range(8):
        pauses.failed("chat", DOWN, now)
        began = now
        while not pauses.room(8, now):
            now += SECOND
        waits.append(now - began)
    assert waits[:3] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert waits[-1] == LONGEST


def test_what_fails_beside_shortens_no_pause() -> None:
    pauses = Pauses()
    pauses.failed("chat", TemporaryFailure("", retry_after=MINUTE, whole_channel=True), NOW)
    pauses.failed("other", DOWN, NOW)
    assert pauses.room(8, NOW + MINUTE - SECOND) == 0
