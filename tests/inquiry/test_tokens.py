"""Does only what we signed prove anything?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.journey import InquiryId
from inquiry.tokens import (
    KeyRing,
    message_id,
    new_nonce,
    plus_token,
    proven_inquiry,
    reply_token,
)

RING = KeyRing((b"new key", b"old key"))
STRANGER = KeyRing((b"another key",))
SEVEN = InquiryId(7)
NONCE = "abcdefghijklmnopqrstuvwxyz"
TOKEN = reply_token(RING, SEVEN, NONCE)


@pytest.mark.parametrize(
    ("keys", "inquiry"),
    [
        pytest.param([], None, id="nothing proves nothing"),
        pytest.param([TOKEN], SEVEN, id="a bare token"),
        pytest.param([f"<{TOKEN}@desk.example>"], SEVEN, id="our Message-ID"),
        pytest.param([f"<{TOKEN.upper()}@DESK.EXAMPLE>"], SEVEN, id="a relay shouted"),
        pytest.param(["<1@a.example>", f"<{TOKEN}@desk.example>"], SEVEN, id="among others"),
        pytest.param([reply_token(KeyRing((b"old key",)), SEVEN, NONCE)], SEVEN, id="older key"),
        pytest.param([reply_token(STRANGER, SEVEN, NONCE)], None, id="somebody else's key"),
        pytest.param([TOKEN.replace("7.", "8.", 1)], None, id="another inquiry's number"),
        pytest.param([TOKEN[:-1] + ("a" if TOKEN[-1] != "a" else "b")], None, id="a wrong MAC"),
        pytest.param(["[NL-2026-00007] 7.aaaa.bbbb"], None, id="a public number"),
    ],
)
def test_only_a_valid_token_proves(keys: list[str], inquiry: InquiryId | None) -> None:
    assert proven_inquiry(RING, keys) == inquiry


def test_the_same_nonce_makes_the_same_message_id() -> None:
    first = message_id(RING, SEVEN, NONCE, "desk.example")
    assert first == message_id(RING, SEVEN, NONCE, "desk.example")
    assert first.startswith("<7.")
    assert first.endswith("@desk.example>")


def test_no_two_nonces_are_alike() -> None:
    assert len({new_nonce() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("address", "token"),
    [
        pytest.param(f"help+{TOKEN}@desk.example", TOKEN, id="plus address"),
        pytest.param(f"HELP+{TOKEN.upper()}@DESK.EXAMPLE", TOKEN, id="shouted"),
        pytest.param("help@desk.example", "", id="no plus"),
        pytest.param("help+news@desk.example", "", id="somebody's own plus"),
    ],
)
def test_plus_token(address: str, token: str) -> None:
    assert plus_token(address) == token


def test_a_mac_is_for_one_purpose() -> None:
    assert RING.holds("link", "x", RING.mac("link", "x"))
    assert not RING.holds("reply", "x", RING.mac("link", "x"))


@given(st.text())
def test_no_text_proves_by_chance_and_none_raises(text: str) -> None:
    assert proven_inquiry(RING, [text]) is None
    assert not RING.holds("reply", "x", text)


def test_keys_are_not_shown() -> None:
    assert "key" not in repr(RING).replace("KeyRing", "").replace("keys", "")
