"""Is what could not be sent on a screen, and can a person decide about it?"""

import pytest

from inquiry.words import OutboxState
from tests.inquiries import NOW
from tests.rows import rows
from tests.web.site import Site, location
from web.outbox import ACTS, LABELS, acts_for


async def dispatched(site: Site, state: OutboxState, error: str = "") -> None:
    """Put a dispatch of a fresh inquiry into the outbox as number 1."""
    opened = await site.inquiries.opened()
    answer = await site.inquiries.acknowledged(opened)
    at = int(NOW.timestamp() * 1_000_000)
    message = (
        "INSERT INTO messages (inquiry, direction, purpose, channel, contact_point, subject, text,"
        " new_text, quoted_text, signature, html, language, message_id, conversation, remote_id,"
        " automated, trust, too_complex, created_at) VALUES"
        f" ({opened.id}, 'out', 'acknowledgement', 'support-mail', {opened.contact_point}, '',"
        f" 'Thanks', '', '', '', '', 'en', '', '', '', 'none', 'claimed', '', {at}) RETURNING id"
    )
    number = (await rows(site.db, message))[0]["id"]
    await rows(
        site.db,
        "INSERT INTO outbox (answer, inquiry, contact_point, message, channel, purpose, dispatch,"
        " state, due_at, attempts, last_error, created_at, leased_until) VALUES"
        f" ({answer}, {opened.id}, {opened.contact_point}, {number}, 'support-mail',"
        f""" 'acknowledgement', '{{"text": "Thanks <b>"}}', '{state}', {at}, 2, '{error}', {at},"""
        f" {at if state is OutboxState.SENDING else 'NULL'})",
    )


async def state(site: Site) -> str:
    ((found, *_),) = [
        tuple(row.values()) for row in await rows(site.db, "SELECT state FROM outbox")
    ]
    return str(found)


async def test_an_empty_outbox_says_so(kasia: Site) -> None:
    text = await kasia.text("/outbox")
    assert "Nothing is dead, doubtful or held." in text
    assert "Nothing is waiting to leave." in text


@pytest.mark.parametrize(
    ("before", "act", "after"),
    [
        pytest.param(OutboxState.DEAD, "retry", "waiting", id="a dead one is tried again"),
        pytest.param(OutboxState.DEAD, "cancel", "cancelled", id="a dead one is given up"),
        pytest.param(OutboxState.DOUBTFUL, "arrived", "sent", id="a doubtful one has arrived"),
        pytest.param(OutboxState.DOUBTFUL, "retry", "waiting", id="a doubtful one has not"),
        pytest.param(OutboxState.WAITING, "hold", "held", id="a waiting one is held"),
        pytest.param(OutboxState.HELD, "release", "waiting", id="a held one is let go"),
    ],
)
async def test_a_person_decides(kasia: Site, before: OutboxState, act: str, after: str) -> None:
    await dispatched(kasia, before, "550 no such <user>")
    text = await kasia.text("/outbox")
    assert "550 no such &lt;user&gt;" in text
    assert "Thanks &lt;b&gt;" in text
    assert f'action="/outbox/1/{act}"' in text
    assert location(await kasia.post(f"/outbox/1/{act}")) == "/outbox"
    assert await state(kasia) == after
    assert kasia.outbox.rung == 1


async def test_what_is_being_sent_is_left_alone(kasia: Site) -> None:
    await dispatched(kasia, OutboxState.SENDING)
    assert 'action="/outbox/1' not in await kasia.text("/outbox")
    assert (await kasia.post("/outbox/1/cancel")).status == 409
    assert await state(kasia) == "sending"


@pytest.mark.parametrize(("path", "status"), [("/outbox/1/dance", 404), ("/outbox/9/hold", 404)])
async def test_what_does_not_exist_is_not_found(kasia: Site, path: str, status: int) -> None:
    assert (await kasia.post(path)).status == status


async def test_the_timeline_shows_trouble(kasia: Site) -> None:
    await dispatched(kasia, OutboxState.DEAD, "550 no such user")
    text = await kasia.text("/inquiry/NL-2026-00001")
    assert "550 no such user" in text
    assert "Decide in the outbox" in text
    assert '<b class="count alarm" data-live="count:/outbox">1</b>' in text


def test_every_act_has_a_label_and_a_state_that_allows_it() -> None:
    assert set(LABELS) == set(ACTS)
    offered = {word for state in OutboxState for word, _ in acts_for(state)}
    assert offered == set(ACTS)
    assert acts_for(OutboxState.SENT) == []
