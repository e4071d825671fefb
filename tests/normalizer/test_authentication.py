"""What did hosts that we trust find out about a mail, and can a sender write it in himself?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.journey import Envelope
from inquiry.understood import Known, Message
from inquiry.words import Trust
from normalizer.authentication import (
    Result,
    covers,
    fails_for,
    passes_for,
    read_results,
    summary,
    trusted_results,
)
from normalizer.headers import read_headers
from normalizer.mail import understand_mail

HOSTS = frozenset({"mx.nordlys.example", "Edge.Nordlys.example"})
PASS = Result("dmarc", "pass", "fjell.example")
FAIL = Result("dmarc", "fail", "fjell.example")
OURS = "Authentication-Results: mx.nordlys.example;"


def results(raw: str) -> tuple[Result, ...]:
    headers, _ = read_headers(raw.encode(), 0, len(raw.encode()))
    return trusted_results(headers, HOSTS)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("mx.example; dmarc=pass header.from=fjell.example", (PASS,), id="plain"),
        pytest.param("mx.example 1; DMARC=Pass header.from=Fjell.example", (PASS,), id="shouted"),
        pytest.param("mx.example; dmarc/1=pass header.from=fjell.example", (PASS,), id="version"),
        pytest.param(
            "mx.example;\r\n\tdmarc=pass (p=reject dis=none)\r\n header.from=fjell.example",
            (PASS,),
            id="folded, with a comment",
        ),
        pytest.param(
            'mx.example; dmarc=pass reason="a; b" header.from="fjell.example"', (PASS,), id="quoted"
        ),
        pytest.param("mx.example; none", (), id="nothing was checked"),
        pytest.param("mx.example; iprev=pass policy.iprev=192.0.2.1", (), id="another method"),
        pytest.param("mx.example", (), id="a host alone"),
        pytest.param("", (), id="nothing"),
        pytest.param(
            "mx.example; spf=softfail smtp.mailfrom=kari@fjell.example; dkim=none",
            (Result("spf", "softfail", "fjell.example"), Result("dkim", "none")),
            id="SPF and DKIM",
        ),
        pytest.param(
            "mx.example; dkim=pass header.i=@post.fjell.example header.s=k1",
            (Result("dkim", "pass", "post.fjell.example"),),
            id="the identity of a signature",
        ),
        pytest.param(
            "mx.example; dkim=fail (bad; dmarc=pass header.from=fjell.example) header.d=x.example",
            (Result("dkim", "fail", "x.example"),),
            id="a verdict inside a comment",
        ),
        pytest.param(
            r"mx.example; spf=fail (a (b\) ; dmarc=pass) ; dmarc=pass)",
            (Result("spf", "fail"),),
            id="comments inside comments",
        ),
        pytest.param(
            'mx.example; spf=pass smtp.mailfrom="x; dmarc=pass header.from=y"@evil.example',
            (Result("spf", "pass", "evil.example"),),
            id="a verdict inside an address",
        ),
        pytest.param(
            "mx.example; dmarc=fail header.from=evil.example header.from=fjell.example",
            (Result("dmarc", "fail", "evil.example"),),
            id="of two equal properties, the first",
        ),
    ],
)
def test_a_field_is_read(field: str, expected: tuple[Result, ...]) -> None:
    assert read_results(field)[1] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("", (), id="no field"),
        pytest.param(f"{OURS} dmarc=pass header.from=fjell.example\n", (PASS,), id="ours"),
        pytest.param(
            "Authentication-Results: EDGE.nordlys.example; dmarc=pass header.from=fjell.example\n",
            (PASS,),
            id="hosts are compared without case",
        ),
        pytest.param(
            "Authentication-Results: mx.nordlys.example.evil.example; dmarc=pass\n",
            (),
            id="a longer name",
        ),
        pytest.param(
            f"Authentication-Results: x.example; dmarc=pass\n{OURS} dmarc=pass\n",
            (),
            id="ours below somebody else's",
        ),
        pytest.param(
            f"Received: a\n{OURS} spf=pass\n{OURS} dmarc=fail header.from=fjell.example\n",
            (Result("spf", "pass"), FAIL),
            id="two programs, two fields",
        ),
        pytest.param(
            f"{OURS} dmarc=fail header.from=fjell.example\n"
            f"{OURS} dmarc=pass header.from=fjell.example\n",
            (FAIL,),
            id="one more right below ours",
        ),
        pytest.param(
            f"{OURS} spf=fail\nReceived: from evil\n{OURS} dmarc=pass\n",
            (Result("spf", "fail"),),
            id="one more below the line of our hop",
        ),
        pytest.param(
            f"{OURS} spf=fail smtp.mailfrom==?utf-8?q?=3Bdmarc=3Dpass?=@x.example\n",
            (Result("spf", "fail", "x.example"),),
            id="a verdict in an encoded word",
        ),
    ],
)
def test_only_the_topmost_run_of_trusted_hosts_counts(
    raw: str, expected: tuple[Result, ...]
) -> None:
    assert results(raw) == expected


@pytest.mark.parametrize(
    ("found", "passes", "fails"),
    [
        pytest.param([], False, False, id="nothing"),
        pytest.param([PASS], True, False, id="DMARC"),
        pytest.param([FAIL], False, True, id="DMARC failed"),
        pytest.param([Result("dmarc", "fail")], False, True, id="failed, for nobody in particular"),
        pytest.param([Result("dmarc", "none")], False, False, id="no policy"),
        pytest.param([Result("dmarc", "pass", "x.example")], False, False, id="another domain's"),
        pytest.param([Result("spf", "pass", "fjell.example")], False, False, id="SPF alone"),
        pytest.param([Result("dkim", "pass", "fjell.example")], True, False, id="an aligned key"),
        pytest.param([Result("dkim", "pass", "x.example")], False, False, id="a stranger's key"),
        pytest.param([Result("dkim", "fail", "fjell.example")], False, False, id="a broken one"),
        pytest.param(
            [Result("dkim", "fail", "fjell.example"), Result("dkim", "pass", "fjell.example")],
            True,
            False,
            id="one signature of two",
        ),
        pytest.param(
            [Result("dkim", "pass", "fjell.example"), FAIL], False, True, id="DMARC has the say"
        ),
        pytest.param(
            [Result("spf", "fail"), Result("dkim", "none"), PASS], False, False, id="a pass of what"
        ),
        pytest.param([Result("spf", "pass", "x.example"), PASS], True, False, id="by SPF"),
    ],
)
def test_what_proves_a_domain(found: list[Result], passes: bool, fails: bool) -> None:
    assert passes_for(found, "fjell.example") is passes
    assert fails_for(found, "fjell.example") is fails


@pytest.mark.parametrize(
    ("signer", "covered"),
    [
        ("post.fjell.example", True),
        ("fjell.example", True),
        ("example", False),
        ("jell.example", False),
        ("a.post.fjell.example", False),
        ("", False),
    ],
)
def test_a_signature_speaks_for_its_domain_and_those_below(signer: str, covered: bool) -> None:
    assert covers(signer, "post.fjell.example") is covered


def test_the_message_keeps_what_was_found() -> None:
    raw = (
        f"{OURS} dkim=fail header.d=x.example; dkim=pass header.d=fjell.example; spf=none\n"
        "From: kari@fjell.example\n\nhello\n"
    )
    message = understand_mail(raw.encode(), Envelope(), Known(trusted_hosts=HOSTS))
    assert isinstance(message, Message)
    assert message.trust is Trust.VERIFIED
    assert message.authentication == {"dkim": "pass", "dkim.domain": "fjell.example", "spf": "none"}


FOUND = {"spf": "pass", "spf.domain": "x.example", "dkim": "none", "dmarc.policy": "none"}


@pytest.mark.parametrize(
    ("dmarc", "domain", "trust"),
    [
        pytest.param("pass", "fjell.example", Trust.VERIFIED, id="proven"),
        pytest.param("pass", "ond.example", Trust.CLAIMED, id="proven of another"),
        pytest.param("fail", "fjell.example", Trust.UNVERIFIED, id="forged"),
        pytest.param("none", "fjell.example", Trust.CLAIMED, id="nobody wants a proof"),
        pytest.param("temperror", "fjell.example", Trust.CLAIMED, id="not found out"),
    ],
)
def test_what_we_found_out_ourselves_counts_like_the_word_of_a_trusted_host(
    dmarc: str, domain: str, trust: Trust
) -> None:
    found = {**FOUND, "dmarc": dmarc, "dmarc.domain": domain}
    known = Known(trusted_hosts=HOSTS, own_results=found)
    message = understand_mail(b"From: kari@fjell.example\n\nhello\n", Envelope(), known)
    assert isinstance(message, Message)
    assert (message.trust, message.authentication) == (trust, {**found, "by": "deskbridge"})


def test_a_host_we_trust_is_heard_before_ourselves() -> None:
    raw = f"{OURS} dmarc=pass header.from=fjell.example\nFrom: kari@fjell.example\n\nhello\n"
    known = Known(trusted_hosts=HOSTS, own_results={"dmarc": "fail"})
    message = understand_mail(raw.encode(), Envelope(), known)
    assert isinstance(message, Message)
    assert (message.trust, message.authentication.get("by")) == (Trust.VERIFIED, None)


def test_a_host_nobody_trusts_says_nothing() -> None:
    raw = f"{OURS} dmarc=fail\nFrom: kari@fjell.example\n\nhello\n"
    message = understand_mail(raw.encode(), Envelope(), Known())
    assert isinstance(message, Message)
    assert (message.trust, message.authentication) == (Trust.CLAIMED, {})


@given(st.text(alphabet=st.sampled_from('a=;()"\\ dmarc=pass.@/1\n\t'), max_size=300))
def test_no_field_raises(field: str) -> None:
    host, found = read_results(f"mx.example; {field}")
    assert host == "mx.example"
    assert all(one.method and one.result for one in found)
    assert len(summary(found)) <= 8
