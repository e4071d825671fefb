"""An event as Slack tells it: its bytes, its signature, and who has confirmed it."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.names import SECRET


@dataclass(slots=True)
class Event:
    """What happened, and whether anybody has confirmed to know of it."""

    body: dict[str, Any]
    confirmed: bool = False
    offered: int = 0
    answers: list[int] = field(default_factory=list)
    """The statuses of pushes, in their order."""

    @property
    def raw(self) -> bytes:
        """The bytes that are pushed: with odd blanks, as nobody would write them again."""
        return json.dumps(self.body, separators=(", ", ":"), ensure_ascii=False).encode()


def signed(raw: bytes, stamp: str, secret: str = SECRET) -> str:
    """Return Slack's signature of a body."""
    base = b"v0:" + stamp.encode() + b":" + raw
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
