"""Does the page of an inquiry show all, and does each of its forms do what it says?"""

from datetime import timedelta

import pytest
from aiohttp import FormData

from inquiry.understood import Party
from inquiry.words import State
from specialists.acts import answering, notes, progress
from storage.inquiries import reading
from storage.inquiries.shown import Shown
from tests.inquiries import KASIA, MINUTE, NOW, OLA, Opened, a_message
from tests.web.site import Site, location


async def shown(site: Site, opened: Opened) -> Shown:
    return await site.db.read(lambda tx: reading.shown(tx, opened.reference))


async def test_the_page_tells_everything(kasia: Site) -> None:
    message = a_message(quoted_text="> before", signature="Jan", html="<p>nie działa</p>")
    opened = await kasia.inquiries.opened(message, assign_to=KASIA)
    await notes.note(kasia.db, inquiry=opened.id, specialist=OLA, text="same <b> as", now=NOW)
    await answering.answer(kasia.db, inquiry=opened.id, specialist=KASIA, text="Off, on.", now=NOW)
    text = await kasia.text(f"/inquiry/{opened.reference}")
    for words in (
        "nie działa",
        "Show quoted text",
        "same &lt;b&gt; as",
        "Off, on.",
        "internal note",
    ):
        assert words in text
    assert '<div class="text" lang="pl" dir="auto">nie działa</div>' in text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text
    assert 'title="Message as formatted by the sender"' in text
    assert "speaks</span> Polish" in text or "speaks Polish" in text
    assert "by support-mail · Polish" in " ".join(text.split())


async def test_the_composer_has_two_forms_with_nothing_in_common(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    text = await kasia.text(f"/inquiry/{opened.reference}")
    reply, note = text.split('<form class="notes"')
    assert f'action="/inquiry/{opened.reference}/answer"' in reply
    assert "Reply to Jan Kowalski" in reply
    assert f'action="/inquiry/{opened.reference}/note"' in note
    assert "jan@kunde.example" not in note.split("</form>")[0]


async def test_an_answer_waits_for_the_undo_time(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    event = (await shown(kasia, opened)).event
    data = {"text": "Wyłączyć.\r\nWłączyć.", "then": "waiting-for-customer"}
    response = await kasia.post(
        f"/inquiry/{opened.reference}/answer", {**data, "seen_event": str(event)}
    )
    assert location(response) == f"/inquiry/{opened.reference}#composer"
    it = await shown(kasia, opened)
    assert (it.state, it.assignee) == (State.WAITING_FOR_CUSTOMER, "kasia")
    assert it.messages[1].text == "Wyłączyć.\nWłączyć."
    sending = it.messages[1].sending
    assert sending
    assert sending.due_at == kasia.moment + timedelta(seconds=10)
    assert kasia.answers.rung == 1
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert "leaves in 10 s" in text
    response = await kasia.post(f"/inquiry/{opened.reference}/undo/{sending.answer}")
    again = location(response)
    assert again == f"/inquiry/{opened.reference}?again={sending.answer}#composer"
    text = await kasia.text(again)
    assert "Taken back in time" in text
    assert ">Wyłączyć.\nWłączyć.</textarea>" in text
    assert (await shown(kasia, opened)).state is State.NEW


async def test_an_answer_may_carry_files(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    form = FormData(quote_fields=False)  # as browsers do
    for name, value in (("text", "See it."), ("then", "resolved"), ("seen_event", "99")):
        form.add_field(name, value)
    form.add_field("files", b"\x89PNG", filename="zdjęcie.png", content_type="image/png")
    form.add_field("files", b"", filename="", content_type="application/octet-stream")
    response = await kasia.post(f"/inquiry/{opened.reference}/answer", form)
    assert location(response)
    it = await shown(kasia, opened)
    assert it.state is State.RESOLVED
    (file,) = it.messages[1].files
    assert (file.filename, file.size) == ("zdjęcie.png", 4)


async def test_the_send_guard_keeps_the_text(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    seen = (await shown(kasia, opened)).event
    await answering.answer(
        kasia.db, inquiry=opened.id, specialist=OLA, text="Technik o 12.", now=NOW + MINUTE
    )
    data = {"text": "<b>Off</b>?", "then": "resolved", "seen_event": str(seen)}
    response = await kasia.post(f"/inquiry/{opened.reference}/answer", data)
    assert response.status == 409
    text = await response.text()
    assert "Not sent yet" in text
    assert "Technik o 12." in text
    assert "nie działa" not in text
    assert ">&lt;b&gt;Off&lt;/b&gt;?</textarea>" in text
    newest = (await shown(kasia, opened)).event
    assert f'name="seen_event" value="{newest}"' in text
    assert 'name="then" value="resolved"' in text
    assert len((await shown(kasia, opened)).messages) == 2
    again = await kasia.post(
        f"/inquiry/{opened.reference}/answer", {**data, "seen_event": str(newest)}
    )
    assert location(again)
    assert len((await shown(kasia, opened)).messages) == 3


async def test_a_note_becomes_one_and_empty_ones_do_not(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    path = f"/inquiry/{opened.reference}/note"
    assert location(await kasia.post(path, {"text": "same as before"})).endswith("#note-1")
    assert location(await kasia.post(path, {"text": " \r\n "})).endswith("#composer")
    assert len(await kasia.inquiries.rows("notes")) == 1


@pytest.mark.parametrize(
    ("form", "data", "column", "value"),
    [
        pytest.param("state", {"state": "resolved"}, "state", "resolved", id="state"),
        pytest.param("assignee", {"assignee": "mari"}, "assignee", "mari", id="assignee"),
        pytest.param("assignee", {"assignee": ""}, "assignee", None, id="nobody"),
        pytest.param("queue", {"queue": "invoices"}, "queue", "invoices", id="queue"),
        pytest.param("priority", {"priority": "urgent"}, "priority", "urgent", id="priority"),
        pytest.param("tags", {"tags": "vip, late vip"}, "tags", '["vip", "late"]', id="tags"),
    ],
)
async def test_a_form_beside_the_inquiry(
    kasia: Site, form: str, data: dict[str, str], column: str, value: str | None
) -> None:
    opened = await kasia.inquiries.opened(assign_to=KASIA)
    response = await kasia.post(f"/inquiry/{opened.reference}/{form}", data)
    assert location(response) == f"/inquiry/{opened.reference}"
    assert (await kasia.inquiries.inquiry(opened))[column] == value
    assert (await kasia.get(f"/inquiry/{opened.reference}")).status == 200


@pytest.mark.parametrize(
    ("form", "data"),
    [
        pytest.param("state", {"state": "happy"}, id="no such state"),
        pytest.param("assignee", {"assignee": "stranger"}, id="no such person"),
        pytest.param("queue", {"queue": "nowhere"}, id="no such queue"),
        pytest.param("priority", {"priority": "9"}, id="no such priority"),
        pytest.param("answer", {"text": "x", "then": "open"}, id="nothing seen"),
        pytest.param("answer", {"text": "x", "then": "?", "seen_event": "1"}, id="then what"),
        pytest.param("answer", {"text": "x", "then": "open", "seen_event": "x"}, id="no number"),
        pytest.param(
            "answer", {"text": "x", "then": "open", "seen_event": "9" * 30}, id="too large a number"
        ),
        pytest.param(
            "answer",
            {"text": "x", "then": "open", "seen_event": "1", "to": "9" * 30},
            id="nobody has such a number",
        ),
        pytest.param("note", {}, id="no text at all"),
    ],
)
async def test_what_no_page_of_ours_sends_is_refused(
    kasia: Site, form: str, data: dict[str, str]
) -> None:
    opened = await kasia.inquiries.opened()
    response = await kasia.post(f"/inquiry/{opened.reference}/{form}", data)
    assert response.status == 400


async def test_a_way_that_does_not_exist_is_a_conflict(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    await progress.close(kasia.db, inquiry=opened.id, specialist=OLA, now=NOW)
    response = await kasia.post(f"/inquiry/{opened.reference}/state", {"state": "resolved"})
    assert response.status == 409
    assert "NL-2026-00001 is closed: reopen it first" in await response.text()
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert "/answer" not in text
    assert 'value="open"' in text
    assert 'value="resolved"' not in text


async def test_nobody_answers_who_takes_no_part(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    data = {"text": "x", "then": "open", "seen_event": "99", "to": "4711"}
    response = await kasia.post(f"/inquiry/{opened.reference}/answer", data)
    assert response.status == 409
    assert "takes no part" in await response.text()


@pytest.mark.parametrize(
    ("act", "state", "people"),
    [
        pytest.param("confirm", "confirmed", 2, id="it belongs here"),
        pytest.param("refuse", "refused", 1, id="it does not"),
    ],
)
async def test_an_aside_is_decided(kasia: Site, act: str, state: str, people: int) -> None:
    opened = await kasia.inquiries.opened()
    stranger = a_message(sender=Party("x@else.example"), text="me too", message_id="<9@x.example>")
    aside = await kasia.inquiries.kept_aside(opened, stranger)
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert "Kept beside the inquiry" in text
    assert "written from another address" in text
    response = await kasia.post(f"/inquiry/{opened.reference}/aside/{aside}", {"act": act})
    assert location(response).endswith(f"#aside-{aside}")
    (row,) = await kasia.inquiries.rows("asides")
    assert (row["state"], row["decided_by"]) == (state, "kasia")
    assert len((await shown(kasia, opened)).people) == people
    again = await kasia.post(f"/inquiry/{opened.reference}/aside/{aside}", {"act": act})
    assert again.status == 409


async def test_an_aside_of_another_inquiry_is_not_found(kasia: Site) -> None:
    opened, other = await kasia.inquiries.opened(), await kasia.inquiries.opened()
    aside = await kasia.inquiries.kept_aside(other, a_message(message_id="<9@x.example>"))
    response = await kasia.post(f"/inquiry/{opened.reference}/aside/{aside}", {"act": "confirm"})
    assert response.status == 404


async def test_a_name_of_another_inquiry_is_not_shown_as_mine(kasia: Site) -> None:
    first = await kasia.inquiries.opened()
    await kasia.inquiries.opened(
        a_message(sender=Party("x@else.example"), text="tajne", new_text="tajne")
    )
    assert "tajne" not in await kasia.text(f"/inquiry/{first.reference}")


async def test_what_a_customer_filled_in_stands_below_their_words(kasia: Site) -> None:
    form = {"product": "a <b>router", "page": "https://www.fjord.example/tents?a&b"}
    opened = await kasia.inquiries.opened(a_message(form=form))
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert '<dt>Product</dt><dd dir="auto">a &lt;b&gt;router</dd>' in text
    page = "https://www.fjord.example/tents?a&amp;b"
    link = f'<a href="{page}" target="_blank" rel="noopener noreferrer nofollow">{page}</a>'
    assert f'<dt>Page</dt><dd dir="auto">{link}</dd>' in text


async def test_what_was_filled_in_goes_with_the_message_that_is_withdrawn(kasia: Site) -> None:
    opened = await kasia.inquiries.opened(a_message(form={"product": "router"}))
    await kasia.db.script("UPDATE messages SET deleted_at = 1")
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert "The customer has withdrawn this message." in text
    assert "router" not in text


async def test_addresses_in_what_was_said_can_be_opened(kasia: Site) -> None:
    opened = await kasia.inquiries.opened(a_message(new_text="at https://kunde.example/a."))
    await notes.note(
        kasia.db, inquiry=opened.id, specialist=KASIA, text="cf. https://wiki.example", now=NOW
    )
    text = await kasia.text(f"/inquiry/{opened.reference}")
    for address in ("https://kunde.example/a", "https://wiki.example"):
        assert f'<a href="{address}" target="_blank" rel="noopener' in text


async def test_what_rules_set_and_what_is_known_of_the_customer_is_there(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    await kasia.db.script("""UPDATE inquiries SET fields = '{"order_number": "<1000>"}'""")
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert '<dt>Order number</dt><dd dir="auto">&lt;1000&gt;</dd>' in text
    assert "<dt>Organization</dt><dd>kunde</dd>" in text
    assert "<dt>Contract</dt><dd>gold</dd>" in text
