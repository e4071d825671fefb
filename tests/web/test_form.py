"""Does the request form take what people write, and say honestly what became of it?"""

import json
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import FormData

from inquiry.errors import TemporaryFailure
from inquiry.journey import FORM
from storage.sqlite import Sqlite
from tests.web.site import Site, served
from web.customer_words import TEXTS

FILLED = {
    "submission": "abc",
    "name": "Ewa Lis",
    "email": "ewa.lis@kunde.example",
    "subject": "Drukarka",
    "text": "Nie działa.\r\nWcale.",
    "field-product": "router",
    "field-invoice": "123456",
}


@pytest.mark.parametrize(
    ("accept", "query", "language"),
    [
        pytest.param("pl-PL,pl;q=0.9,en;q=0.5", "", "pl", id="the browser's"),
        pytest.param("de, et;q=0.4, ru;q=0.6", "", "ru", id="the dearest that there is"),
        pytest.param("de", "", "nb", id="else the desk's first"),
        pytest.param("nn-NO", "", "nb", id="a near one"),
        pytest.param("pl", "?lang=et", "et", id="what was chosen on the page"),
        pytest.param("pl", "?lang=xx", "pl", id="unless it is none"),
        pytest.param("x;q=y,,;,pl;q=0", "", "pl", id="a strange header"),
        pytest.param("", "", "nb", id="no header"),
    ],
)
async def test_the_form_speaks_the_visitors_language(
    site: Site, accept: str, query: str, language: str
) -> None:
    response = await site.get(f"/new{query}", **{"Accept-Language": accept})
    text = await response.text()
    assert response.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in text
    assert TEXTS[language]["form"] in text


async def test_the_operators_own_questions_are_asked(site: Site) -> None:
    text = await site.text("/new?lang=pl")
    assert '<label for="field-product">Produkt</label>' in text
    assert "<option>router</option>" in text
    assert '<label for="field-invoice">Invoice <span class="hint">' in text


async def test_a_filled_form_is_an_arrival_before_anybody_is_thanked(site: Site) -> None:
    form = FormData(FILLED, quote_fields=False)
    form.add_field("files", b"\x89PNG", filename="zdjęcie.png", content_type="image/png")
    response = await site.post("/new?lang=pl", form)
    assert response.status == 200
    text = await response.text()
    assert TEXTS["pl"]["thanks"] in text
    assert "ewa.lis@kunde.example" in text
    (arrival,) = site.inlet.arrivals
    assert (arrival.channel, arrival.media_type) == ("web", FORM)
    assert arrival.received_at == site.moment
    assert arrival.envelope.peer == "127.0.0.1"
    assert "user-agent" in arrival.envelope.headers
    assert isinstance(arrival.raw, bytes)
    data = json.loads(arrival.raw)
    assert data["text"] == "Nie działa.\nWcale."
    assert data["language"] == "pl"
    assert data["fields"] == {"product": "router", "invoice": "123456"}
    assert [file["filename"] for file in data["files"]] == ["zdjęcie.png"]


@pytest.mark.parametrize("language", TEXTS)
async def test_no_confirmation_is_promised_where_none_is_sent(
    sqlite: Sqlite, tmp_path: Path, language: str
) -> None:
    for confirms, key in ((True, "thanks-text"), (False, "thanks-unconfirmed")):
        async with served(sqlite, tmp_path / key, confirms=confirms) as silent:
            text = unescape(await (await silent.post(f"/new?lang={language}", FILLED)).text())
        assert TEXTS[language][key].format(email="ewa.lis@kunde.example") in text


async def test_reloading_the_thanks_sends_nothing_twice(site: Site) -> None:
    for _ in range(3):
        assert (await site.post("/new", FILLED)).status == 200
    assert (len(site.inlet.arrivals), site.inlet.repeats) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "wrong", "why"),
    [
        pytest.param({"email": ""}, "email", "missing", id="no address"),
        pytest.param({"email": "ewa"}, "email", "not-an-address", id="half an address"),
        pytest.param({"text": "  "}, "text", "missing", id="no words"),
        pytest.param({"text": "x" * 100_001}, "text", "too-long", id="too many words"),
        pytest.param({"field-product": ""}, "product", "missing", id="a question unanswered"),
        pytest.param({"field-product": "car"}, "product", "not-an-option", id="a strange answer"),
        pytest.param({"field-invoice": "12"}, "invoice", "not-the-pattern", id="a wrong pattern"),
    ],
)
async def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(
    site: Site, changes: dict[str, str], wrong: str, why: str
) -> None:
    response = await site.post("/new?lang=pl", {**FILLED, **changes})
    assert response.status == 422
    text = await response.text()
    assert f'id="{wrong}-wrong"' in text
    assert f'aria-invalid="true" aria-describedby="{wrong}-wrong"' in text
    assert TEXTS["pl"][why] in text
    assert TEXTS["pl"]["correct"] in text
    assert 'value="Ewa Lis"' in text
    assert 'name="submission" value="abc"' in text
    assert site.inlet.arrivals == []


async def test_when_nothing_can_be_stored_nobody_is_thanked(site: Site) -> None:
    site.inlet.trouble = TemporaryFailure("disk /srv/secret is full")
    response = await site.post("/new?lang=en", FILLED)
    assert response.status == 503
    assert response.headers["Retry-After"] == "30"
    text = unescape(await response.text())
    assert TEXTS["en"]["not-now"] in text
    assert "Nie działa." in text
    assert "secret" not in text
    site.inlet.trouble = None
    assert (await site.post("/new?lang=en", FILLED)).status == 200
    assert len(site.inlet.arrivals) == 1


async def test_too_many_files_are_refused_before_acceptance(site: Site) -> None:
    form = FormData(FILLED)
    for number in range(11):
        form.add_field("files", b"x", filename=f"{number}.txt")
    response = await site.post("/new?lang=en", form)
    assert response.status == 413
    assert TEXTS["en"]["too-large"] in await response.text()
    assert site.inlet.arrivals == []


async def test_more_than_a_request_may_hold_is_refused(site: Site) -> None:
    form = FormData(FILLED)
    form.add_field("files", BytesIO(b"x" * 30_000_001), filename="x.bin")
    response = await site.post("/new?lang=en", form)
    assert response.status == 413
    assert TEXTS["en"]["too-large"] in await response.text()


async def test_what_is_filled_in_is_text(site: Site) -> None:
    evil = '"><script>alert(1)</script>'
    data = dict.fromkeys(FILLED, evil) | {"email": "ewa"}
    text = await (await site.post("/new", data)).text()
    assert "<script>" not in text
    thanks = await site.post("/new", {**FILLED, "text": evil, "name": evil})
    assert "<script>" not in await thanks.text()


async def test_a_form_needs_no_form_to_be_refused(site: Site) -> None:
    response = await site.client.post(
        "/new", data=b"\xff\x00", headers={"Content-Type": "application/octet-stream"}
    )
    assert response.status == 422
