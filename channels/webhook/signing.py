"""Who sent it: HMAC-SHA256 over id, time and body (Standard Webhooks 1.0.0, "Signature scheme").

The signature is ``v1,`` and Base64; several may stand in a header, divided by blanks, while a
secret is being exchanged.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = timedelta(minutes=5)
"""How far the clocks may be apart; older ones may have been listened in to and sent again."""
PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, as the specification has it."""
LONGEST_ID = 200


class NotSigned(Exception):
    """Nobody who knows the secret has sent this, or not now; says why."""


def secret(written: str) -> str:
    """Accept a secret: ``whsec_`` and Base64 of 24 to 64 bytes. Raises ValueError."""
    try:
        size = len(_key(written))
    except (ValueError, binascii.Error):
        size = 0
    if not SHORTEST <= size <= LONGEST:
        raise ValueError(f"a secret is {PREFIX} and {SHORTEST} to {LONGEST} bytes in Base64")
    return written


def headers(keys: Sequence[str], message: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers that prove who sends ``body``; ``message`` is its idempotency key."""
    seconds = str(int(at.timestamp()))
    signatures = " ".join(f"v1,{_signature(key, message, seconds, body)}" for key in keys)
    return {ID: message, TIMESTAMP: seconds, SIGNATURE: signatures}


def announced(sent: Mapping[str, str], now: datetime) -> tuple[str, str]:
    """Return the idempotency key and the time of what shall come. Raises NotSigned.

    It needs no body yet, so a stranger can be sent away before reading theirs.
    """
    message, seconds = sent.get(ID, ""), sent.get(TIMESTAMP, "")
    if not message or not seconds or not sent.get(SIGNATURE):
        raise NotSigned(f"it needs the headers {ID}, {TIMESTAMP} and {SIGNATURE}")
    if len(message) > LONGEST_ID or not message.isprintable():
        raise NotSigned(f"{ID} is at most {LONGEST_ID} letters that can be printed")
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > len("9999999999"):
        raise NotSigned(f"{TIMESTAMP} is seconds since 1970")
    if abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        raise NotSigned(f"{TIMESTAMP} is more than {TOLERANCE.seconds // 60} minutes from now")
    return message, seconds


def check(keys: Sequence[str], sent: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Return the idempotency key of what one of ``keys`` has signed. Raises NotSigned."""
    message, seconds = announced(sent, now)
    wanted = [_signature(key, message, seconds, body).encode() for key in keys]
    given = [part.removeprefix("v1,") for part in sent[SIGNATURE].split() if part[:3] == "v1,"]
    # Each with each: how long it takes tells nothing of where they differ.
    same = [
        hmac.compare_digest(one, two.encode(errors="replace")) for one in wanted for two in given
    ]
    if not any(same):
        raise NotSigned("the signature is not made with the secret of this channel")
    return message


def _signature(key: str, message: str, seconds: str, body: bytes) -> str:
    signed = b".".join((message.encode(), seconds.encode(), body))
    return base64.b64encode(hmac.digest(_key(key), signed, hashlib.sha256)).decode("ascii")


def _key(written: str) -> bytes:
    return base64.b64decode(written.removeprefix(PREFIX), validate=True)
