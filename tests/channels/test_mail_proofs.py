"""What do SPF, DKIM and DMARC say of a mail that comes straight from its sender?"""

import time

import pytest

from channels.mail.dmarc import organization
from channels.mail.names import MOST_QUESTIONS, Names, Nameservers, Unanswered, parents
from channels.mail.proofs import look_at
from inquiry.journey import Envelope
from tests.channels.signing import public_key, signed, txt
from tests.servers.dns import FAILURE, Zone, dns_server
from tests.servers.ports import free_port

PEER, STRANGER = "192.0.2.7", "198.51.100.9"
PLAIN = b"From: Kari <kari@fjell.example>\r\nSubject: Hei\r\n\r\nHei  \r\n\r\n"
PASSED = {"dmarc": "pass", "dmarc.domain": "fjell.example", "dmarc.policy": "reject"}


def zone(dmarc: str = "v=DMARC1; p=reject") -> Zone:
    return {
        ("fjell.example", "TXT"): txt("v=spf1 include:post.example mx -all", "something else"),
        ("post.example", "TXT"): txt(f"v=spf1 ip4:{PEER} -all"),
        ("news.fjell.example", "TXT"): txt(f"v=spf1 ip4:{PEER} -all"),
        ("ond.example", "TXT"): txt(f"v=spf1 ip4:{STRANGER} -all"),
        ("fjell.example", "MX"): "10 mx.fjell.example.",
        ("mx.fjell.example", "A"): "192.0.2.8",
        ("mx.fjell.example", "TXT"): txt("v=spf1 a -all"),
        ("8.2.0.192.in-addr.arpa", "PTR"): "mx.fjell.example.",
        ("ptr.example", "TXT"): txt("v=spf1 ptr:fjell.example -all"),
        ("loop.example", "TXT"): txt("v=spf1 include:loop.example -all"),
        ("void.example", "TXT"): txt("v=spf1 a:1.example a:2.example a:3.example a:4.example ?all"),
        ("_dmarc.fjell.example", "TXT"): txt(dmarc),
        ("_dmarc.twice.example", "TXT"): txt("v=DMARC1; p=none", "v=DMARC1; p=reject"),
        ("s1._domainkey.fjell.example", "TXT"): public_key(),
        ("s1._domainkey.news.fjell.example", "TXT"): public_key(),
        ("s1._domainkey.ond.example", "TXT"): public_key(),
    }


def said(
    raw: bytes,
    *,
    mail_from: str | None = "kari@fjell.example",
    peer: str = PEER,
    helo: str = "mx.fjell.example",
    dmarc: str = "v=DMARC1; p=reject",
) -> dict[str, str]:
    with dns_server(zone(dmarc)) as nameservers:
        names = Names(time.monotonic() + 5, nameservers)
        return look_at(raw, Envelope(mail_from=mail_from, peer=peer, helo=helo), names)


def verdicts(found: dict[str, str]) -> tuple[str | None, str | None, str | None]:
    return found.get("spf"), found.get("dkim"), found.get("dmarc")


def test_a_signed_mail_from_its_own_server_passes_everything() -> None:
    assert said(signed(PLAIN)) == {
        **{"spf": "pass", "spf.domain": "fjell.example"},
        **{"dkim": "pass", "dkim.domain": "fjell.example"},
        **PASSED,
    }


CHANGED = signed(PLAIN).replace(b"Hei  ", b"Farvel")
FORGED = PLAIN.replace(b"Subject", b"X: y\r\nSubject")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(PLAIN, "none", id="unsigned"),
        pytest.param(signed(PLAIN), "pass", id="signed"),
        pytest.param(b"Received: by mx\r\n" + signed(PLAIN), "pass", id="passed on"),
        pytest.param(CHANGED, "fail", id="the body was changed"),
        pytest.param(
            signed(PLAIN).replace(b"Hei\r", b"Ha\r"), "fail", id="the subject was changed"
        ),
        pytest.param(signed(PLAIN).replace(b"s=s1", b"s=s2"), "fail", id="no such key"),
        pytest.param(signed(PLAIN, length=True) + b"more", "policy", id="signed to a length only"),
        pytest.param(signed(PLAIN, algorithm=b"rsa-sha1"), "policy", id="signed with SHA-1"),
        pytest.param(b"DKIM-Signature: v=1\r\n" + PLAIN, "fail", id="half a signature"),
        pytest.param(b"DKIM-Signature: ;;=\r\n" + PLAIN, "permerror", id="no signature at all"),
        pytest.param(b"DKIM-Signature: \xff\r\n" + signed(PLAIN), "pass", id="one of two"),
        pytest.param(signed(signed(PLAIN), "ond.example"), "pass", id="signed again by another"),
        pytest.param(b"", "none", id="nothing"),
        pytest.param(b"no header\r\n\r\n", "none", id="no headers"),
    ],
)
def test_signatures(raw: bytes, expected: str) -> None:
    found = said(raw)
    assert found["dkim"] == expected
    assert found.get("dkim.domain") != "ond.example"


@pytest.mark.parametrize(
    ("mail_from", "peer", "expected"),
    [
        pytest.param("kari@fjell.example", PEER, "pass", id="included"),
        pytest.param("kari@FJELL.example", f"::ffff:{PEER}", "pass", id="in the clothes of IPv6"),
        pytest.param("kari@fjell.example", "192.0.2.8", "pass", id="by its MX"),
        pytest.param("kari@fjell.example", STRANGER, "fail", id="a stranger"),
        pytest.param("kari@fjell.example", "2001:db8::1", "fail", id="a stranger by IPv6"),
        pytest.param("kari@ptr.example", "192.0.2.8", "pass", id="by its name"),
        pytest.param("", "192.0.2.8", "pass", id="no sender: by its greeting"),
        pytest.param("kari@nothing.example", PEER, "none", id="no such domain"),
        pytest.param("kari@loop.example", PEER, "permerror", id="a loop"),
        pytest.param("kari@void.example", PEER, "permerror", id="names that are not there"),
        pytest.param("kari@" + "a." * 120, PEER, "none", id="too long a domain"),
        pytest.param("kari@fjell.example", "127.0.0.1", None, id="by a server of ours"),
        pytest.param("kari@fjell.example", "10.1.2.3", None, id="by our own network"),
        pytest.param("kari@fjell.example", "unix", None, id="by a socket"),
        pytest.param(None, PEER, None, id="not by SMTP"),
    ],
)
def test_the_server_that_brings_it(mail_from: str | None, peer: str, expected: str | None) -> None:
    assert said(PLAIN, mail_from=mail_from, peer=peer).get("spf") == expected


NEWS = "news@news.fjell.example"


@pytest.mark.parametrize(
    ("raw", "mail_from", "peer", "dmarc", "expected"),
    [
        pytest.param(PLAIN, NEWS, PEER, "p=none", "pass", id="spf of a domain below"),
        pytest.param(PLAIN, NEWS, PEER, "p=none; aspf=s", "fail", id="the same, strict"),
        pytest.param(
            signed(PLAIN, "news.fjell.example"), "", STRANGER, "p=none", "pass", id="dkim below"
        ),
        pytest.param(
            signed(PLAIN, "news.fjell.example"),
            "",
            STRANGER,
            "p=none; adkim=s",
            "fail",
            id="the same, strict",
        ),
        pytest.param(
            signed(PLAIN), "x@ond.example", STRANGER, "p=none; adkim=s", "pass", id="dkim alone"
        ),
        pytest.param(
            signed(PLAIN, "ond.example"),
            "x@ond.example",
            STRANGER,
            "p=reject",
            "fail",
            id="a forged From, all else in order",
        ),
        pytest.param(PLAIN, "kari@fjell.example", STRANGER, "p=reject", "fail", id="from anywhere"),
        pytest.param(PLAIN, "", "127.0.0.1", "p=reject", None, id="spf can't be asked"),
        pytest.param(signed(PLAIN), "", "127.0.0.1", "p=reject", "pass", id="dkim is enough"),
        pytest.param(CHANGED, "kari@fjell.example", PEER, "p=reject", "pass", id="spf is enough"),
    ],
)
def test_what_the_domain_of_the_author_wants(
    raw: bytes, mail_from: str, peer: str, dmarc: str, expected: str | None
) -> None:
    found = said(raw, mail_from=mail_from, peer=peer, dmarc=f"v=DMARC1; {dmarc}")
    assert found.get("dmarc") == expected


@pytest.mark.parametrize(
    ("author", "expected", "policy"),
    [
        pytest.param("kari@fjell.example", "pass", "reject", id="its own record"),
        pytest.param("kari@a.b.fjell.example", "pass", "quarantine", id="its organization's"),
        pytest.param("kari@ond.example", "none", None, id="none"),
        pytest.param("kari@twice.example", "none", None, id="two"),
        pytest.param("kari@fjell.example, ola@ond.example", "permerror", None, id="two authors"),
        pytest.param("kari", "permerror", None, id="no address"),
        pytest.param("kari@.", "permerror", None, id="no domain"),
    ],
)
def test_whose_word_holds(author: str, expected: str, policy: str | None) -> None:
    raw = f"From: {author}\r\n\r\nHei\r\n".encode()
    found = said(raw, dmarc="v=DMARC1; p=reject; sp=quarantine")
    assert (found["dmarc"], found.get("dmarc.policy")) == (expected, policy)


@pytest.mark.parametrize(
    ("records", "domain", "expected"),
    [
        pytest.param({}, "a.fjell.example", "a.fjell.example", id="nobody says"),
        pytest.param({"fjell.example": ""}, "a.fjell.example", "fjell.example", id="above"),
        pytest.param(
            {"a.fjell.example": "", "fjell.example": ""}, "a.fjell.example", "fjell.example", id="2"
        ),
        pytest.param(
            {"a.fjell.example": "psd=n", "fjell.example": ""},
            "b.a.fjell.example",
            "a.fjell.example",
            id="here it ends",
        ),
        pytest.param({"example": "psd=y"}, "b.a.example", "a.example", id="below a public suffix"),
        pytest.param({"example": "psd=y"}, "example", "example", id="a public suffix"),
    ],
)
def test_the_owner_is_found_by_walking_up(
    records: dict[str, str], domain: str, expected: str
) -> None:
    told = {
        (f"_dmarc.{name}", "TXT"): txt(f"v=DMARC1; p=none; {tags}")
        for name, tags in records.items()
    }
    with dns_server(told) as nameservers:
        assert organization(Names(time.monotonic() + 5, nameservers), domain) == expected


def test_the_walk_is_short() -> None:
    walk = parents(".".join("abcdefghijkl") + ".fjell.example")
    assert len(walk) == 8
    assert walk[1].count(".") == 6


def test_a_broken_dns_says_nothing_about_a_sender() -> None:
    with dns_server({}, broken=True) as nameservers:
        names = Names(time.monotonic() + 5, nameservers)
        found = look_at(signed(PLAIN), Envelope(mail_from="a@fjell.example", peer=PEER), names)
    assert verdicts(found) == ("temperror", "temperror", "temperror")


def test_a_dns_that_is_silent_is_not_waited_for() -> None:
    began = time.monotonic()
    silent = Nameservers(("127.0.0.1",), free_port())
    with dns_server({}, late=5) as late:
        for nameservers in (late, silent):
            names = Names(time.monotonic() + 0.3, nameservers)
            found = look_at(signed(PLAIN), Envelope(mail_from="a@fjell.example", peer=PEER), names)
            assert verdicts(found) == ("temperror", "temperror", "temperror")
    assert time.monotonic() - began < 4


def test_a_failed_question_leaves_a_signature_undecided() -> None:
    told = {**zone(), ("s1._domainkey.fjell.example", "TXT"): FAILURE}
    with dns_server(told) as nameservers:
        names = Names(time.monotonic() + 5, nameservers)
        envelope = Envelope(mail_from="a@fjell.example", peer=STRANGER)
        found = look_at(signed(PLAIN), envelope, names)
    assert verdicts(found) == ("fail", "temperror", "temperror")


def test_nobody_makes_us_ask_forever() -> None:
    with dns_server({}) as nameservers:
        names = Names(time.monotonic() + 5, nameservers)
        for n in range(MOST_QUESTIONS):
            assert names.texts(f"{n}.example") == []
        assert names.texts("0.example") == []
        with pytest.raises(Unanswered, match="no time is left"):
            names.texts("another.example")


def test_an_author_with_letters_of_another_alphabet_is_asked_for_in_ascii() -> None:
    raw = "From: Kari <kari@blåbær.example>\r\n\r\nHei\r\n".encode()
    assert said(raw)["dmarc.domain"] == "xn--blbr-roah.example"
