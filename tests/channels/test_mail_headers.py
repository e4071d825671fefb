"""Does the gate let through one field at a time, and nothing else?"""

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.headers import clean, ids_field, mailbox_field, plain_field, text_field

HOSTILE = st.text(
    st.sampled_from('ab:=?@<>",\\ \r\n\t\0\x0b\x1c\x85\u2028\u2029\ud800éż漢') | st.characters()
)


def parsed(raw: str) -> list[tuple[str, str]]:
    """Read fields as a mail program would."""
    found = email.message_from_bytes(f"{raw}\r\nbody".encode(), policy=email.policy.default)
    assert found.get_payload() == "body"
    return [(name, str(value)) for name, value in found.items()]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Hello", "Hello", id="plain"),
        pytest.param("a\r\nBcc: evil@x.example", "a Bcc: evil@x.example", id="a smuggled field"),
        pytest.param("a\u2028b\u2029c\x85d", "a b c d", id="other line ends"),
        pytest.param("  a \t b  ", "a b", id="much space"),
        pytest.param("a\ud800b", "a b", id="half a letter"),
    ],
)
def test_clean(value: str, expected: str) -> None:
    assert clean(value) == expected


@given(HOSTILE)
def test_a_text_is_one_field_and_comes_back(value: str) -> None:
    raw = text_field("Subject", value)
    assert raw.endswith("\r\n")
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split("\r\n"))
    fields = parsed(raw)
    assert [name for name, _ in fields] == ["Subject"]


@given(st.text(st.characters(codec="utf-8", categories=["L", "N"]) | st.just(" "), max_size=200))
def test_a_subject_is_read_as_it_was_written(value: str) -> None:
    (_, read), *_ = parsed(text_field("Subject", value))
    assert read.split() == clean(value).split()


@given(HOSTILE)
def test_a_name_can_never_become_an_address(name: str) -> None:
    raw = mailbox_field("From", name, "help@nordlys.example")
    fields = email.message_from_bytes(f"{raw}\r\n".encode(), policy=email.policy.default)
    assert list(fields.keys()) == ["From"]
    assert [found.addr_spec for found in fields["From"].addresses] == ["help@nordlys.example"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("", "From: h@x.example\r\n", id="no name"),
        pytest.param("Ola Hansen", "From: Ola Hansen <h@x.example>\r\n", id="a plain name"),
        pytest.param("Hansen, Ola", 'From: "Hansen, Ola" <h@x.example>\r\n', id="a comma"),
        pytest.param('O "B" H', 'From: "O \\"B\\" H" <h@x.example>\r\n', id="quotes"),
        pytest.param(
            "Støtte", "From: =?utf-8?q?St=C3=B8tte?= <h@x.example>\r\n", id="beyond ASCII"
        ),
    ],
)
def test_a_mailbox(name: str, expected: str) -> None:
    assert mailbox_field("From", name, "h@x.example") == expected


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        pytest.param(["<a@b>"], "References: <a@b>\r\n", id="one"),
        pytest.param(["<a@b>", "<c@d>"], "References: <a@b>\r\n <c@d>\r\n", id="two"),
        pytest.param([], "", id="none"),
        pytest.param(["", "a@b", "<a b>", "<a>\r\nBcc: x", "<é@x>"], "", id="none that is one"),
    ],
)
def test_message_ids(ids: list[str], expected: str) -> None:
    assert ids_field("References", ids) == expected


def test_a_plain_field_is_cleaned_too() -> None:
    assert plain_field("X-Note", "a\r\nb") == "X-Note: a b\r\n"
