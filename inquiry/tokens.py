"""Signed tokens: the proof that travels in our Message-IDs, plus addresses and status links.

A token is ``<number>.<nonce>.<mac>`` in lower-case letters and digits only, so that relays which
fold case can't break it. The MAC is HMAC-SHA256 cut to 80 bits (RFC 2104 part 5).
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from inquiry.journey import InquiryId

_TOKEN = re.compile(r"(?P<number>[0-9]{1,19})[.](?P<nonce>[a-z2-7]{16,26})[.](?P<mac>[a-z2-7]{16})")
_PLUS = re.compile(r"[+](?P<token>[0-9]{1,19}[.][a-z2-7]{16,26}[.][a-z2-7]{16})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The desk's signing keys: the first signs, all verify. At least one."""

    keys: tuple[bytes, ...] = field(repr=False)

    def mac(self, purpose: str, text: str) -> str:
        """Return 16 base32 letters that only the holder of the first key can make."""
        return _mac(self.keys[0], purpose, text)

    def holds(self, purpose: str, text: str, mac: str) -> bool:
        """Was ``mac`` made by one of our keys for this purpose and text?"""
        given = mac.lower().encode("utf-8", "replace")
        return any(
            hmac.compare_digest(_mac(key, purpose, text).encode(), given) for key in self.keys
        )


def _mac(key: bytes, purpose: str, text: str) -> str:
    digest = hmac.digest(key, f"{purpose}\0{text}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:10]).decode("ascii").lower()


def new_nonce() -> str:
    """Return 128 random bits as 26 base32 letters."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


def reply_token(ring: KeyRing, inquiry: InquiryId, nonce: str) -> str:
    """Make the proof that its holder was written to about ``inquiry``."""
    return f"{inquiry}.{nonce}.{ring.mac('reply', f'{inquiry}.{nonce}')}"


def message_id(ring: KeyRing, inquiry: InquiryId, nonce: str, host: str) -> str:
    """Make a Message-ID that carries the proof; the same nonce makes the same id."""
    return f"<{reply_token(ring, inquiry, nonce)}@{host}>"


def proven_inquiry(ring: KeyRing, keys: Iterable[str]) -> InquiryId | None:
    """Return the inquiry that the first validly signed token among ``keys`` speaks of.

    ``keys`` are Message-IDs, plus addresses or bare tokens; everything else is passed over.
    """
    for key in keys:
        if found := _TOKEN.search(key.lower()):
            number, nonce, mac = found["number"], found["nonce"], found["mac"]
            if ring.holds("reply", f"{number}.{nonce}", mac):
                return InquiryId(int(number))
    return None


def plus_token(address: str) -> str:
    """Return the token of a plus address such as ``help+12.abc….def…@desk.example``, else ""."""
    found = _PLUS.search(address)
    return found["token"].lower() if found else ""
