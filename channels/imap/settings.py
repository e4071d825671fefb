"""What stands in the YAML of the kind ``imap``."""

from dataclasses import dataclass, field
from pathlib import Path

from channels.mail.oauth import OAuth
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
    password: str = field(default="", repr=False)
    oauth: OAuth | None = None
    """In place of a password."""
    folders: tuple[str, ...] = field(default=("INBOX",), metadata={"yaml": "folder"})
    """By name, or by use: ``junk``, ``archive``, ``sent`` ... whatever they are called there."""
    addresses: tuple[str, ...] = ()
    after: After = After()
    send: Send | None = None
    trust_authentication_results: tuple[str, ...] = ()
    reply_token: ReplyToken = ReplyToken.MESSAGE_ID
    certificate_authority: Path | None = None
    """A file of certificates to trust instead of the system's."""

    @property
    def lacking(self) -> str:
        """What has to be corrected before this can work, in one sentence; "" if nothing."""
        if self.oauth is not None:
            return "either 'password' or 'oauth', not both" if self.password else self.oauth.lacking
        if not self.password:
            return "'password' is missing"
        return "" if self.folders else "'folder' is empty"
