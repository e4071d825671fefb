"""What proves that a message belongs to an inquiry, and what doesn't?"""

import pytest

from inquiry.journey import ContactPointId, InquiryId
from inquiry.understood import Message
from inquiry.words import Automated, State, Trust
from router.join import Claim, Course, Way, course, hints

JAN, STRANGER = ContactPointId(1), ContactPointId(2)
SEVEN = InquiryId(7)


def claim(state: State = State.OPEN) -> Claim:
    return Claim(inquiry=SEVEN, state=state, writers=frozenset({JAN}))


@pytest.mark.parametrize(
    ("message", "writer", "pointed", "by_mail", "expected"),
    [
        pytest.param(Message(), JAN, None, True, Course(way=Way.OPEN), id="no proof"),
        pytest.param(
            Message(), JAN, claim(), True, Course(way=Way.FOLLOW_UP, inquiry=SEVEN), id="proof"
        ),
        pytest.param(
            Message(),
            STRANGER,
            claim(),
            True,
            Course(way=Way.ASIDE, inquiry=SEVEN, reason="written from another address"),
            id="a valid token in a stranger's hands",
        ),
        pytest.param(
            Message(trust=Trust.UNVERIFIED),
            JAN,
            claim(),
            True,
            Course(way=Way.ASIDE, inquiry=SEVEN, reason="the sender is in doubt"),
            id="a From that can be read in two ways",
        ),
        pytest.param(
            Message(trust=Trust.UNVERIFIED),
            JAN,
            claim(),
            False,
            Course(way=Way.FOLLOW_UP, inquiry=SEVEN),
            id="a messenger's user is who they are",
        ),
        pytest.param(
            Message(automated=Automated.AUTO_REPLY, automated_because="Auto-Submitted"),
            JAN,
            claim(),
            True,
            Course(way=Way.QUIET, inquiry=SEVEN, reason="Auto-Submitted"),
            id="an out-of-office note to our answer",
        ),
        pytest.param(
            Message(automated=Automated.AUTO_REPLY),
            STRANGER,
            claim(),
            True,
            Course(way=Way.ASIDE, inquiry=SEVEN, reason="written from another address"),
            id="a stranger's out-of-office note",
        ),
        pytest.param(
            Message(),
            JAN,
            claim(State.RESOLVED),
            True,
            Course(way=Way.FOLLOW_UP, inquiry=SEVEN),
            id="resolved: it is opened again",
        ),
        pytest.param(
            Message(),
            JAN,
            claim(State.CLOSED),
            True,
            Course(way=Way.OPEN, inquiry=SEVEN, reason="the inquiry was closed"),
            id="closed: a new one that continues it",
        ),
    ],
)
def test_course(
    message: Message,
    writer: ContactPointId,
    pointed: Claim | None,
    by_mail: bool,
    expected: Course,
) -> None:
    assert course(message, writer, pointed, by_mail=by_mail) == expected


def test_references_hint_the_nearest_first() -> None:
    message = Message(in_reply_to="<2@a>", references=("<1@a>", "<2@a>"))
    assert hints(message) == ("<2@a>", "<1@a>")
