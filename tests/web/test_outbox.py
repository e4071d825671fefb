"""Is what could not be sent on a screen, and can a person decide about it?"""

import re

import pytest

from inquiry.words import OutboxState
from tests.inquiries import NOW
from tests.rows import rows
from tests.web.site import Site, location
from web.outbox import ACTS, LABELS, acts_for


async def dispatched(
    site: Site, state: OutboxState, error: str = "", channel: str = "support-mail"
) -> None:
    """Put a dispatch of a fresh inquiry into the outbox, the first as number 1."""
    opened = await site.inquiries.opened()
    answer = await site.inquiries.acknowledged(opened)
    at = int(NOW.timestamp() * 1_000_000)
    message = (
        "INSERT INTO messages (inquiry, direction, purpose, channel, contact_point, subject, text,"
        " new_text, quoted_text, signature, html, language, message_id, conversation, remote_id,"
        " automated, trust, too_complex, created_at) VALUES"
        f" ({opened.id}, 'out', 'acknowledgement', 'support-mail', {opened.contact_point}, '',"
        " 'Thanks <b>', '', '', '', '', 'en', '', '', '', 'none', 'claimed', '',"
        f" {at}) RETURNING id"
    )
    number = (await rows(site.db, message))[0]["id"]
    await rows(
        site.db,
        "INSERT INTO outbox (answer, inquiry, contact_point, message, channel, purpose, dispatch,"
        " state, due_at, attempts, last_error, created_at, leased_until) VALUES"
        f" ({answer}, {opened.id}, {opened.contact_point}, {number}, '{channel}',"
        f""" 'acknowledgement', '{{"text": "Thanks <b>"}}', '{state}', {at}, 2, '{error}', {at},"""
        f" {at if state is OutboxState.SENDING else 'NULL'})",
    )


async def states(site: Site) -> list[str]:
    return [
        str(row["state"]) for row in await rows(site.db, "SELECT state FROM outbox ORDER BY id")
    ]


async def state(site: Site) -> str:
    (found,) = await states(site)
    return found


def hidden(text: str, name: str) -> str:
    """Return what a page's form carries unseen."""
    found: set[str] = set(re.findall(rf'name="{name}" value="([^"]*)"', text))
    (only,) = found
    return only


async def asked(site: Site, **form: str) -> str:
    """Choose some, press a button, and return the page that tells what will happen."""
    response = await site.post("/outbox/ask", form)
    assert response.status == 200
    return await response.text()


async def agreed(site: Site, text: str) -> str:
    """Press the button on that page; return where it leads."""
    form = {name: hidden(text, name) for name in ("decision", "marks")}
    return location(await site.post("/outbox/decide", form))


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


async def test_many_are_decided_about_as_it_was_told(kasia: Site) -> None:
    for error in ("timed out", "timed out", "550 no"):
        await dispatched(kasia, OutboxState.DOUBTFUL, error)
    await dispatched(kasia, OutboxState.DEAD, "timed out <b>")
    listed = await kasia.text("/outbox?reason=TIMED&state=doubtful")
    assert 'value="1" aria-label' in listed
    assert 'value="3" aria-label' not in listed
    assert "All 2 that match" in listed
    told = await asked(kasia, all="all", reason="TIMED", state="doubtful", decision="send-again")
    assert await states(kasia) == ["doubtful", "doubtful", "doubtful", "dead"]
    assert "<b>2</b> sent once more, marked as a possible repeat" in told
    assert "with your name" in told
    assert await agreed(kasia, told) == "/outbox?decided=send-again&done=2&left=0"
    assert await states(kasia) == ["waiting", "waiting", "doubtful", "dead"]
    assert kasia.outbox.rung == 1
    page = await kasia.text("/outbox?decided=send-again&done=2&left=0")
    assert "2 sent again." in page
    assert "left alone" not in page
    history = await rows(kasia.db, "SELECT * FROM history WHERE kind = 'retried' ORDER BY id")
    assert [(one["inquiry"], one["actor"]) for one in history] == [
        (1, "specialist:kasia"),
        (2, "specialist:kasia"),
    ]


async def test_only_those_that_are_ticked(kasia: Site) -> None:
    for _ in range(3):
        await dispatched(kasia, OutboxState.DOUBTFUL)
    told = await asked(kasia, one="2", decision="arrived")
    assert "<b>1</b> taken for sent; nothing is sent." in told
    await agreed(kasia, told)
    assert await states(kasia) == ["doubtful", "sent", "doubtful"]


async def test_the_button_pressed_twice_does_it_once(kasia: Site) -> None:
    await dispatched(kasia, OutboxState.DOUBTFUL)
    told = await asked(kasia, one="1", decision="send-again")
    assert await agreed(kasia, told) == "/outbox?decided=send-again&done=1&left=0"
    assert await agreed(kasia, told) == "/outbox?decided=send-again&done=0&left=1"
    page = await kasia.text("/outbox?decided=send-again&done=0&left=1")
    assert "Nothing was done. 1 left alone: something had become of them" in page
    assert len(await rows(kasia.db, "SELECT 1 FROM history WHERE kind = 'retried'")) == 1


async def test_what_cannot_be_done_is_told_and_left(kasia: Site) -> None:
    await dispatched(kasia, OutboxState.DEAD, channel="gone")
    await dispatched(kasia, OutboxState.HELD)
    told = await asked(kasia, all="all", decision="send-again")
    assert "<b>1</b> tried again from the beginning" in told
    assert "<b>1</b> held by somebody: to be released, one by one." in told
    assert "gone can&#39;t send at this moment: they wait until it can." in told
    nothing = await asked(kasia, all="all", decision="arrived")
    assert "Nothing can be done with those in this way." in nothing
    assert 'name="marks"' not in nothing
    assert "None was chosen." in await asked(kasia, decision="give-up")


async def test_one_that_somebody_has_decided_about_is_not_decided_about_again(kasia: Site) -> None:
    await dispatched(kasia, OutboxState.DOUBTFUL)
    mark = hidden(await kasia.text("/outbox"), "mark")
    assert (await kasia.post("/outbox/1/retry", {"mark": mark})).status == 303
    assert (await kasia.post("/outbox/1/retry", {"mark": mark})).status == 409


@pytest.mark.parametrize(
    ("path", "form"),
    [
        pytest.param("ask", {"decision": "dance"}, id="a decision that there isn't"),
        pytest.param("ask", {}, id="no decision"),
        pytest.param("ask", {"decision": "arrived", "one": "x"}, id="a number that is none"),
        pytest.param("ask", {"decision": "arrived", "age": "9y"}, id="an age that there isn't"),
        pytest.param("decide", {"decision": "arrived", "marks": "1.1"}, id="a mark that is none"),
        pytest.param("decide", {"decision": "hold", "marks": "1.1.1"}, id="no decision for many"),
    ],
)
async def test_nonsense_does_nothing(kasia: Site, path: str, form: dict[str, str]) -> None:
    await dispatched(kasia, OutboxState.DOUBTFUL)
    assert (await kasia.post(f"/outbox/{path}", form)).status == 400
    assert await state(kasia) == "doubtful"


async def test_another_page_s_form_decides_nothing(kasia: Site) -> None:
    await dispatched(kasia, OutboxState.DOUBTFUL)
    form = {"decision": "give-up", "marks": "1.0.0"}
    foreign = await kasia.post("/outbox/decide", form, {"Sec-Fetch-Site": "cross-site"})
    assert foreign.status == 403
    assert await state(kasia) == "doubtful"


@pytest.mark.parametrize("query", ["decided=dance&done=1&left=0", "decided=arrived&done=x&left=0"])
async def test_an_address_that_was_made_up_tells_nothing(kasia: Site, query: str) -> None:
    assert (
        'role="status"'
        not in (await kasia.text(f"/outbox?{query}"))
        .partition("<div data-live")[0]
        .partition("<h1>")[2]
    )


async def test_a_list_narrowed_down_to_nothing_says_so(kasia: Site) -> None:
    await dispatched(kasia, OutboxState.DEAD, "550")
    assert "None of the 1 that wait matches." in await kasia.text("/outbox?reason=451")
    assert "None of the 1 that wait matches." in await kasia.text("/outbox?age=1d")
    assert 'value="1" aria-label' in await kasia.text("/outbox?age=last-1h")


async def test_a_guest_is_called_as_everywhere(kasia: Site) -> None:
    await dispatched(kasia, OutboxState.DOUBTFUL)
    guest = "visitor-ibh22p6g7kq4m2x5ra3tz6wyce"
    change = f"UPDATE contact_points SET contact = 'web-chat', address = '{guest}', name = ''"
    await rows(kasia.db, change)
    listed = await kasia.text("/outbox")
    told = await asked(kasia, one="1", decision="arrived")
    for text in (listed, told):
        assert guest not in text
        assert "Visitor ibh2" in text
