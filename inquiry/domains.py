"""Domains of mail addresses: one spelling of each, and those above it."""

from collections.abc import Iterator

_MOST_LABELS = 20


def in_ascii(domain: str) -> str:
    """Return a domain in the letters that hosts compare, as it is where that can't be done surely.

    Of some letters, such as ß, opinions differ: their domains count as different.
    """
    if domain.isascii():
        return domain.lower()
    try:
        ascii_ = domain.encode("idna")
        return ascii_.decode("ascii") if ascii_.decode("idna") == domain.lower() else domain
    except UnicodeError:
        return domain


def domain_key(written: str) -> str:
    """Return what two spellings of a domain have in common."""
    return in_ascii(written.strip().removeprefix("@").rstrip(".")).lower()


def domain_of(address: str) -> str:
    """Return the key of the domain that a mail address is in; "" for what is no mail address."""
    return domain_key(address.rpartition("@")[2]) if "@" in address else ""


def with_those_above(domain: str) -> Iterator[str]:
    """Return the domain and each above it: ``mail.acme.example``, ``acme.example``, ``example``."""
    labels = domain.split(".")[-_MOST_LABELS:] if domain else []
    for start in range(len(labels)):
        yield ".".join(labels[start:])
