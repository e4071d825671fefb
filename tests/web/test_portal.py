"""Can a customer read and write by their link, and nobody do anything else by one?"""

import json
from datetime import timedelta

import pytest
from aiohttp import FormData

from inquiry.errors import TemporaryFailure
from inquiry.journey import FORM, Envelope
from inquiry.understood import Party
from inquiry.words import State
from specialists import acts
from storage import portal
from storage.inquiries import reading
from tests.inquiries import KASIA, MINUTE, NOW, OLA, SUPPORT, Opened, a_message
from tests.rows import rows
from tests.web.site import RING, Site, location, nonsense
from web.customer_words import TEXTS
from web.portal import public

LEFT = "UPDATE outbox SET state = 'sent'"


async def answered(site: Site, opened: Opened, text: str, state: str) -> None:
    """Let Kasia's answer come as far as ``state``."""
    answer = await acts.answer(
        site.db, inquiry=opened.id, specialist=KASIA, text=text, now=NOW + MINUTE
    )
    await rows(
        site.db,
        "INSERT INTO outbox (answer, inquiry, contact_point, message, channel, purpose, dispatch,"
        " state, due_at, created_at, leased_until) SELECT id, inquiry, contact_point, message,"
        f" channel, purpose, '{{}}', '{state}', send_at, created_at,"
        f" {1 if state == 'sending' else 'NULL'} FROM answers WHERE id = {answer}",
    )


async def test_the_page_speaks_the_customers_language(site: Site) -> None:
    opened = await site.inquiries.opened(a_message(new_text="nie <b>działa"))
    text = await site.text(await site.link(opened), **{"Accept-Language": "ru"})
    assert '<html lang="pl">' in text
    for word in ("status", "received", "works", "your-message"):
        assert TEXTS["pl"][word] in text
    assert "NL-2026-00001" in text
    assert "nie &lt;b&gt;działa" in text


async def test_addresses_in_what_was_said_are_links(site: Site) -> None:
    opened = await site.inquiries.opened(a_message(new_text="at https://kunde.example/a?b&c."))
    await answered(site, opened, "see https://www.fjord.example/returns", "sent")
    text = await site.text(await site.link(opened))
    for address in ("https://kunde.example/a?b&amp;c", "https://www.fjord.example/returns"):
        assert f'<a href="{address}" rel="noreferrer nofollow">{address}</a>' in text


async def test_another_language_can_be_chosen_and_stays(site: Site) -> None:
    opened = await site.inquiries.opened()
    link = await site.link(opened)
    text = await site.text(f"{link}?lang=et")
    assert TEXTS["et"]["works"] in text
    back = location(await site.post(f"{link}/works?lang=et"))
    assert back == f"{link}?done=works&lang=et"
    assert TEXTS["et"]["works-thanks"] in await site.text(back)
    assert '<html lang="pl">' in await site.text(f"{link}?lang=xx")


async def test_what_a_companion_wrote_bears_their_name(site: Site) -> None:
    """Who reads along in a thread wrote it there: it is not the customer's own."""
    opened = await site.inquiries.opened(a_message(new_text="my own words"))
    link = await site.link(opened)
    others = a_message(sender=Party("ewa@kunde.example", "Ewa <b>"), new_text="here too")
    await site.inquiries.followed_up(opened, others)
    text = await site.text(link)
    mine, theirs = text.split('<article class="say')[1:]
    assert mine.startswith(' mine">')
    assert TEXTS["pl"]["you"] in mine
    assert theirs.startswith('">')
    assert "<bdi>Ewa &lt;b&gt;</bdi>" in theirs
    assert TEXTS["pl"]["you"] not in theirs.partition("</header>")[0]


async def test_every_answer_keeps_the_link_to_itself(site: Site) -> None:
    response = await site.get(await site.link(await site.inquiries.opened()))
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    text = await response.text()
    assert "<script" not in text
    assert "http://" not in text
    assert "https://" not in text


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        ("waiting", False),
        ("held", False),
        ("sending", False),
        ("cancelled", False),
        ("sent", True),
        ("delivered", True),
        ("read", True),
        ("doubtful", True),
        ("dead", True),
    ],
)
async def test_an_answer_is_seen_once_it_has_left(site: Site, state: str, seen: bool) -> None:
    opened = await site.inquiries.opened()
    await answered(site, opened, "Technik o dwunastej.", state)
    assert ("Technik o dwunastej." in await site.text(await site.link(opened))) is seen


async def test_nothing_internal_is_on_the_page(site: Site) -> None:
    opened = await site.inquiries.opened(assign_to=OLA)
    await acts.note(site.db, inquiry=opened.id, specialist=OLA, text="tajna notatka", now=NOW)
    stranger = a_message(
        sender=Party("obcy@else.example"), text="obcy tekst", message_id="<9@x.example>"
    )
    await site.inquiries.kept_aside(opened, stranger)
    await acts.tag(site.db, inquiry=opened.id, specialist=OLA, tags=["trudny"], now=NOW)
    await acts.answer(
        site.db, inquiry=opened.id, specialist=OLA, text="jeszcze nie wysłane", now=NOW + MINUTE
    )
    text = await site.text(await site.link(opened))
    internal = ("tajna", "obcy", "trudny", "jeszcze nie", "first-line", "support-mail", "Hansen")
    assert [word for word in internal if word in text] == []


async def test_a_message_becomes_an_arrival_that_knows_its_place(site: Site) -> None:
    opened = await site.inquiries.opened()
    link = await site.link(opened)
    form = FormData(quote_fields=False)
    form.add_field("submission", "abc")
    form.add_field("text", "Nadal nie działa.\r\nNiestety.")
    form.add_field("files", b"\x89PNG", filename="zdjęcie.png", content_type="image/png")
    back = location(await site.post(f"{link}/message", form))
    assert back == f"{link}?done=taken"
    assert TEXTS["pl"]["taken"] in await site.text(back)
    (arrival,) = site.inlet.arrivals
    assert (arrival.channel, arrival.media_type) == (SUPPORT, FORM)
    assert arrival.envelope == Envelope(
        peer="127.0.0.1", inquiry=opened.id, contact_point=opened.contact_point
    )
    assert isinstance(arrival.raw, bytes)
    data = json.loads(arrival.raw)
    assert (data["text"], data["email"], data["language"]) == (
        "Nadal nie działa.\nNiestety.",
        "",
        "pl",
    )
    assert [file["filename"] for file in data["files"]] == ["zdjęcie.png"]


async def test_the_same_form_sent_twice_is_one_message(site: Site) -> None:
    link = await site.link(await site.inquiries.opened())
    for _ in range(2):
        assert location(await site.post(f"{link}/message", {"submission": "a", "text": "x"}))
    assert location(await site.post(f"{link}/message", {"submission": "b", "text": "x"}))
    assert (len(site.inlet.arrivals), site.inlet.repeats) == (2, 1)


async def test_an_empty_message_is_none(site: Site) -> None:
    link = await site.link(await site.inquiries.opened())
    response = await site.post(f"{link}/message", {"text": " \r\n"})
    assert response.status == 422
    assert TEXTS["pl"]["empty"] in await response.text()
    assert site.inlet.arrivals == []


async def test_when_nothing_can_be_stored_nobody_is_thanked(site: Site) -> None:
    link = await site.link(await site.inquiries.opened())
    site.inlet.trouble = TemporaryFailure("disk /srv/secret is full")
    response = await site.post(f"{link}/message", {"text": "Mój <tekst>"})
    assert response.status == 503
    text = await response.text()
    assert TEXTS["pl"]["not-now"] in text
    assert "Mój &lt;tekst&gt;</textarea>" in text
    assert "secret" not in text


async def test_too_much_is_refused(site: Site) -> None:
    link = await site.link(await site.inquiries.opened())
    response = await site.post(f"{link}/message", {"text": "x" * 100_001})
    assert response.status == 413
    assert TEXTS["pl"]["too-large"] in await response.text()
    assert site.inlet.arrivals == []


async def test_it_works_now_resolves_once_and_only_by_a_button(site: Site) -> None:
    opened = await site.inquiries.opened()
    link = await site.link(opened)
    assert (await site.get(f"{link}/works")).status == 405
    assert (await site.inquiries.inquiry(opened))["state"] == "new"
    for _ in range(2):
        assert location(await site.post(f"{link}/works"))
    assert (await site.inquiries.inquiry(opened))["state"] == "resolved"
    assert (await site.inquiries.kinds(opened)).count("works") == 1
    assert f'action="{link}/works' not in await site.text(link)


async def test_a_closed_inquiry_can_still_be_written_to(site: Site) -> None:
    opened = await site.inquiries.opened()
    await acts.close(site.db, inquiry=opened.id, specialist=OLA, now=NOW)
    link = await site.link(opened)
    assert TEXTS["pl"]["closed"] in await site.text(link)
    assert location(await site.post(f"{link}/works"))
    assert (await site.inquiries.inquiry(opened))["state"] == State.CLOSED
    assert location(await site.post(f"{link}/message", {"text": "x"}))


async def test_all_wrong_links_are_equal(site: Site) -> None:
    opened = await site.inquiries.opened()
    good = await site.link(opened)
    old = await site.link(opened, valid_until=site.moment - timedelta(seconds=1))
    key, _, mac = good.removeprefix("/s/").partition(".")
    other = portal.new_key()
    wrong = [
        old,
        f"/s/{key}.{'a' * len(mac)}",
        f"/s/{key}",
        f"/s/{key}.",
        f"/s/{other}.{mac}",
        f"/s/{other}.{RING.mac(portal.PURPOSE, other)}",
        f"/s/{nonsense()}",
        "/s/NL-2026-00001",
        "/s/%00",
    ]
    answers = set()
    for path in wrong:
        for response in (
            await site.get(path),
            await site.post(f"{path}/works"),
            await site.post(f"{path}/message", {"text": "x"}),
        ):
            answers.add((response.status, await response.text()))
    ((status, text),) = answers
    assert status == 404
    assert TEXTS["nb"]["gone-text"] in text
    assert site.inlet.arrivals == []
    assert (await site.get(good)).status == 200


async def test_a_revoked_link_is_a_wrong_one(site: Site) -> None:
    opened = await site.inquiries.opened()
    link = await site.link(opened)
    await site.db.write(lambda tx: portal.revoke(tx, opened.id, now=site.moment))
    assert (await site.get(link)).status == 404


async def test_a_link_is_no_sign_in(site: Site) -> None:
    link = await site.link(await site.inquiries.opened())
    response = await site.get(link)
    assert not response.cookies
    assert location(await site.get("/inquiry/NL-2026-00001")) == "/sign-in"


async def test_an_acknowledgement_is_not_part_of_the_talk(site: Site) -> None:
    opened = await site.inquiries.opened()
    await answered(site, opened, "Odpowiedź", "sent")
    it = await site.db.read(lambda tx: reading.shown(tx, opened.reference))
    assert [public(message) for message in it.messages] == [True, True]
