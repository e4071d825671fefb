"""Is what Outlook wrapped into winmail.dat there to read, and is a broken wrapping harmless?"""

import struct
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inquiry.journey import Envelope
from inquiry.understood import Known, Message
from normalizer.mail import understand_mail
from normalizer.tnef import FILES, Packed, Unpacked, unpack

HEAD = struct.pack("<IH", 0x223E9F78, 1)
MESSAGE, FILE = 1, 2
BEGIN = (FILE, 0x9002, b"\0" * 14)


def attribute(level: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, kind, 6, len(value)) + value + b"\0\0"


def wrapping(*attributes: tuple[int, int, bytes]) -> bytes:
    return HEAD + b"".join(attribute(*one) for one in attributes)


def padded(value: bytes) -> bytes:
    return struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)


def properties(*those: tuple[int, int, bytes]) -> bytes:
    made = struct.pack("<I", len(those))
    for type_, tag, value in those:
        made += struct.pack("<HH", type_, tag) + value
    return made


NAMED = b"\0" * 16 + struct.pack("<II", 1, 6) + b"a\0b\0\0\0" + b"\0\0"
WHOLE = wrapping(
    (MESSAGE, 0x9007, struct.pack("<II", 1250, 0)),
    (
        MESSAGE,
        0x9003,
        properties(
            (0x3, 0x26, struct.pack("<I", 1)),
            (0xB, 0x8001, NAMED + struct.pack("<I", 1)),
            (0x101F, 0x8002, NAMED + struct.pack("<I", 1) + padded(b"x\0")[4:]),
            (0x1E, 0x1000, padded("zażółć\0".encode("cp1250"))),
            (0x102, 0x1013, padded(b"<p>za\xbf\xf3\xb3\xe6</p>")),
        ),
    ),
    BEGIN,
    (FILE, 0x8010, b"RAPORT~1.PDF\0"),
    (FILE, 0x800F, b"%PDF"),
    (
        FILE,
        0x9005,
        properties(
            (0x1F, 0x3707, padded("raport ł.pdf\0".encode("utf-16-le"))),
            (0x1E, 0x370E, padded(b"Application/PDF\0")),
        ),
    ),
    BEGIN,
    (
        FILE,
        0x9005,
        properties(
            (0x1E, 0x3712, padded(b"picture@x\0")),
            (0xD, 0x3701, padded(b"\0" * 16 + b"inside")),
        ),
    ),
)
REPORT = Packed("raport ł.pdf", "application/pdf", "", b"%PDF")


def test_words_and_files_are_found() -> None:
    assert unpack(WHOLE) == Unpacked(
        text="zażółć",
        html="<p>zażółć</p>",
        files=[REPORT, Packed("", "", "picture@x", b"inside")],
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"PK\3\4 a zip file", id="something else"),
    ],
)
def test_what_is_no_wrapping_stays_a_file(data: bytes) -> None:
    assert unpack(data) is None


@pytest.mark.parametrize(
    ("data", "files"),
    [
        pytest.param(WHOLE[:-10], 2, id="cut off"),
        pytest.param(HEAD + b"\1", 0, id="cut in the first attribute"),
        pytest.param(wrapping(*[BEGIN] * (FILES + 5)), FILES, id="too many files"),
        pytest.param(
            wrapping((MESSAGE, 0x9003, properties((0x77, 0x1000, b"")))), 0, id="an unknown type"
        ),
        pytest.param(
            wrapping((MESSAGE, 0x9003, struct.pack("<I", 2**32 - 1))), 0, id="a count too high"
        ),
    ],
)
def test_a_broken_wrapping_gives_what_can_be_read(data: bytes, files: int) -> None:
    found = unpack(data)
    assert found
    assert (found.cut, len(found.files)) == (True, files)


@given(st.binary(max_size=400))
@example(WHOLE[6:])
def test_no_bytes_raise(data: bytes) -> None:
    unpack(data)
    assert unpack(HEAD + data) is not None


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_no_damage_raises(at: int, byte: int) -> None:
    unpack(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
    unpack(WHOLE[:at])


def mail(text: str, data: bytes) -> Message:
    made = EmailMessage()
    made["From"] = "jan@kunde.example"
    made.set_content(text)
    made.add_attachment(data, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    found = understand_mail(bytes(made), Envelope(), Known())
    assert isinstance(found, Message)
    return found


def test_a_mail_shows_the_files_and_keeps_the_wrapping() -> None:
    found = mail("Dzień dobry", WHOLE)
    names = [file.filename for file in found.attachments]
    assert names == ["winmail.dat", "raport ł.pdf", "attachment-3.bin"]
    assert found.text == "Dzień dobry"
    assert [file.size for file in found.attachments[1:]] == [4, 6]
    assert (found.attachments[2].content_id, found.attachments[2].inline) == ("picture@x", True)


def test_the_words_in_the_wrapping_count_where_there_are_no_others() -> None:
    assert mail(" ", WHOLE).text == "zażółć"


def test_a_damaged_wrapping_is_marked() -> None:
    found = mail("x", WHOLE[:-10])
    assert found.too_complex == "a winmail.dat that can be read only in part"
