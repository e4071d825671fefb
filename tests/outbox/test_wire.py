"""Does what leaves have exactly the header fields that we set, whatever people have written?"""

from datetime import UTC, datetime
from email import policy
from email.parser import BytesHeaderParser

from hypothesis import given
from hypothesis import strategies as st

from channels.mail.rendering import render
from outbox.compose import Composed, compose
from storage.answers import Waiting
from tests.outbox.senders import a_desk
from tests.outbox.waiting import an_acknowledgement, an_answer

KEY = "0190a5c1-7b5e-4c8a-9f00-0123456789ab"
OURS = {
    *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", "X-Auto-Response-Suppress", "X-Deskbridge-Loop"),
    *("MIME-Version", "Content-Type"),
    "Content-Transfer-Encoding",
}
PARSER = BytesHeaderParser(policy=policy.compat32)
nasty = st.text() | st.sampled_from(
    ["a\r\nBcc: eve@other.example", "\u2028Bcc: x", "=?utf-8?q?=0D=0ABcc:_x?=", "\0", '"><', "\x85"]
)


def sent(answer: Waiting, specialist: str) -> bytes:
    form = compose(answer, a_desk(specialists={answer.specialist: specialist}), KEY)
    assert isinstance(form, Composed)
    return render(
        form.dispatch,
        sender="support@nordlys.example",
        sender_name="Nordlys Support",
        recipient=form.dispatch.recipient,
        now=datetime(2026, 11, 21, 9, tzinfo=UTC),
    )


@given(subject=nasty, name=nasty, specialist=nasty, text=nasty, automatic=st.booleans())
def test_no_field_is_smuggled_in(
    subject: str, name: str, specialist: str, text: str, automatic: bool
) -> None:
    make = an_acknowledgement if automatic else an_answer
    raw = sent(make(subject=subject, customer_name=name, text=text), specialist)
    head = raw.partition(b"\r\n\r\n")[0]
    message = PARSER.parsebytes(head + b"\r\n\r\n")
    assert set(message.keys()) <= OURS
    assert len(message.keys()) == len(set(message.keys()))
    assert all(line[:1].isalpha() or line[:1] in b" \t" for line in head.split(b"\r\n"))
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert "jan@kunde.example" in message["To"]
