"""Odd messages to draw from: parts that don't fit together, and good mails with wounds."""

import json
from pathlib import Path

from hypothesis import strategies as st

GOLDEN = [path.read_bytes() for path in sorted(Path("tests/mails").glob("*.eml"))]
CRUMBS = st.sampled_from(
    [
        b"From: ", b"To: ", b"Cc: ", b"Subject: ", b"Date: ", b"Message-ID: <", b"In-Reply-To: <",
        b"References: ", b"Reply-To: ", b"Return-Path: <>", b"Auto-Submitted: auto-replied",
        b"List-Id: <a.b>", b"Authentication-Results: ", b"Content-Type: ", b"text/plain",
        b"text/html", b"message/rfc822", b"message/delivery-status", b"multipart/mixed; boundary=b",
        b"multipart/alternative; boundary=c", b"multipart/report; boundary=b", b"text/calendar",
        b"application/ms-tnef", b"multipart/signed; boundary=b", b"multipart/digest; boundary=b",
        b"; charset=", b"utf-8", b"utf-7", b"utf-16", b"idna", b"iso-2022-jp", b"koi8-r",
        b"gb18030", b"hz", b"windows-1250", b"x-unknown", b"; format=flowed; delsp=yes",
        b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"x-uuencode", b"binary",
        b"Content-Disposition: attachment; filename=", b"filename*0*=utf-8''%c3", b"name*=", b"%ff",
        b"Content-ID: <a>", b"=?utf-8?q?=c3=a6", b"=?utf-8?b?w6Y=?=", b"=?koi8-r?B?", b"?=", b"=?",
        b"\r\n", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\r\n ", b"\t", b" ", b"--b\r\n",
        b"--b--\r\n", b"--c\r\n", b"--c--", b"<", b">", b"@", b'"', b"(", b")", b",", b";", b":",
        b".", b"[", b"]", b"\\", b"=", b"=\r\n", b"=0d=0a", b"=41", b"\x00", b"\xff",
        b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xc3\xa6", b"\xe2\x80\xae", b"\xcc\x81",
        b"\xd0\x96", b"+AOY-", b"+2AA-", b"\x1b$B", b"\x1b(B", b"begin 644 a.txt\r\n", b"#0V%T\r\n",
        b"`\r\nend\r\n", b"aGVp", b"\x78\x9f\x3e\x22", b"kari@fjell.example", b"Kari Nordmann",
        b"help@desk.nordlys.example", b"a", b"Final-Recipient: rfc822; a@b.example\r\n",
        b"Action: failed\r\n", b"Status: 5.1.1\r\n", b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR\r\n",
        b"SUMMARY:", b"DTSTART:20260101T100000Z\r\n",
    ]
)  # fmt: skip
LINES = st.sampled_from(
    [
        "", "", " ", "Hei", "> sitat", ">> dobbelt", ">", "-- ", "--", "Mvh", "Kari Berg", "_" * 32,
        "Den 12.10.2026 kl. 09:00 skrev Ola <ola@nordlys.example>:", "skrev:", ">:", "| tabell",
        "On Mon, Oct 12, 2026 at 9:00 AM Ola Hansen <", "ola@nordlys.example> wrote:",
        "Best regards,", "-----Original Message-----", "Fra: Ola", "Sendt: i dag", "Til: Kari",
        "Emne: Hei", "From: a", "Sendt fra min iPhone", "We have sent you a new password.",
        "> We have sent you a new password.", "C> sitert", "## skriv over ##", "begin 644 a",
        "#0V%T", "`", "end", "\u202eabc", "e\u0301" * 3, "С уважением,", "Иван", "пишет:",
        "Pozdrawiam", "W dniu 2026-10-12 09:00, Ola pisze:", "\ud83d\ude00", "\ufeff", "\u2028",
        "a\x0bb", "x\x85y", "a\u3000b", "\u00ad", "\x1f", "\x00", "https://x.example/a?b=c",
        "<b>fet</b>", "---------- Forwarded message ---------", "Sent from my phone",
        "This e-mail and any attachments are confidential and intended solely",
    ]
)  # fmt: skip
MARKUP = st.sampled_from(
    [
        "<p>", "</p>", "<div>", "</div>", "<br>", "<blockquote type=cite>", "</blockquote>",
        "<pre>", "</pre>", "<table><tr><td>", "</td></tr></table>", "<li>", "<ul>", "</ul>", "<ol>",
        "</ol>", "<a href='https://x.example/'>", "</a>", "<img src=cid:a alt=bilde>",
        "<style>p{}</style>", "<script>x</script>", "<!--", "-->", "<div class=gmail_quote>",
        "<div class=gmail_signature>", "<span style='display:none'>", "</span>", "&nbsp;", "&#0;",
        "&#xd800;", "&amp;", "&lt;", "<", ">", "<hr>", "<div style='border-top:solid'>", "<svg><p>",
        "<math>", "<template>", "<title>", "<select><option>", "<textarea>", "<p hidden>", "<font>",
        "<b>", "</b>", "<![CDATA[", "]]>", "<body>", "</body>", "</html>", "<head>",
        "<meta charset=utf-7>", "<td>", "</li>", "<plaintext>",
    ]
)  # fmt: skip


def _together(parts: list[str]) -> bytes:
    return "".join(parts).encode("utf-8", "surrogatepass")


@st.composite
def _wounded(draw: st.DrawFn) -> bytes:
    """Take a good mail and cut, double, swap and stain it in a few places."""
    raw = draw(st.sampled_from(GOLDEN))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(0, len(raw) - 1)))
        end = start + draw(st.integers(0, 60))
        stain = draw(st.one_of(CRUMBS, st.binary(max_size=4), st.just(raw[start:end] * 2)))
        raw = raw[:start] + stain + raw[end:]
    return raw


MAILS = st.lists(st.one_of(CRUMBS, CRUMBS, st.binary(max_size=3)), max_size=60).map(b"".join)
WOUNDED = _wounded()
TEXTS = st.one_of(
    st.lists(LINES, max_size=30).map(lambda lines: _together(["\n".join(lines)])),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
PAGES = st.lists(st.one_of(MARKUP, MARKUP, LINES), max_size=50).map(_together)
_WORDS = LINES | st.text(max_size=20)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=12,
)


def _of(*names: str) -> st.SearchStrategy[dict[str, object]]:
    """Draw an object with some of these fields and anything in them."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, _WORDS | _JSON))


def _written(value: object) -> bytes:
    return json.dumps(value).encode()


FORMS = st.one_of(
    _of("name", "email", "subject", "text", "language", "fields", "phone", "files").map(_written),
    _JSON.map(_written),
)
_PEOPLE = st.fixed_dictionaries(
    {"id": st.integers() | _JSON}, optional={"first_name": _WORDS, "username": _WORDS | _JSON}
)
_FIELDS = (
    "text", "caption", "date", "entities", "reply_to_message", "photo", "document", "voice",
    "contact", "location", "sticker", "quote", "forward_origin",
)  # fmt: skip
_SAID = st.fixed_dictionaries(
    {"message_id": st.integers() | _JSON, "chat": _PEOPLE, "from": _PEOPLE},
    optional=dict.fromkeys(_FIELDS, _WORDS | _JSON),
)
UPDATES = st.fixed_dictionaries(
    {"update_id": st.integers()},
    optional={
        "message": _SAID,
        "edited_message": _SAID,
        "callback_query": st.fixed_dictionaries(
            {"id": _WORDS, "from": _PEOPLE}, optional={"data": _WORDS, "message": _SAID}
        ),
    },
).map(_written)
_EVENT = _of(
    "type", "subtype", "ts", "thread_ts", "channel", "user", "text", "files", "blocks", "bot_id",
    "message", "previous_message", "deleted_ts", "username",
)  # fmt: skip
EVENTS = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={"event": _EVENT | _JSON, "type": _WORDS, "event_id": _WORDS, "team_id": _WORDS},
    ).map(_written),
    st.binary(max_size=200),
)
_FILE = _of("filename", "content_type", "content")
_FILES = st.lists(_FILE | _JSON, max_size=3) | _JSON
CHATS = st.one_of(
    _of("id", "visitor", "name", "email", "text", "language", "page", "files").map(_written),
    st.fixed_dictionaries(
        {"id": _WORDS, "visitor": _WORDS, "text": _WORDS}, optional={"files": _FILES}
    ).map(_written),
    st.binary(max_size=200),
)
_WHO = _of("id", "name", "verified")
_NAMES = (
    "id", "from", "conversation", "text", "subject", "language", "sent_at", "in_reply_to",
    "fields", "dispatch",
)  # fmt: skip
_KINDS = st.sampled_from(
    [
        *("message.created", "message.edited", "message.deleted"),
        *("message.delivered", "message.read", "message.failed"),
    ]
)
HOOKS = st.one_of(
    st.fixed_dictionaries(
        {"type": _KINDS},
        optional={
            "data": st.fixed_dictionaries(
                {"id": _WORDS, "from": _WHO | _JSON},
                optional={"attachments": _FILES, **dict.fromkeys(_NAMES[2:], _WORDS | _JSON)},
            )
            | _of(*_NAMES)
            | _JSON
        },
    ).map(_written),
    _JSON.map(_written),
    st.binary(max_size=200),
)
