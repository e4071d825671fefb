"""Does a form become exactly one arrival, and only if it can be answered?"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Premises, Receiver, Sender
from channels.form import (
    LARGEST,
    MOST_FILES,
    Field,
    Filled,
    FormChannel,
    Incomplete,
    Settings,
    TooLarge,
    Wrong,
    open_channel,
)
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName, Envelope, File
from tests.channels.suite import raw_bytes
from tests.fakes import MemoryInlet

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIELDS = {
    "product": Field(label={"nb": "Produkt", "ru": "Продукт"}, options=("router", "printer")),
    "invoice": Field(pattern=r"\d{6,9}", required=False),
}
PEER = Envelope(peer="192.0.2.7", headers={"accept-language": "pl"})
FILLED = Filled(
    submission="8f2c",
    name="Jan Kowalski",
    email="jan@kowalski.example",
    subject="Drukarka",
    text="Nie działa.",
    language="pl",
    fields={"product": "printer", "invoice": ""},
    files=(File(filename="zdjęcie.jpg", content_type="image/jpeg", content=b"\xff\xd8"),),
)


@pytest.fixture
async def form() -> AsyncIterator[FormChannel]:
    name, premises = ChannelName("web"), Premises(spool=Path("/nowhere"))
    async with open_channel(name, Settings(fields=FIELDS), premises) as opened:
        yield opened


async def test_a_form_is_accepted_as_it_was_filled_in(form: FormChannel) -> None:
    inlet = MemoryInlet()
    await form.accept_post(inlet, FILLED, PEER, now=MONDAY)
    (arrival,) = inlet.arrivals
    assert arrival.media_type == "application/vnd.deskbridge.form+json"
    assert arrival.received_at == MONDAY
    assert arrival.envelope == PEER
    assert json.loads(raw_bytes(arrival)) == {
        "name": "Jan Kowalski",
        "email": "jan@kowalski.example",
        "subject": "Drukarka",
        "text": "Nie działa.",
        "language": "pl",
        "fields": {"product": "printer", "invoice": ""},
        "files": [{"filename": "zdjęcie.jpg", "content_type": "image/jpeg", "content": "/9g="}],
    }


async def test_a_double_click_is_one_message(form: FormChannel) -> None:
    inlet = MemoryInlet()
    first = await form.accept_post(inlet, FILLED, PEER, now=MONDAY)
    again = await form.accept_post(inlet, FILLED, PEER, now=MONDAY)
    assert first == again
    assert len(inlet.arrivals) == 1


async def test_other_words_in_the_same_form_are_another_message(form: FormChannel) -> None:
    inlet = MemoryInlet()
    await form.accept_post(inlet, FILLED, PEER, now=MONDAY)
    await form.accept_post(inlet, replace(FILLED, text="Już działa."), PEER, now=MONDAY)
    assert len(inlet.arrivals) == 2


async def test_equal_words_of_two_people_are_two_messages(form: FormChannel) -> None:
    inlet = MemoryInlet()
    for submission in ("8f2c", "77aa", "", ""):
        await form.accept_post(inlet, replace(FILLED, submission=submission), PEER, now=MONDAY)
    assert len(inlet.arrivals) == 4


async def test_what_could_not_be_stored_is_not_taken(form: FormChannel) -> None:
    inlet = MemoryInlet(trouble=TemporaryFailure("the disk is full"))
    with pytest.raises(TemporaryFailure, match="the disk is full"):
        await form.accept_post(inlet, FILLED, PEER, now=MONDAY)


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([LARGEST // 2, LARGEST // 2 + 1], id="together too large"),
        pytest.param([0] * (MOST_FILES + 1), id="too many"),
    ],
)
async def test_too_much_is_refused_before_it_is_taken(form: FormChannel, sizes: list[int]) -> None:
    inlet = MemoryInlet()
    files = [File(filename="a", content_type="text/plain", content=bytes(size)) for size in sizes]
    with pytest.raises(TooLarge) as refusal:
        await form.accept_post(inlet, replace(FILLED, files=tuple(files)), PEER, now=MONDAY)
    assert str(refusal.value) == "at most 10 files of 25 MB together"
    assert inlet.arrivals == []


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        pytest.param({}, {}, id="fine"),
        pytest.param({"name": "", "subject": ""}, {}, id="neither name nor subject is needed"),
        pytest.param({"email": " "}, {"email": Wrong.MISSING}, id="nobody to answer"),
        pytest.param({"text": "\n"}, {"text": Wrong.MISSING}, id="nothing said"),
        pytest.param({"email": "jan"}, {"email": Wrong.NOT_AN_ADDRESS}, id="no address"),
        pytest.param(
            {"email": "a@b.example, c@d.example"},
            {"email": Wrong.NOT_AN_ADDRESS},
            id="two addresses",
        ),
        pytest.param(
            {"email": "a@b.example\r\nBcc: c@d.example"},
            {"email": Wrong.NOT_AN_ADDRESS},
            id="a header smuggled in",
        ),
        pytest.param({"email": " jürgen@bücher.example "}, {}, id="an address of today"),
        pytest.param({"text": "x" * 100_001}, {"text": Wrong.TOO_LONG}, id="a whole book"),
        pytest.param({"fields": {}}, {"product": Wrong.MISSING}, id="a field left out"),
        pytest.param(
            {"fields": {"product": "toaster"}}, {"product": Wrong.NOT_AN_OPTION}, id="no option"
        ),
        pytest.param(
            {"fields": {"product": "router", "invoice": "12"}},
            {"invoice": Wrong.NOT_THE_PATTERN},
            id="not the pattern",
        ),
        pytest.param(
            {"fields": {"product": "router", "invoice": "1" * 3000}},
            {"invoice": Wrong.TOO_LONG},
            id="a field too long",
        ),
    ],
)
async def test_what_has_to_be_corrected(
    form: FormChannel, changed: Mapping[str, object], wrong: Mapping[str, Wrong]
) -> None:
    inlet = MemoryInlet()
    filled = replace(FILLED, **changed)  # type: ignore[arg-type]
    assert form.wrong(filled) == wrong
    if wrong:
        with pytest.raises(Incomplete) as refusal:
            await form.accept_post(inlet, filled, PEER, now=MONDAY)
        assert refusal.value.wrong == wrong
        assert str(refusal.value) == ", ".join(f"{name}: {why}" for name, why in wrong.items())
    assert inlet.arrivals == []


def test_a_pattern_that_explodes_costs_no_more_than_its_time() -> None:
    form = FormChannel(ChannelName("web"), Settings(fields={"x": Field(pattern="(a|a?)+b")}))
    filled = replace(FILLED, fields={"x": "a" * 1000})
    assert form.wrong(filled) == {"x": Wrong.NOT_THE_PATTERN}


@given(st.text(), st.text())
def test_any_text_can_be_written_down(text: str, subject: str) -> None:
    form = FormChannel(ChannelName("web"), Settings())
    filled = replace(FILLED, text=text, subject=subject + "\udc80")
    arrival = form.arrival(filled, PEER, now=MONDAY)
    assert json.loads(raw_bytes(arrival))["text"] == text


def test_a_label_is_shown_in_the_readers_language_if_there_is_one() -> None:
    assert FIELDS["product"].label_in("ru", "product") == "Продукт"
    assert FIELDS["product"].label_in("et", "product") == "Produkt"
    assert FIELDS["invoice"].label_in("et", "invoice") == "invoice"


def test_a_form_is_called_by_its_page_and_answered_by_mail(form: FormChannel) -> None:
    assert not isinstance(form, Receiver)
    assert not isinstance(form, Sender)
