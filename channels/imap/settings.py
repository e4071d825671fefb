"""What stands in the YAML of the kind ``imap``."""

from dataclasses import dataclass, field
from pathlib import Path

from channels.mail.settings import ReplyToken, Send, Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What becomes of a mail in its mailbox once it is accepted; nothing if nothing is said."""

    move_to: str = ""
    flag: str = ""
    delete: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.move_to or self.flag or self.delete)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A mailbox."""

    host: str
    port: int | None = field(default=None, metadata={"least": 1, "most": 65535})
    tls: Tls = Tls.IMPLICIT
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    addresses: tuple[str, ...] = ()
    after: After = After()
    send: Send | None = None
    trust_authentication_results: tuple[str, ...] = ()
    reply_token: ReplyToken = ReplyToken.MESSAGE_ID
    certificate_authority: Path | None = None
    """A file of certificates to trust instead of the system's."""
