"""Who is named in an address field, and when is that doubtful?"""

import time

import pytest

from normalizer.addresses import read_addresses


def read(raw: str) -> list[tuple[str, str, bool]]:
    boxes = read_addresses(raw.encode())
    return [(box.party.address, box.party.name, box.doubtful) for box in boxes]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("a@b.example", [("a@b.example", "", False)], id="bare"),
        pytest.param("Ola <a@b.example>", [("a@b.example", "Ola", False)], id="with a name"),
        pytest.param('"Berg, K" <a@b.example>', [("a@b.example", "Berg, K", False)], id="quoted"),
        pytest.param("a@b.example (Ola)", [("a@b.example", "Ola", False)], id="a comment"),
        pytest.param("<a@b.example>", [("a@b.example", "", False)], id="angles only"),
        pytest.param(
            "=?utf-8?Q?K=C3=A5re=2C_B?= <a@b.example>",
            [("a@b.example", "Kåre, B", False)],
            id="an encoded comma separates nothing",
        ),
        pytest.param(
            "=?utf-8?q?Eve=0D=0ABcc:_v=40x.example?= <e@b.example>",
            [("e@b.example", "Eve Bcc: v@x.example", False)],
            id="an encoded line end begins no field",
        ),
        pytest.param(
            "=?utf-8?q?Eve=0D=0ABcc:_v@x.example?= <e@b.example>",
            [("e@b.example", "Eve Bcc: v@x.example", True)],
            id="another address that an encoded word may not hold",
        ),
        pytest.param(
            "Dr =?utf-8?q?A:_B;_C,_=C3=86?= <e@b.example>",
            [("e@b.example", "Dr A: B; C, Æ", False)],
            id="marks that an encoded word may not hold",
        ),
        pytest.param(
            "a@b.example, Ola <c@d.example>",
            [("a@b.example", "", False), ("c@d.example", "Ola", False)],
            id="two",
        ),
        pytest.param(
            "Team: a@b.example, c@d.example;",
            [("a@b.example", "", True), ("c@d.example", "", False)],
            id="a group",
        ),
        pytest.param("undisclosed-recipients:;", [], id="an empty group"),
        pytest.param("", [], id="nothing"),
        pytest.param(
            "a@x.example <b@y.example>",
            [("b@y.example", "a@x.example", True)],
            id="two addresses in one",
        ),
        pytest.param(
            '"a@x.example" <b@y.example>',
            [("b@y.example", "a@x.example", False)],
            id="an address as a quoted name is allowed",
        ),
        pytest.param(
            "a@b.example <a@b.example>",
            [("a@b.example", "a@b.example", False)],
            id="the same address as name",
        ),
        pytest.param(
            "Berg, Kari <k@b.example>",
            [("k@b.example", "Berg, Kari", True)],
            id="an unquoted comma in a name",
        ),
        pytest.param("Ola <a@b.example", [("a@b.example", "Ola", True)], id="not closed"),
        pytest.param('"Ola <a@b.example>', [("a@b.example", "Ola", True)], id="quote not closed"),
        pytest.param("Ola", [("Ola", "", True)], id="no address"),
        pytest.param("<mailto:a@b.example>", [("a@b.example", "", True)], id="mailto"),
        pytest.param("<@relay:a@b.example>", [("a@b.example", "", True)], id="a route"),
        pytest.param("a@b.example.", [("a@b.example.", "", True)], id="a dot at the end"),
        pytest.param(
            "=?utf-8?Q?a=40b.example?=", [("a@b.example", "", True)], id="an encoded address"
        ),
        pytest.param(",a@b.example", [("a@b.example", "", True)], id="a comma too many"),
        pytest.param("a@b.example;", [("a@b.example", "", True)], id="a semicolon too many"),
        pytest.param("Ola, a@b.example", [("a@b.example", "", True)], id="a lonely name before"),
        pytest.param("Bank: a@b.example", [("a@b.example", "", True)], id="half a group"),
        pytest.param("å@bø.example", [("å@bø.example", "", False)], id="letters of ours"),
        pytest.param("a@[192.0.2.1]", [("a@[192.0.2.1]", "", False)], id="an address literal"),
        pytest.param("a@@b.example", [("a@@b.example", "", True)], id="two at signs"),
    ],
)
def test_mailboxes(raw: str, expected: list[tuple[str, str, bool]]) -> None:
    assert read(raw) == expected


def test_names_lose_their_tricks() -> None:
    assert read("\u202eBank\u200b\x07 <a@b.example>")[0][1] == "Bank"


def test_no_more_addresses_than_allowed() -> None:
    assert len(read_addresses(b"a@b.example, " * 2_000)) == 500


@pytest.mark.parametrize("hostile", ["(", '"', "<", ",", ":", "a ", "\\", "(a)(", ";", "<>"])
def test_hostile_fields_take_no_time(hostile: str) -> None:
    began = time.process_time()
    read_addresses((hostile * 16_000).encode())
    assert time.process_time() - began < 1


def test_no_control_character_gets_into_an_address() -> None:
    (box,) = read_addresses(b"\x00ann@harbour.example\x00")
    assert (box.party.address, box.doubtful) == ("ann@harbour.example", True)
