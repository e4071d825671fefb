"""A user of the host page, signed by its server: HMAC-SHA256 over who it is and until when."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

LONGEST = 200
"""Letters of a user's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a page says of the user who is signed in there."""

    user: str
    expires: str
    """Whole seconds since 1970."""
    name: str = ""
    email: str = ""
    signature: str
    """Hex."""


def signed(secret: str, who: Identity) -> str:
    """Return the signature: of ``user``, ``expires``, ``name`` and ``email``, a line each."""
    lines = "\n".join((who.user, who.expires, who.name, who.email))
    return hmac.new(secret.encode(), lines.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def vouched_for(secret: str, who: Identity, *, now: datetime) -> bool:
    """Did the holder of ``secret`` sign this, and is it still good?"""
    lines = (who.user, who.expires, who.name, who.email)
    if not 0 < len(who.user.strip()) == len(who.user) <= LONGEST or any("\n" in x for x in lines):
        return False
    if not (who.expires.isascii() and who.expires.isdigit() and len(who.expires) < 12):
        return False
    given = who.signature.lower().encode("utf-8", "replace")
    if not hmac.compare_digest(signed(secret, who).encode(), given):
        return False
    return now.timestamp() < int(who.expires)
