"""The one grammar of mail addresses that we write on a wire, and which of them are a channel's."""

import re
from collections.abc import Iterable
from email.utils import parseaddr

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]"
_LOCAL = re.compile(rf"{_ATEXT}+(?:[.]{_ATEXT}+)*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:[.]{_LABEL})*")
_PLAIN = re.compile(rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@{_LABEL}(?:[.]{_LABEL})*")
_INVISIBLE = re.compile(r"[\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")

LONGEST = 254
LONGEST_LOCAL = 64


def wire_address(text: str) -> str | None:
    """Return the address as it may stand in an SMTP command, or None if it may not.

    Quoted local parts are not: nobody has one who has not chosen it to make trouble. A domain
    with letters beyond ASCII is written in its ASCII form.
    """
    local, at, domain = text.rpartition("@")
    if not at or _INVISIBLE.search(text) or not _LOCAL.fullmatch(local):
        return None
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    if len(local.encode()) > LONGEST_LOCAL or not _DOMAIN.fullmatch(domain):
        return None
    address = f"{local}@{domain}"
    return address if len(address) <= LONGEST else None


def is_plain(text: str) -> bool:
    """Is this an ordinary ASCII address? A quick check for the many that are."""
    return len(text) <= LONGEST and _PLAIN.fullmatch(text) is not None


def split_mailbox(text: str) -> tuple[str, str]:
    """Split the ``Name <address>`` that an operator wrote into its two parts."""
    return parseaddr(text)


class Addresses:
    """The addresses of a channel, as the operator wrote them; ``*@domain`` is all of a domain.

    Plus addresses (RFC 5233) belong to the address before the plus.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        folded = [pattern.strip().lower() for pattern in patterns]
        self._domains = frozenset(p[2:] for p in folded if p.startswith("*@"))
        self._exact = frozenset(p for p in folded if not p.startswith("*@"))

    def __contains__(self, address: str) -> bool:
        return self.closeness(address) > 0

    def closeness(self, address: str) -> int:
        """Say how surely an address is meant: 2 by its name, 1 by its domain only, 0 not at all."""
        local, _, domain = address.lower().rpartition("@")
        names = {f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}"}
        if self._exact & names:
            return 2
        return 1 if domain in self._domains else 0
