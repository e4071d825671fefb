"""Who wrote a mail, and how far is that believed?"""

import pytest

from inquiry.journey import Envelope
from inquiry.understood import Party
from inquiry.words import Trust
from normalizer.authentication import trusted_results
from normalizer.headers import read_headers
from normalizer.identity import sender_of, vouched

HOSTS = frozenset({"mx.nordlys.example"})
KARI = "From: Kari <kari@fjell.example>\n"
PASSED = "dmarc=pass header.from=fjell.example"


def trust(raw: str, envelope: Envelope | None = None) -> Trust:
    headers, _ = read_headers(raw.encode(), 0, len(raw.encode()))
    return vouched(sender_of(headers), trusted_results(headers, HOSTS), envelope or Envelope())


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(KARI, Trust.CLAIMED, id="a claim"),
        pytest.param("", Trust.UNVERIFIED, id="nobody"),
        pytest.param(KARI + KARI, Trust.UNVERIFIED, id="two of them"),
        pytest.param("From: a@b.example, c@d.example\n", Trust.UNVERIFIED, id="two in one"),
        pytest.param("From: a@b.example <c@d.example>\n", Trust.UNVERIFIED, id="contradictory"),
        pytest.param("From: Kari\n", Trust.UNVERIFIED, id="no address"),
        pytest.param(
            KARI + f"Authentication-Results: mx.nordlys.example; {PASSED}\n",
            Trust.VERIFIED,
            id="checked by a host we trust",
        ),
        pytest.param(
            KARI + f"Authentication-Results: MX.nordlys.example 1; spf=pass; {PASSED} (p=reject)\n",
            Trust.VERIFIED,
            id="with a version and a comment",
        ),
        pytest.param(
            "From: Kari <kari@fjæra.example>\nAuthentication-Results: mx.nordlys.example;"
            " dmarc=pass header.from=xn--fjra-woa.example\n",
            Trust.VERIFIED,
            id="a domain with letters of ours",
        ),
        pytest.param(
            "From: Kari <kari@straße.example>\nAuthentication-Results: mx.nordlys.example;"
            " dmarc=pass header.from=strasse.example\n",
            Trust.CLAIMED,
            id="a domain that may be another",
        ),
        pytest.param(
            KARI + f"Authentication-Results: mx.ond.example; {PASSED}\n",
            Trust.CLAIMED,
            id="checked by somebody",
        ),
        pytest.param(
            KARI
            + "Authentication-Results: mx.nordlys.example; dmarc=fail header.from=fjell.example\n",
            Trust.UNVERIFIED,
            id="failed",
        ),
        pytest.param(
            KARI
            + "Authentication-Results: mx.nordlys.example; dmarc=pass header.from=ond.example\n",
            Trust.CLAIMED,
            id="passed for another domain",
        ),
        pytest.param(
            KARI
            + "Authentication-Results: mx.nordlys.example; dmarc=fail header.from=ond.example\n",
            Trust.CLAIMED,
            id="failed for another domain",
        ),
        pytest.param(
            KARI + "Authentication-Results: mx.nordlys.example; spf=pass\n",
            Trust.CLAIMED,
            id="only SPF",
        ),
        pytest.param(KARI + "Authentication-Results: \n", Trust.CLAIMED, id="an empty result"),
    ],
)
def test_trust(raw: str, expected: Trust) -> None:
    assert trust(raw) is expected


def test_who_signed_in_to_send_is_who_he_says() -> None:
    assert trust(KARI, Envelope(authenticated_as="Kari@fjell.example")) is Trust.VERIFIED
    assert trust(KARI, Envelope(authenticated_as="per@fjell.example")) is Trust.CLAIMED


def test_a_sender_without_doubt_is_needed_for_any_trust() -> None:
    raw = KARI + KARI + f"Authentication-Results: mx.nordlys.example; {PASSED}\n"
    assert trust(raw) is Trust.UNVERIFIED


def test_the_sender_is_delivered_even_where_it_is_doubtful() -> None:
    headers, _ = read_headers(b"From: , Kari <kari@fjell.example\n", 0, 100)
    assert sender_of(headers).party == Party("kari@fjell.example", "Kari")


def test_reply_to_is_no_identity() -> None:
    raw = b"Reply-To: kari@fjell.example\nSender: kari@fjell.example\n"
    headers, _ = read_headers(raw, 0, len(raw))
    assert sender_of(headers).party is None
