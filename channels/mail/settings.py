"""The ``send`` part of a mail channel."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from channels.mail.oauth import OAuth


class Tls(StrEnum):
    """How a connection is encrypted. What is asked for is required; nothing falls back."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


class ReplyToken(StrEnum):
    """Where the proof travels that makes an answer join its inquiry."""

    MESSAGE_ID = "message-id"
    PLUS = "plus"


SUBMISSION_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Where answers leave by mail: a server, or a folder that gets one ``.eml`` for each."""

    host: str = ""
    port: int | None = field(default=None, metadata={"least": 1, "most": 65535})
    tls: Tls = Tls.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    oauth: OAuth | None = None
    """In place of a password."""
    from_: str = field(default="", metadata={"yaml": "from"})
    folder: Path | None = None
    certificate_authority: Path | None = None
    """A file of certificates to trust instead of the system's."""

    @property
    def lacking(self) -> str:
        """What has to be corrected before this can work, in one sentence; "" if nothing."""
        if self.oauth is None:
            return ""
        return self.oauth.lacking or ("" if self.user else "'oauth' needs a 'user'")
