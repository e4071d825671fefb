"""Questions to the DNS with limits of our own; the library for it is loaded when one is asked."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_QUESTIONS = 60
"""For one message; SPF alone may need 10 includes with 10 hosts each."""
LONGEST = 2.0
"""Seconds for one question."""


class Unanswered(Exception):
    """The DNS did not say, or nobody asks any more."""


@dataclass(frozen=True, slots=True)
class Nameservers:
    """Who is asked, instead of those in the machine's own configuration."""

    addresses: tuple[str, ...]
    port: int = 53


class Names:
    """Asks for one message until the deadline (monotonic clock), and remembers the answers."""

    def __init__(self, deadline: float, nameservers: Nameservers | None = None) -> None:
        self._deadline = deadline
        self._nameservers = nameservers
        self._resolver: Any = None
        self._said: dict[tuple[str, str], list[Any] | Unanswered] = {}

    def ask(self, name: str, kind: str) -> list[Any]:
        """Return the records of a name, none if there is no such name or it can't be one.

        Raises:
            Unanswered: nobody knows.
        """
        key = (name.lower().rstrip("."), kind)
        if key not in self._said:
            self._said[key] = self._ask(*key)
        said = self._said[key]
        if isinstance(said, Unanswered):
            raise said
        return said

    def texts(self, name: str) -> list[bytes]:
        """Return the TXT records of a name, each in one piece.

        Raises:
            Unanswered: nobody knows.
        """
        return [b"".join(record.strings) for record in self.ask(name, "TXT")]

    def _ask(self, name: str, kind: str) -> list[Any] | Unanswered:
        import dns.exception
        import dns.name
        import dns.resolver

        left = self._deadline - time.monotonic()
        if left <= 0 or len(self._said) >= MOST_QUESTIONS:
            return Unanswered(f"no time is left to ask for {name}")
        try:
            asked = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return []
        try:
            answer = self._opened().resolve(
                asked, kind, lifetime=min(LONGEST, left), raise_on_no_answer=False, search=False
            )
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.exception.DNSException, OSError) as error:
            return Unanswered(f"{name}: {error}")
        return list(answer.rrset or ())

    def _opened(self) -> Any:
        import dns.resolver

        if self._resolver is None:
            self._resolver = dns.resolver.Resolver(configure=self._nameservers is None)
            if self._nameservers is not None:
                self._resolver.nameservers = list(self._nameservers.addresses)
                self._resolver.port = self._nameservers.port
        return self._resolver


def domain_of(address: str) -> str:
    """Return the domain of an address as the DNS knows it, "" if it has none."""
    domain = address.rpartition("@")[2].strip("<>. \t").lower() if "@" in address else ""
    return in_ascii(domain)


def in_ascii(domain: str) -> str:
    """Return a name in the letters that the DNS knows, as it is where that can't be."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def parents(domain: str) -> Sequence[str]:
    """Return a domain and those above it: at most eight, as RFC 9989 (4.10) walks up."""
    labels = domain.split(".")
    above = labels[1:] if len(labels) <= 8 else labels[-7:]
    return [domain, *(".".join(above[n:]) for n in range(len(above)))]
