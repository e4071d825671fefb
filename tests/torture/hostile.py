"""Messages made to hurt: each with a number that says how much of it there is."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inquiry.journey import FORM, MAIL, TELEGRAM

SENDER = b"From: kari@fjell.example\r\nSubject: Hei\r\n"
TEXT = SENDER + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
PAGE = SENDER + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
MIXED = SENDER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bomb:
    """How to build one, and how many times over it is meant."""

    build: Callable[[int], bytes]
    count: int
    media_type: str = MAIL


def _encoded(encoding: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    return (
        SENDER + f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    )


def _file(kind: str, name: str, content: bytes) -> bytes:
    head = (
        f'--b\r\nContent-Type: {kind}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(content) + b"\r\n"


def _nested(n: int, kind: bytes) -> bytes:
    heads = (b'Content-Type: multipart/%b; boundary="b%d"\r\n\r\n--b%d\r\n' % (kind, i, i)
             for i in range(n))  # fmt: skip
    return SENDER + b"".join(heads) + b"\r\nHei"


def _tnef(n: int) -> bytes:
    attributes = b"".join(b"\x02" + bytes([i % 256] * 8) + b"\xff\xff\xff\x7f" for i in range(n))
    return MIXED + _file("application/ms-tnef", "winmail.dat", b"\x78\x9f\x3e\x22" + attributes)


def _zip(n: int) -> bytes:
    entry = b"PK\x03\x04\x14\0\0\0\x08\0" + b"\0" * 8 + b"\xff\xff\xff\xff" * 2 + b"\x05\0\0\0a.zip"
    return MIXED + _file("application/zip", "all.zip", entry * n) + b"--b--\r\n"


def _wrote(n: int) -> bytes:
    line = "On Mon, 12 Oct 2026 at 09:00, Ola <ola@nordlys.example> wrote"
    return TEXT + f"{line}\r\n\r\n".encode() * n


def _words(n: int, charset: bytes, word: bytes) -> bytes:
    return b"Subject: " + b"=?%b?b?%b?= " % (charset, word) * n + b"\r\n" + SENDER + b"\r\nHei"


def _tables(n: int) -> bytes:
    return PAGE + b"<table>" + b"<tr><td>a<td>b<td><a href=https://x.example/>c</a>" * n


def _many_parts(n: int, head: Callable[[int], bytes]) -> bytes:
    """Build parts of which each has fields of its own, so that none is known from another."""
    parts = (b"--b\r\n%b\r\n\r\nHei\r\n" % head(i) for i in range(n))
    return MIXED + b"".join(parts)


def _fields(n: int) -> bytes:
    return b"".join(b"%x:\n" % (i + 4096) for i in range(n))


def _open_formats(n: int) -> bytes:
    return PAGE + b"<p>" + b"".join(b"<b id=%d>" % i for i in range(n))


BOMBS: Mapping[str, Bomb] = {
    # parts
    "10 000 parts": Bomb(lambda n: MIXED + b"--b\r\n\r\nHei\r\n" * n, 10_000),
    "100 000 parts": Bomb(lambda n: MIXED + b"--b\r\n\r\nHei\r\n" * n, 100_000),
    "100 000 files": Bomb(
        lambda n: MIXED + b"--b\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n" * n, 100_000
    ),
    "parts 1 500 deep": Bomb(lambda n: _nested(n, b"mixed"), 1_500),
    "alternatives 1 500 deep": Bomb(lambda n: _nested(n, b"alternative"), 1_500),
    "mails in mails": Bomb(
        lambda n: SENDER + b"Content-Type: message/rfc822\r\n\r\n" * n, 100_000
    ),
    "a digest of 50 000": Bomb(
        lambda n: MIXED.replace(b"mixed", b"digest") + b"--b\r\n\r\nSubject: a\r\n\r\nHei\r\n" * n,
        50_000,
    ),
    "boundaries that almost match": Bomb(lambda n: MIXED + b"--bb\r\n" * n, 1_000_000),
    "reports of 50 000 recipients": Bomb(
        lambda n: SENDER
        + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        + b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n" * n,
        50_000,
    ),
    "boundaries and nothing else": Bomb(lambda n: MIXED + b"--b\n" * n, 5_000_000),
    "last boundaries": Bomb(lambda n: MIXED + b"--b--\n" * n, 4_000_000),
    "boundaries of blanks": Bomb(
        lambda n: SENDER
        + b"Content-Type: multipart/mixed\r\n\r\n" + (b"--" + b" " * 9_000 + b"x\r\n") * n,
        1_000,
    ),
    "commas in Content-Type": Bomb(
        lambda n: _many_parts(n, lambda i: b"Content-Type: text/plain;%d" % i + b"," * 16_000), 900
    ),
    "one long name in Content-Type": Bomb(
        lambda n: _many_parts(n, lambda i: b"Content-Type: text/plain;%d" % i + b"a" * 16_000), 900
    ),
    "encoded words in file names": Bomb(
        lambda n: _many_parts(
            n, lambda i: b'Content-Disposition: attachment; filename="%d' % i + b"=?a?q?" * 2_600
        ),
        900,
    ),
    "20 000 fields in each part": Bomb(
        lambda n: MIXED + (b"--b\r\n" + _fields(20_000) + b"\r\nHei\r\n") * n, 200
    ),
    "20 000 fields for each recipient": Bomb(
        lambda n: SENDER
        + b"Content-Type: multipart/report; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        + (_fields(20_000) + b"\r\n") * n,
        200,
    ),
    "25 long texts with an emoji": Bomb(
        lambda n: MIXED
        + (
            b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xf0\x9f\x98\x80"
            + b"Hei du. " * 240_000 + b"\r\n"
        ) * n,
        25,
    ),
    "25 long pages": Bomb(
        lambda n: MIXED
        + (b"--b\r\nContent-Type: text/html\r\n\r\n" + b"<p>Hei" * 240_000 + b"\r\n") * n,
        25,
    ),
    "quotes beside a page": Bomb(
        lambda n: MIXED
        + b"--b\r\nContent-Type: text/html\r\n\r\na\r\n"
        + b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xf0\x9f\x98\x80" + b'"' * n,
        1_900_000,
    ),
    # headers
    "20 000 encoded words": Bomb(lambda n: _words(n, b"utf-8", b"w6Y="), 20_000),
    "a Subject of 280 KB": Bomb(lambda n: _words(n, b"utf-8", b"w6bDuMOl"), 12_200),
    "encoded words of nothing": Bomb(lambda n: b"Subject: " + b"=?" * n + b"\r\n" + TEXT, 100_000),
    "20 000 addresses": Bomb(
        lambda n: b"To: " + b"a@b.example, " * n + b"\r\n" + TEXT + b"Hei", 20_000
    ),
    "10 000 nested comments": Bomb(
        lambda n: b"To: " + b"(" * n + b"a@b.example\r\n" + TEXT + b"Hei", 10_000
    ),
    "names without an end": Bomb(lambda n: b'To: "' + b'\\"' * n + b"\r\n" + TEXT, 200_000),
    "3 000 RFC 2231 pieces": Bomb(
        lambda n: SENDER
        + b"Content-Disposition: attachment"
        + b"".join(b";\r\n filename*%d*=utf-8''%%c3%%a6" % i for i in range(n))
        + b"\r\n\r\nHei",
        3_000,
    ),
    "a million header lines": Bomb(lambda n: SENDER + b"X: y\r\n" * n + b"\r\nHei", 1_000_000),
    "one header folded for ever": Bomb(
        lambda n: SENDER + b"X: y\r\n" + b" \tz\r\n" * n + b"\r\nHei", 1_000_000
    ),
    "References without an end": Bomb(
        lambda n: SENDER + b"References: " + b"<a@b> " * n + b"\r\n\r\nHei", 100_000
    ),
    "Received 20 000 times": Bomb(
        lambda n: b"Received: from a by b; Mon, 5 Jan 2026 10:00:00 +0100\r\n" * n + TEXT, 20_000
    ),
    # HTML
    "50 000 nested div": Bomb(lambda n: PAGE + b"<div>" * n + b"Hei", 50_000),
    "50 000 nested quotes": Bomb(lambda n: PAGE + b"<blockquote>" * n + b"Hei", 50_000),
    "50 000 nested font": Bomb(lambda n: PAGE + b"<font color=red><b><i>" * n + b"Hei", 50_000),
    "nested p and font": Bomb(lambda n: PAGE + b"<p><font size=1>x" * n, 20_000),
    "a huge table": Bomb(_tables, 60_000),
    "tables in tables": Bomb(lambda n: PAGE + b"<table><tr><td>" * n + b"Hei", 50_000),
    "open tags without an end": Bomb(lambda n: PAGE + b"<a href='" * n, 400_000),
    "comments without an end": Bomb(lambda n: PAGE + b"<!--" * n, 1_000_000),
    "entities": Bomb(lambda n: PAGE + b"&amp;&#x1F600;&nosuch" * n, 150_000),
    "attributes": Bomb(
        lambda n: PAGE + b"<div " + b"".join(b"a%d=1 " % i for i in range(n)) + b">Hei</div>",
        200_000,
    ),
    "styles": Bomb(lambda n: PAGE + b'<p style="' + b"color:red;" * n + b'">Hei</p>', 300_000),
    "10 MB of HTML": Bomb(lambda n: PAGE + b"<p>Hei <b>du</b></p>\r\n" * n, 480_000),
    "links in links": Bomb(
        lambda n: PAGE + b"<a href=https://x.example/abcdef><b>link" * n, 20_000
    ),
    "formats left open": Bomb(lambda n: _open_formats(900) + b"<p>x" * n, 140_000),
    "depth hidden by wrong ends": Bomb(
        lambda n: PAGE + b"<sub><option></span></object>" * n, 35_000
    ),
    "attributes in every element": Bomb(
        lambda n: PAGE
        + (b"<p " + b" ".join(b"%x" % i for i in range(1_800)) + b">x") * n, 300
    ),
    "ampersands": Bomb(lambda n: PAGE + b"&" * n, 3_900_000),
    "preformatted line ends": Bomb(lambda n: PAGE + b"<pre>" + b"\n" * n, 1_900_000),
    "a letter of a million digits": Bomb(
        lambda n: PAGE + b"<div>" * 3_000 + b"&#" + b"1" * n + b";", 1_000_000
    ),
    # encodings
    "base64 of nothing": Bomb(lambda n: _encoded("base64") + b"=\r\n" * n, 5_000_000),
    "base64 in crumbs": Bomb(lambda n: _encoded("base64") + b"QQ==" * n, 3_000_000),
    "base64 of noise": Bomb(lambda n: _encoded("base64") + b"!QUFB\r\n" * n, 2_000_000),
    "uuencode": Bomb(lambda n: TEXT + b"begin 644 x\r\n" * n, 200_000),
    "uuencoded files": Bomb(
        lambda n: TEXT + b"begin 644 x\r\n#0V%T\r\n`\r\nend\r\n" * n, 100_000
    ),
    "quoted-printable": Bomb(lambda n: _encoded("quoted-printable") + b"=41" * n, 5_000_000),
    "soft line breaks": Bomb(lambda n: _encoded("quoted-printable") + b"=\r\n" * n, 5_000_000),
    "base64 lines, then none": Bomb(
        lambda n: _encoded("base64") + b"AAAA\n" * n + b"!", 10_000_000
    ),
    "uuencoded file with a name of blanks": Bomb(
        lambda n: _encoded("x-uuencode") + b"begin 644" + b" " * n, 20_000_000
    ),
    "uuencoded lines of one byte": Bomb(
        lambda n: _encoded("x-uuencode") + b"begin 644 x\n" + b"!00\n" * n, 5_000_000
    ),
    "uuencoded files in every part": Bomb(
        lambda n: MIXED
        + (b"--b\r\n\r\n" + b"begin 644 x\n#0V%T\n`\nend\n" * 1_000 + b"\r\n") * n,
        900,
    ),
    "one flowed paragraph": Bomb(
        lambda n: SENDER
        + b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n\r\n"
        + b"\xf0\x9f\x98\x80 \n" * n,
        660_000,
    ),
    "enriched text": Bomb(
        lambda n: TEXT.replace(b"plain", b"enriched") + b"<excerpt><<\n\n" * n, 300_000
    ),
    "format=flowed": Bomb(
        lambda n: SENDER + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> a \r\n" * n,
        500_000,
    ),
    "TNEF garbage": Bomb(_tnef, 500_000),
    "a zip of zips": Bomb(_zip, 200_000),
    # charsets
    "UTF-7 shifts": Bomb(
        lambda n: TEXT.replace(b"utf-8", b"utf-7") + b"+AOY-" * n, 1_000_000
    ),
    "HZ and ISO-2022 escapes": Bomb(
        lambda n: TEXT.replace(b"utf-8", b"iso-2022-jp") + b"\x1b$B$\"\x1b(B" * n, 500_000
    ),
    "a charset of its own per word": Bomb(
        lambda n: b"Subject: "
        + b"".join(b"=?x-%d?q?a?= " % i for i in range(n)) + b"\r\n" + TEXT,
        20_000,
    ),
    "UTF-16 in halves": Bomb(
        lambda n: TEXT.replace(b"utf-8", b"utf-16") + b"\xd8\x00\x0a" * n, 1_000_000
    ),
    "combining marks": Bomb(lambda n: TEXT + b"e" + b"\xcc\x81\xcc\xa3" * n, 500_000),
    "one letter becomes 18": Bomb(lambda n: TEXT + "\ufdfa".encode() * n, 500_000),
    "bytes above 127 without a label": Bomb(
        lambda n: SENDER + b"\r\n" + b"\xe6\xf8\n" * n, 700_000
    ),
    "combining marks in a form": Bomb(
        lambda n: b'{"text":"e' + b"\xcc\x81\xcc\xa3" * n + b'"}', 500_000, FORM
    ),
    "combining marks in an update": Bomb(
        lambda n: b'{"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":"e'
        + b"\xcc\x81\xcc\xa3" * n + b'"}}', 500_000, TELEGRAM
    ),
    "combining marks in HTML": Bomb(lambda n: PAGE + b"e" + b"&#x301;&#x323;" * n, 250_000),
    # lines
    "100 MB of text": Bomb(
        lambda n: TEXT + b"Skriveren virker ikke, og det haster litt.\r\n" * n, 2_400_000
    ),
    "100 MB in one line": Bomb(lambda n: TEXT + b"x" * n, 100 * MIB),
    "a 100 MB file": Bomb(
        lambda n: MIXED + _file("video/mp4", "film.mp4", b"\x81\x02\x03" * (n // 3)), 73 * MIB
    ),
    "31 MB of line ends": Bomb(lambda n: TEXT + b"\r\n" * n, 31 * MIB // 2),
    "100 KB of >": Bomb(lambda n: TEXT + b">" * n + b"\r\nwrote:\r\n", 100 * 1024),
    "100 KB of blanks": Bomb(lambda n: TEXT + b" " * n + b":\r\n" + b" " * n + b"x", 100 * 1024),
    "lines of blanks": Bomb(lambda n: TEXT + (b" \t" * 900 + b"x\r\n") * n, 8_000),
    "lines of >": Bomb(lambda n: TEXT + (b"> " * 900 + b"\r\n") * n, 8_000),
    "a million lines of >": Bomb(lambda n: TEXT + b">\r\n" * n, 1_000_000),
    "On ... wrote, 8 000 times": Bomb(_wrote, 8_000),
    "On On On ... wrote": Bomb(lambda n: TEXT + b"On " * n + b"wrote:\r\n> a", 100_000),
    "rules": Bomb(lambda n: TEXT + (b"_" * 1000 + b" " + b"-" * 900 + b"\r\n") * n, 8_000),
    "From: Sent: To: for ever": Bomb(
        lambda n: TEXT + b"From: a\r\nSent: b\r\nTo: c\r\n\r\n" * n, 8_000
    ),
    "half an address": Bomb(lambda n: TEXT + b"<a@" * n + b"\r\n" + b"a@" * n, 100_000),
    "digits and dots": Bomb(lambda n: TEXT + b"1.2.3:" * n + b"\r\n", 300_000),
    "an answer between 4 000 quotes": Bomb(lambda n: TEXT + b"> a\r\nb\r\n" * n, 4_000),
    "best regards, 8 000 times": Bomb(lambda n: TEXT + b"Best regards\r\nOla\r\n\r\n" * n, 8_000),
    # others
    "bytes that are no mail": Bomb(lambda n: bytes(range(256)) * n, 40_000),
    "JSON nested too deeply": Bomb(lambda n: b'{"text":' + b"[" * n, 1_000_000, FORM),
    "a form of 20 MB": Bomb(lambda n: b'{"text":"' + b"Hei. " * n + b'"}', 4_000_000, FORM),
    "a form of 200 000 fields": Bomb(
        lambda n: b"{" + b",".join(b'"f%d":"x"' % i for i in range(n)) + b"}", 200_000, FORM
    ),
    "an update of 20 MB": Bomb(
        lambda n: b'{"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":"'
        + b"Hei. " * n + b'"}}', 4_000_000, TELEGRAM
    ),
    "100 000 Telegram entities": Bomb(
        lambda n: b'{"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":"a",'
        + b'"entities":[' + b",".join([b'{"type":"bold","offset":0,"length":1}'] * n) + b"]}}",
        100_000,
        TELEGRAM,
    ),
    "a page alone": Bomb(lambda n: b"<ul><li>a" * n, 100_000, "text/html"),
    "a text alone": Bomb(lambda n: b"> a\r\n" * n, 2_000_000, "text/plain"),
}  # fmt: skip
