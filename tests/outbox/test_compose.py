"""Does an answer leave in the right words, with the right headers, to the right person?"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.journey import FORM, ChannelName, Dispatch
from inquiry.tokens import KeyRing, plus_token, proven_inquiry
from inquiry.words import Automated, Trust
from outbox.compose import REFERENCES, Composed, Unsaid, compose
from outbox.route import Outlet
from outbox.wording import load
from storage.answers import StoredFile, Uttered, Waiting
from tests.inquiries import INVOICES, SUPPORT, TELEGRAM, a_message
from tests.outbox.senders import DESK, MAIL_OUT, RING, a_desk
from tests.outbox.waiting import FIRST, an_acknowledgement, an_answer

KEY = "0190a5c1-7b5e-4c8a-9f00-0123456789ab"


def composed(answer: Waiting, **desk: Any) -> Composed:
    form = compose(answer, a_desk(**desk), KEY)
    assert isinstance(form, Composed)
    return form


def dispatch(answer: Waiting, **desk: Any) -> Dispatch:
    return composed(answer, **desk).dispatch


def test_an_answer_is_what_was_written_and_no_more() -> None:
    sent = dispatch(an_answer())
    assert (sent.text, sent.language) == ("Proszę ją wyłączyć.", "pl")
    assert (sent.recipient, sent.recipient_name) == ("jan@kunde.example", "Jan Kowalski")
    assert sent.subject == "Re: Drukarka [NL-2026-00012]"
    assert sent.from_name == "Kasia Nowak, Nordlys Support"
    assert not sent.automatic


def test_who_has_left_keeps_the_short_name() -> None:
    assert dispatch(an_answer(specialist="olga")).from_name == "olga, Nordlys Support"


def test_an_acknowledgement_is_in_the_customers_language_with_number_and_link() -> None:
    form = composed(an_acknowledgement())
    sent = form.dispatch
    assert sent.automatic
    assert sent.language == "pl"
    assert "NL-2026-00012" in sent.text
    assert f"https://help.nordlys.example/s/{KEY}.{RING.mac('portal', KEY)}" in sent.text
    assert form.link_key == KEY
    assert sent.from_name == "Nordlys Support"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        pytest.param("pl", "Za duże, aby wysłać to tutaj: a.zip, b.zip. Jest pod", id="theirs"),
        pytest.param(
            "da", "For stort til å sendes her: a.zip, b.zip. Du finner", id="a neighbour's"
        ),
        pytest.param("", "For stort til å sendes her: a.zip, b.zip. Du finner", id="the desk's"),
    ],
)
def test_what_is_too_large_is_named_with_a_link_in_the_nearest_language(
    language: str, told: str
) -> None:
    files = tuple(StoredFile(name, "", b"", 9) for name in ("a.zip", "b.zip"))
    form = composed(
        an_answer(language=language, files=files),
        templates=load(languages=("nb", "pl"), language_fallback={"da": ("nb",)}),
        outlets=(replace(MAIL_OUT, file_size=8),),
    )
    link = f"https://help.nordlys.example/s/{KEY}.{RING.mac('portal', KEY)}"
    assert form.dispatch.text.startswith(f"Proszę ją wyłączyć.\n\n{told}")
    assert form.dispatch.text.endswith(f"\n{link}")
    assert form.link_key == KEY


def test_an_answer_needs_no_link() -> None:
    assert composed(an_answer()).link_key == ""


def test_the_message_id_is_the_same_at_every_attempt_and_proves_its_inquiry() -> None:
    first, second = dispatch(an_answer()), dispatch(an_answer())
    assert first.message_id == second.message_id
    assert first.message_id.endswith("@nordlys.example>")
    assert proven_inquiry(RING, [first.message_id]) == 12
    assert proven_inquiry(KeyRing((b"another desk's",)), [first.message_id]) is None


def test_a_plus_address_is_only_where_it_comes_back() -> None:
    assert dispatch(an_answer()).reply_to == ""
    plus = replace(MAIL_OUT, plus_address=True)
    reply_to = dispatch(an_answer(), outlets=(plus,)).reply_to
    assert reply_to.startswith("support+12.")
    assert reply_to.endswith("@nordlys.example")
    assert proven_inquiry(RING, [plus_token(reply_to)]) == 12


@pytest.mark.parametrize(
    ("thread", "references", "in_reply_to"),
    [
        pytest.param((), (), "", id="a form has no Message-ID"),
        pytest.param((FIRST,), ("<first@kunde.example>",), "<first@kunde.example>", id="the first"),
        pytest.param(
            (FIRST, Uttered("<ours@nordlys.example>", ours=True)),
            ("<first@kunde.example>",),
            "<first@kunde.example>",
            id="the customer's last is last",
        ),
        pytest.param(
            (FIRST, Uttered("<ours@n.example>", ours=True), Uttered("<2@k.example>", ours=False)),
            ("<first@kunde.example>", "<ours@n.example>", "<2@k.example>"),
            "<2@k.example>",
            id="as it went",
        ),
        pytest.param((FIRST, FIRST), (FIRST.message_id,), FIRST.message_id, id="the same id twice"),
    ],
)
def test_mail_programs_can_thread_it(
    thread: tuple[Uttered, ...], references: tuple[str, ...], in_reply_to: str
) -> None:
    sent = dispatch(an_answer(thread=thread))
    assert (sent.references, sent.in_reply_to) == (references, in_reply_to)


def test_a_long_thread_keeps_its_beginning_and_its_end() -> None:
    thread = tuple(Uttered(f"<{count}@kunde.example>", ours=False) for count in range(100))
    references = dispatch(an_answer(thread=thread)).references
    assert len(references) == REFERENCES
    assert (references[0], references[-1]) == ("<0@kunde.example>", "<99@kunde.example>")


def test_a_messenger_gets_text_alone_in_its_conversation() -> None:
    sent = dispatch(
        an_acknowledgement(
            channel=TELEGRAM,
            inquiry_channel=TELEGRAM,
            contact="telegram",
            address="4711",
            conversation="4711",
        )
    )
    assert (sent.channel, sent.conversation) == (TELEGRAM, "4711")
    assert (sent.subject, sent.message_id, sent.in_reply_to, sent.references) == ("", "", "", ())
    assert "NL-2026-00012" in sent.text
    assert "/s/" in sent.text
    assert sent.text.count("\n") < dispatch(an_acknowledgement()).text.count("\n")


def test_a_queue_may_send_from_its_own_address() -> None:
    invoices = Outlet(
        name=ChannelName("faktura-mail"), contact="mail", address="faktura@nordlys.example"
    )
    sent = dispatch(
        an_answer(queue=INVOICES),
        outlets=(MAIL_OUT, invoices),
        queues_send_from={INVOICES: invoices.name},
    )
    assert sent.channel == "faktura-mail"


def test_an_answer_that_nothing_can_carry_is_dead_in_sight() -> None:
    form = composed(an_answer(contact="fax"))
    assert form.carried.refused == "no channel reaches a fax address"
    assert form.dispatch.channel == SUPPORT


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(
            an_acknowledgement(contact="fax"), "no channel reaches a fax address", id="no way"
        ),
        pytest.param(
            an_acknowledgement(understood=a_message(automated=Automated.AUTO_REPLY)),
            "it answers automatic mail (auto-reply)",
            id="automatic mail",
        ),
        pytest.param(
            an_acknowledgement(template="nack"),
            "template 'nack': there is no template 'nack'",
            id="no such template",
        ),
    ],
)
def test_what_a_program_does_not_say_has_a_reason(answer: Waiting, reason: str) -> None:
    assert compose(answer, DESK, KEY) == Unsaid(reason)


def test_a_person_may_answer_anybody() -> None:
    assert isinstance(
        compose(an_answer(understood=a_message(automated=Automated.LOOP)), DESK, KEY), Composed
    )


def test_an_address_typed_into_a_form_gets_none_of_its_words() -> None:
    spam = a_message(trust=Trust.UNVERIFIED, subject="Buy", text="at evil.example")
    sent = dispatch(
        an_acknowledgement(
            understood=spam, media_type=FORM, subject="Buy", customer_name="BUY NOW", thread=()
        )
    )
    assert sent.subject == "Nordlys Support [NL-2026-00012]"
    assert sent.recipient_name == ""
    assert "Buy" not in f"{sent.subject} {sent.text}"


@given(st.text(), st.text(), st.text(), st.booleans())
def test_no_header_can_be_smuggled_in(
    subject: str, name: str, specialist: str, automatic: bool
) -> None:
    make = an_acknowledgement if automatic else an_answer
    sent = dispatch(
        make(subject=subject, customer_name=name),
        specialists={an_answer().specialist: specialist},
        name=specialist or "Nordlys",
    )
    for line in (sent.subject, sent.recipient_name, sent.from_name, sent.message_id):
        assert len(line.splitlines()) <= 1
        assert "\0" not in line
