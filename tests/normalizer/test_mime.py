"""Are the parts of a mail found, however it was put together?"""

import time
import tracemalloc

import pytest

from normalizer.bodies import Contents, contents
from normalizer.limits import DEPTH, PARTS
from normalizer.mime import parse

MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"
PNG = b"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"


def read(raw: bytes) -> Contents:
    return contents(parse(raw))


def texts(raw: bytes) -> list[str]:
    return [(body.plain or body.html).strip() for body in read(raw).bodies]


def types(raw: bytes) -> list[str]:
    return [part.content.value for part in parse(raw).parts]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"A: b\n\nHei", ["text/plain"], id="no type at all"),
        pytest.param(b"Content-Type: text\n\nHei", ["text/plain"], id="half a type"),
        pytest.param(b"Content-Type: html\n\nHei", ["text/html"], id="the other half"),
        pytest.param(MIXED + b"--b\n\nHei\n--b--", ["multipart/mixed", "text/plain"], id="one"),
        pytest.param(MIXED + b"--b\n\nHei\n", ["multipart/mixed", "text/plain"], id="not closed"),
        pytest.param(
            MIXED + b"preamble\n--b\n\nHei\n--b--\nepilogue",
            ["multipart/mixed", "text/plain"],
            id="words around the parts",
        ),
        pytest.param(
            MIXED + b"--bb\n\nno\n--b\n\nHei",
            ["multipart/mixed", "text/plain"],
            id="a boundary that only begins alike",
        ),
        pytest.param(
            MIXED + b"--b \t\r\n\r\nHei\r\n--b--",
            ["multipart/mixed", "text/plain"],
            id="blanks behind the boundary",
        ),
        pytest.param(MIXED + b"no boundary anywhere", ["text/plain"], id="no parts"),
        pytest.param(
            b"Content-Type: multipart/mixed\n\n--x\nContent-Type: text/html\n\nHei\n--x--",
            ["multipart/mixed", "text/html"],
            id="boundary not declared",
        ),
        pytest.param(
            b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\n\nHei\n--b--",
            ["multipart/digest", "message/rfc822"],
            id="digest",
        ),
        pytest.param(
            MIXED + b"--b--\n--b\n\nHei\n--b--",
            ["multipart/mixed", "text/plain"],
            id="closed too early",
        ),
    ],
)
def test_parts(raw: bytes, expected: list[str]) -> None:
    assert types(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(MIXED + b"--b\n\none\n--b\n\ntwo\n--b--", ["one", "two"], id="two texts"),
        pytest.param(
            b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n"
            b"--b\nContent-Type: text/html\n\n<p>html\n--b--",
            ["plain"],
            id="one text in two forms",
        ),
        pytest.param(
            MIXED + b"--b\nContent-Type: text/html\n\n<p>only\n--b--", ["<p>only"], id="html"
        ),
        pytest.param(MIXED + PNG + b"--b\n\nbehind\n--b--", ["behind"], id="text behind a picture"),
        pytest.param(
            MIXED + b"--b\n\nPrinter: HP\nFloor: 2\n\nBroken.\n--b--",
            ["Printer: HP\nFloor: 2\n\nBroken."],
            id="words that look like fields, in a part without fields",
        ),
        pytest.param(
            MIXED + b"--b\nPrinter: HP\nFloor: 2\n\nBroken.\n--b--",
            ["Printer: HP\nFloor: 2\n\nBroken."],
            id="words that look like fields, right below the boundary",
        ),
        pytest.param(
            MIXED + b"--b\n\nContent-Type: text/html\n\n<p>Hei\n--b--",
            ["<p>Hei"],
            id="a blank line before the fields of a part",
        ),
        pytest.param(
            b"Content-Type: multipart/related; boundary=b\n\n--b\n"
            b"Content-Type: multipart/alternative;"
            b" boundary=c\n\n--c\n\nplain\n--c\nContent-Type: text/html\n\nhtml\n--c--\n" + PNG,
            ["plain"],
            id="nested",
        ),
        pytest.param(
            b"Content-Transfer-Encoding: base64\n\nSGVpIGTDpQ==\n", ["Hei då"], id="base64"
        ),
        pytest.param(
            b"Content-Transfer-Encoding: BASE64 \n\nthis is no base64, is it?\n",
            ["this is no base64, is it?"],
            id="plain text under a wrong label",
        ),
        pytest.param(
            b"Content-Transfer-Encoding: base64\n\nSGVp\n\n____\nA footer of the list.\n",
            ["Hei\n____\nA footer of the list."],
            id="a footer behind the base64",
        ),
        pytest.param(
            b"Content-Transfer-Encoding: quoted-printable\n\na=C3=A6=\nb\n", ["aæb"], id="qp"
        ),
        pytest.param(b"Content-Transfer-Encoding: x-odd\n\nHei\n", ["Hei"], id="unknown encoding"),
        pytest.param(
            b"Content-Type: text/html\n\n<meta charset=iso-8859-1>\xe6",
            ["<meta charset=iso-8859-1>æ"],
            id="charset in the page",
        ),
    ],
)
def test_texts(raw: bytes, expected: list[str]) -> None:
    assert texts(raw) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param("Content-Disposition: attachment; filename=a.txt", "a.txt", id="disposition"),
        pytest.param("Content-Type: text/plain; name=a.txt", "a.txt", id="name of the type"),
        pytest.param("Content-Type: image/png", "attachment-1.png", id="none"),
        pytest.param("Content-Type: application/odd", "attachment-1.bin", id="none, odd type"),
        pytest.param(
            "Content-Type: a/b; name*=utf-8''%C3%A6.txt\nContent-Disposition: attachment; "
            'filename="??.txt"',
            "æ.txt",
            id="the name that was not spoilt",
        ),
    ],
)
def test_file_names(fields: str, expected: str) -> None:
    found = read(MIXED + f"--b\n{fields}\n\ndata\n--b--".encode())
    assert [attachment.filename for attachment in found.attachments] == [expected]


def test_an_attachment_has_its_bytes_and_their_hash() -> None:
    (picture,) = read(MIXED + PNG + b"--b--").attachments
    assert picture.content == b"\x89PNG\r\n\x1a\n"
    assert (picture.size, picture.sha256[:8], picture.inline) == (8, "4c4b6a3b", False)


@pytest.mark.parametrize(
    ("fields", "inline"),
    [
        pytest.param("Content-Disposition: inline; filename=a.png", True, id="said so"),
        pytest.param("Content-ID: <a@b.example>", True, id="referred to by the page"),
        pytest.param("Content-Disposition: attachment\nContent-ID: <a>", False, id="said not"),
        pytest.param("X-Y: z", False, id="nothing said"),
    ],
)
def test_inline(fields: str, inline: bool) -> None:
    found = read(MIXED + f"--b\nContent-Type: image/png\n{fields}\n\nx\n--b--".encode())
    assert [attachment.inline for attachment in found.attachments] == [inline]


def test_a_mail_inside_a_mail_is_a_file_named_by_its_subject() -> None:
    inner = b"--b\nContent-Type: message/rfc822\n\nSubject: =?utf-8?Q?K=C3=A5re?=\n\nHei\n--b--"
    (attached,) = read(MIXED + inner).attachments
    assert (attached.filename, attached.content_type) == ("Kåre.eml", "message/rfc822")


def test_uuencoded_files_are_taken_out_of_the_text() -> None:
    found = read(b"A: b\n\nbefore\nbegin 644 x.txt\n#2&5I\n`\nend\nafter\n")
    assert [(a.filename, a.content) for a in found.attachments] == [("x.txt", b"Hei")]
    assert found.bodies[0].plain == "before\nafter\n"


def test_begin_without_an_end_is_only_text() -> None:
    assert texts(b"A: b\n\nbegin 644 x.txt\nnever ends") == ["begin 644 x.txt\nnever ends"]


def test_too_many_parts_are_not_read_and_it_is_said() -> None:
    tree = parse(MIXED + b"--b\n\nx\n" * (PARTS + 500))
    assert len(tree.parts) == PARTS
    assert tree.over_limit == "more than 1000 parts"


def test_too_deep_nesting_is_not_followed_and_it_is_said() -> None:
    raw = b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (i, i + 1) for i in range(2_000)
    )
    tree = parse(b"Content-Type: multipart/mixed; boundary=b0\n\n" + raw)
    assert tree.over_limit == f"parts nested deeper than {DEPTH}"
    assert len(tree.parts) <= DEPTH + 2


@pytest.mark.parametrize(
    "lines", [b"--b\n", b"--b--\n", b"--" + b" " * 500 + b"x\n"], ids=["next", "last", "blanks"]
)
def test_a_million_boundaries_cost_little(lines: bytes) -> None:
    head = MIXED if b"b" in lines else b"Content-Type: multipart/mixed\n\n"
    raw = head + lines * (2_000_000 // len(lines))
    tracemalloc.start()
    began = time.process_time()
    parse(raw)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.process_time() - began < 10
    assert most < 20_000_000


def test_the_fields_of_many_parts_cost_little_memory() -> None:
    fields = b"".join(b"%x:\n" % number for number in range(5_000))
    raw = MIXED + (b"--b\nContent-Type: text/plain\n" + fields + b"\nHei\n") * 50
    tracemalloc.start()
    tree = parse(raw)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(tree.parts) == 51
    assert most < 10_000_000
