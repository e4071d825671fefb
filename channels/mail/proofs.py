"""What SPF, DKIM and DMARC say of one mail that came straight from its sender.

The words are those of Authentication-Results (RFC 8601). Nothing here raises, whatever a stranger
writes into a mail or into the DNS; what takes too long is ended from outside.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import getaddresses
from ipaddress import ip_address, ip_network
from typing import Any

from channels.mail.dmarc import Proof, Wish, aligned, wish_of
from channels.mail.names import Names, Unanswered, domain_of, in_ascii
from inquiry.journey import Envelope

log = logging.getLogger(__name__)

MOST_SIGNATURES = 5
_INSIDE = [
    ip_network(text)
    for text in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
]
"""From such a peer a mail comes by a server of ours: whom it had it from, we were not told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict, and the domain that it is about."""

    result: str
    domain: str = ""


def look_at(raw: bytes, envelope: Envelope, names: Names) -> dict[str, str]:
    """Check one mail; returns one word for each method, and its domain."""
    domain = _author(raw)
    with ThreadPoolExecutor(3) as at_once:  # they wait for the DNS most of the time
        asking = at_once.submit(_spf, envelope, names)
        reading = at_once.submit(_signatures, raw, names)
        at_once.submit(wish_of, names, domain)  # what it hears is remembered
        spf, signatures = asking.result(), reading.result()
    dmarc, wish = _dmarc(domain, spf, signatures, names)
    told: dict[str, str] = {}
    best = _best(signatures, domain)
    for method, finding in (("spf", spf), ("dkim", best), ("dmarc", dmarc)):
        if finding is not None:
            told[method] = finding.result
            if finding.domain:
                told[f"{method}.domain"] = finding.domain
    if wish is not None and (policy := _policy(wish, domain)):
        told["dmarc.policy"] = policy
    return told


def _spf(envelope: Envelope, names: Names) -> Finding | None:
    """Ask whether the peer may send for MAIL FROM, or for HELO where that is empty."""
    if envelope.mail_from is None or not _outside(envelope.peer):
        return None
    from spf import MAX_VOID_LOOKUPS, PermError, TempError, query

    class Query(query):  # type: ignore[misc]  # pyspf has no types; its own look-ups have no limit
        def dns(self, name: str, qtype: str, ignore_void: bool = False) -> list[Any]:
            try:
                found = [_as_spf(record, qtype) for record in names.ask(str(name), qtype)]
            except Unanswered as error:
                raise TempError(str(error)) from error
            if not found and not ignore_void:
                self.void_lookups += 1
                if self.void_lookups > MAX_VOID_LOOKUPS:
                    raise PermError("too many look-ups that find nothing")
            return found

    domain = domain_of(envelope.mail_from) or in_ascii(envelope.helo.lower().rstrip("."))
    try:
        result = Query(envelope.peer, envelope.mail_from, envelope.helo).check()[0]
    except Exception as error:
        log.debug("SPF of %s can't be read: %r", domain, error)
        result = "permerror"
    return Finding(result, domain)


def _as_spf(record: Any, kind: str) -> Any:
    match kind:
        case "A" | "AAAA":
            return record.address
        case "MX":
            return record.preference, record.exchange.to_text(True)
        case "PTR":
            return record.target.to_text(True)
    return record.strings


def _outside(peer: str) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return not any(address in network for network in _INSIDE)


def _signatures(raw: bytes, names: Names) -> list[Finding]:
    import dkim

    found: list[Finding] = []
    try:
        mail = dkim.DKIM(raw, minkey=1024)
        count = sum(name.lower() == b"dkim-signature" for name, _ in mail.headers)
    except Exception as error:
        log.debug("a mail can't be looked at for signatures: %r", error)
        return found
    for index in range(min(count, MOST_SIGNATURES)):
        mail.domain = None
        result = _signature(mail, index, names)
        signer = (mail.domain or b"").decode("ascii", "replace").lower().rstrip(".")
        found.append(Finding(result, signer))
    return found


def _signature(mail: Any, index: int, names: Names) -> str:
    import dkim

    def key(name: bytes, **_limits: float) -> bytes | None:
        return next(iter(names.texts(name.decode("ascii"))), None)

    try:
        passed = mail.verify(index, dnsfunc=key)
    except Unanswered:
        return "temperror"
    except dkim.ValidationError:
        return "fail"
    except Exception as error:
        log.debug("a signature can't be read: %r", error)
        return "permerror"
    if passed and b"l" in mail.signature_fields:
        return "policy"  # whatever is behind the signed length was written by anybody
    if passed and mail.signature_fields.get(b"a") == b"rsa-sha1":
        return "policy"  # RFC 8301: it proves nothing any more
    return "pass" if passed else "fail"


def _best(signatures: Sequence[Finding], domain: str) -> Finding:
    """Of several signatures the one that says most for the author's domain."""
    ranked = sorted(
        signatures,
        key=lambda one: (one.result == "pass", one.domain == domain, _near(one.domain, domain)),
        reverse=True,
    )
    return next(iter(ranked), Finding("none"))


def _near(signer: str, domain: str) -> bool:
    return bool(signer) and domain.endswith(f".{signer}")


def _author(raw: bytes) -> str:
    """Return the domain of the one author, "" where there is none or several."""
    import dkim

    try:
        headers, _ = dkim.rfc822_parse(raw)
    except dkim.DKIMException:
        return ""
    fields = [value for name, value in headers if name.strip().lower() == b"from"]
    text = b"".join(fields[:1]).decode("utf-8", "replace")
    authors = getaddresses([" ".join(text.split())])
    return domain_of(authors[0][1]) if len(fields) == len(authors) == 1 else ""


def _dmarc(
    domain: str, spf: Finding | None, signatures: Sequence[Finding], names: Names
) -> tuple[Finding | None, Wish | None]:
    if not domain:
        return Finding("permerror"), None
    try:
        wish = wish_of(names, domain)
        if wish is None:
            return Finding("none", domain), None
        proofs = [Proof(one.domain, "adkim") for one in signatures if one.result == "pass"]
        if spf is not None and spf.result == "pass":
            proofs.append(Proof(spf.domain, "aspf"))
        if any(aligned(names, wish, domain, proof) for proof in proofs):
            return Finding("pass", domain), wish
    except Unanswered:
        return Finding("temperror", domain), None
    if any(one.result == "temperror" for one in (*signatures, *filter(None, [spf]))):
        return Finding("temperror", domain), wish
    if spf is None:
        return None, wish  # SPF might have proven it: that it failed can't be said
    return Finding("fail", domain), wish


def _policy(wish: Wish, domain: str) -> str:
    """Return what the owner asks to be done with a mail that fails."""
    own = wish.tags.get("p", "")
    return (own if wish.domain == domain else wish.tags.get("sp", own)).lower()
