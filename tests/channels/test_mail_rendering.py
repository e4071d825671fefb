"""Is a written answer exactly what we mean, for every program that reads it?"""

import email
import email.policy
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.rendering import render
from inquiry.journey import Dispatch, File
from inquiry.words import Purpose
from tests.builders import a_dispatch

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
ALWAYS = ["From", "To", "Subject", "Date", "Message-ID"]
BODY = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"]


def rendered(dispatch: Dispatch) -> bytes:
    return render(
        dispatch,
        sender="help@nordlys.example",
        sender_name="Nordlys Support",
        recipient="kari@fjell.example",
        now=NOW,
    )


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_an_answer_on_the_wire() -> None:
    dispatch = a_dispatch(recipient_name="Kari Nordmann", in_reply_to="<1@fjell.example>")
    assert rendered(dispatch).decode() == (
        "From: Nordlys Support <help@nordlys.example>\r\n"
        "To: Kari Nordmann <kari@fjell.example>\r\n"
        "Subject: Re: My printer is on fire\r\n"
        "Date: Mon, 05 Jan 2026 10:00:00 +0000\r\n"
        "Message-ID: <7.abcdefghijklmnop.qrstuvwxyz234567@desk.example>\r\n"
        "In-Reply-To: <1@fjell.example>\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: text/plain; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "Please turn it off.\r\n"
    )


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        pytest.param({}, [], id="an answer"),
        pytest.param(
            {"purpose": Purpose.ACKNOWLEDGEMENT},
            ["Auto-Submitted", "X-Auto-Response-Suppress", "X-Deskbridge-Loop"],
            id="nobody wrote it",
        ),
        pytest.param({"possible_repeat": True}, ["X-Possible-Repeat"], id="perhaps sent before"),
        pytest.param({"reply_to": "help+t@nordlys.example"}, ["Reply-To"], id="answer elsewhere"),
        pytest.param({"references": ("<1@x>", "<2@x>")}, ["References"], id="part of a thread"),
        pytest.param({"message_id": "", "subject": ""}, [], id="hardly anything"),
    ],
)
def test_there_are_exactly_the_fields_we_mean(changes: dict[str, Any], more: list[str]) -> None:
    found = read(rendered(a_dispatch(**changes))).keys()
    wanted = {*ALWAYS, *BODY, *more} - (
        {"Message-ID"} if changes.get("message_id") == "" else set()
    )
    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_what_nobody_wrote_says_so() -> None:
    found = read(rendered(a_dispatch(purpose=Purpose.ACKNOWLEDGEMENT)))
    assert found["Auto-Submitted"] == "auto-replied"
    assert found["X-Auto-Response-Suppress"] == "All"
    assert found["X-Deskbridge-Loop"] == found["From"].rpartition("<")[2].rstrip(">")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("Zażółć gęślą jaźń, a potem wyłącz drukarkę.", "quoted-printable", id="pl"),
        pytest.param("Пожалуйста, выключите принтер.", "base64", id="ru"),
        pytest.param("From me\n.\n..\n=20 trailing ", "quoted-printable", id="traps"),
        pytest.param("one\r\ntwo\rthree\x0bfour", "quoted-printable", id="line ends"),
        pytest.param("half \ud800 a letter", "quoted-printable", id="half a letter"),
        pytest.param("", "quoted-printable", id="nothing"),
        pytest.param("x" * 5000, "quoted-printable", id="a long line"),
    ],
)
def test_the_text_is_read_as_it_was_written(text: str, encoding: str) -> None:
    raw = rendered(a_dispatch(text=text))
    found = read(raw)
    written = text.encode("utf-8", "replace").decode().splitlines()
    assert found.get_content().splitlines() == written or not text
    assert found["Content-Transfer-Encoding"] == encoding
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


@given(st.text(), st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_no_text_makes_a_field_of_its_own(
    subject: str, name: str, text: str, reply: str, references: list[str]
) -> None:
    dispatch = a_dispatch(
        subject=subject,
        from_name=name,
        recipient_name=name,
        text=text,
        in_reply_to=reply,
        references=tuple(references),
        files=(File(filename=name, content_type=subject, content=b"x"),),
    )
    raw = rendered(dispatch)
    head, _, _ = raw.partition(b"\r\n\r\n")
    allowed = {*ALWAYS, *BODY, "In-Reply-To", "References"}
    assert {line.split(":")[0] for line in head.decode().split("\r\n") if line[0] != " "} <= allowed
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)


@pytest.mark.parametrize(
    ("file", "name", "kind"),
    [
        pytest.param(("svar.pdf", "application/pdf"), "svar.pdf", "application/pdf", id="plain"),
        pytest.param(("svår.pdf", "application/pdf"), "svår.pdf", "application/pdf", id="beyond"),
        pytest.param(("../../etc/passwd", "text/plain"), "passwd", "text/plain", id="a path"),
        pytest.param(("C:\\a\\b.txt", "text/plain"), "b.txt", "text/plain", id="another path"),
        pytest.param(("", "text/plain"), "attachment", "text/plain", id="no name"),
        pytest.param(("a", "nonsense"), "a", "application/octet-stream", id="no kind"),
        pytest.param(("a\r\nX: y", "text/x\r\nX: y"), "a X: y", "application/octet-stream"),
        pytest.param(("a.eml", "message/rfc822"), "a.eml", "application/octet-stream", id="a mail"),
    ],
)
def test_files_come_out_as_they_went_in(file: tuple[str, str], name: str, kind: str) -> None:
    content = bytes(range(256))
    attached = File(filename=file[0], content_type=file[1], content=content)
    found = read(rendered(a_dispatch(files=(attached,))))
    (part,) = found.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == (name, kind)
    assert part.get_payload(decode=True) == content
    body = found.get_body()
    assert body is not None
    assert body.get_content().rstrip() == "Please turn it off."


def test_a_repeat_is_the_same_bytes() -> None:
    dispatch = a_dispatch(files=(File(filename="a", content_type="text/plain", content=b"x"),))
    assert rendered(dispatch) == rendered(dispatch)
