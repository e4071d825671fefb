"""What hosts that we trust say of a mail's SPF, DKIM and DMARC (RFC 8601)."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from inquiry.domains import in_ascii
from normalizer.headers import Headers

FIELDS = 10
"""Results that are looked at; hosts that check write one to three."""
CLAUSES = 50
_PIECE = re.compile(r"\\.|[()\";]|[^\\()\";]+|\\", re.DOTALL)
_METHOD = re.compile(r"(?P<method>[a-z][a-z0-9-]{0,40})(?:/\d{1,3})?=(?P<result>[a-z]{1,20})")
_ABOUT: Mapping[str, tuple[str, ...]] = {
    "spf": ("smtp.mailfrom", "smtp.mail", "smtp.helo"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
    "arc": (),
}
"""The methods we know, and the properties that name the domain each speaks of."""


@dataclass(frozen=True, slots=True)
class Result:
    """One verdict: ``dkim``, ``pass``, ``fjell.example``."""

    method: str
    result: str
    domain: str = ""


def trusted_results(headers: Headers, trusted_hosts: Collection[str]) -> tuple[Result, ...]:
    """Return the verdicts of hosts that we trust, the newest field first.

    Anybody may write such a field into a mail, under any host's name. So only the topmost run of
    fields counts: it ends at the first ``Received`` below it and at the first host that is not
    trusted, and of each method only the topmost field that speaks of it is heard.
    """
    hosts = {host.lower() for host in trusted_hosts}
    found: list[Result] = []
    for field in _topmost(headers) if hosts else ():
        host, results = read_results(field)
        if host not in hosts:
            break
        heard = {result.method for result in found}
        found += [result for result in results if result.method not in heard]
    return tuple(found)


def own_results(told: Mapping[str, str]) -> tuple[Result, ...]:
    """Return what we found out ourselves as verdicts."""
    return tuple(
        Result(method, told[method], told.get(f"{method}.domain", ""))
        for method in _ABOUT
        if method in told
    )


def _topmost(headers: Headers) -> Iterator[str]:
    """Yield the values of the topmost run; lines of ``Received`` above it are our own hops."""
    values = headers.fields.get("authentication-results", ())[:FIELDS]
    seen = 0  # encoded words stay as they are: decoded, a sender's name could pose as a verdict
    for name in headers.order:
        if name == "received" and seen:
            return
        if name == "authentication-results":
            if seen == len(values):
                return
            yield values[seen].decode("utf-8", "replace")
            seen += 1


def read_results(field: str) -> tuple[str, tuple[Result, ...]]:
    """Take one field apart: the host that checked, and what it found."""
    clauses = _clauses(field)
    host = next(iter(clauses[0]), "").lower()
    results = (result for clause in clauses[1:CLAUSES] if (result := _result(clause)))
    return host, tuple(results)


def _clauses(field: str) -> list[list[str]]:
    """Split at semicolons, then at blanks; comments are dropped, quoted texts stay whole."""
    clauses: list[list[str]] = [[]]
    word, depth, quoted = "", 0, False
    for match in _PIECE.finditer(field):
        piece = match[0]
        if quoted:
            quoted = piece != '"'
            word += "" if piece == '"' else _harmless(piece)
        elif piece in ("(", ")"):
            depth = max(0, depth + (1 if piece == "(" else -1))
        elif depth:
            continue
        elif piece == '"':
            quoted = True
        elif piece == ";":
            clauses[-1] += word.split()
            clauses.append([])
            word = ""
        else:
            word += piece
    clauses[-1] += word.split()
    return clauses


def _harmless(quoted: str) -> str:
    """Return a quoted text without blanks, so that it stays one word."""
    return "".join(quoted.removeprefix("\\").split())


def _result(clause: Sequence[str]) -> Result | None:
    match = _METHOD.fullmatch(clause[0].lower()) if clause else None
    if match is None or match["method"] not in _ABOUT:
        return None
    said = dict(word.lower().split("=", 1) for word in reversed(clause[1:]) if "=" in word)
    about = (said[name] for name in _ABOUT[match["method"]] if said.get(name))
    domain = in_ascii(next(about, "").rpartition("@")[2].strip("<>."))
    return Result(match["method"], match["result"], domain)


def passes_for(results: Sequence[Result], domain: str) -> bool:
    """Did somebody prove that ``domain`` sent it: by DMARC, or by a signature of just this domain?

    DMARC passes by SPF or DKIM; where a trusted host says that neither passed, a pass is a forgery.
    """
    if fails_for(results, domain):
        return False
    if any(one.method == "dkim" and _passes(one) and covers(one.domain, domain) for one in results):
        return True
    ways = [one for one in results if one.method in ("spf", "dkim")]
    if ways and not any(map(_passes, ways)):
        return False
    return any(one.method == "dmarc" and _passes(one) and one.domain == domain for one in results)


def fails_for(results: Sequence[Result], domain: str) -> bool:
    """Did DMARC fail for ``domain``?"""
    return any(
        one.method == "dmarc" and one.result == "fail" and one.domain in ("", domain)
        for one in results
    )


def covers(signer: str, domain: str) -> bool:
    """May ``signer`` speak for ``domain``: is it the same, or a domain above it?"""
    return signer == domain or ("." in signer and domain.endswith(f".{signer}"))


def _passes(one: Result) -> bool:
    return one.result == "pass"


def summary(results: Sequence[Result]) -> dict[str, str]:
    """Return one word for each method, and its domain: ``{"dkim": "pass", "dkim.domain": …}``.

    Of several signatures, one that passes speaks for all.
    """
    told: dict[str, str] = {}
    for one in sorted(results, key=_passes, reverse=True):
        if one.method not in told:
            told[one.method] = one.result
            if one.domain:
                told[f"{one.method}.domain"] = one.domain
    return told
