"""Signing in with an access token: what stands in the YAML, and what each provider wants."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit


class Provider(StrEnum):
    """Whose token server it is."""

    MICROSOFT = "microsoft"
    GOOGLE = "google"
    CUSTOM = "custom"


URLS = {
    Provider.MICROSOFT: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    Provider.GOOGLE: "https://oauth2.googleapis.com/token",
    Provider.CUSTOM: "",
}
AS_A_PERSON = {
    Provider.MICROSOFT: (
        "https://outlook.office.com/IMAP.AccessAsUser.All "
        "https://outlook.office.com/SMTP.Send offline_access"
    ),
}
AS_A_PROGRAM = {Provider.MICROSOFT: "https://outlook.office365.com/.default"}
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """A grant by which access tokens are had, in place of a password.

    With a refresh token we act for the person who signed in once; without one as a program that
    an administrator has let in (client credentials).
    """

    provider: Provider
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    token_file: Path | None = None
    """Holds the refresh token; read anew each time, so that it can be replaced at any moment."""
    tenant: str = "common"
    token_url: str = ""
    scope: str = ""
    secret_ends: date | None = field(default=None, metadata={"convert": date.fromisoformat})
    """The last day of the client secret, if it has one: said aloud two weeks before."""

    @property
    def url(self) -> str:
        return self.token_url or URLS[self.provider].format(tenant=self.tenant)

    @property
    def for_a_person(self) -> bool:
        return bool(self.refresh_token or self.token_file)

    @property
    def wanted(self) -> str:
        """The scope to ask for, "" for what the grant has anyway."""
        usual = AS_A_PERSON if self.for_a_person else AS_A_PROGRAM
        return self.scope or usual.get(self.provider, "")

    @property
    def lacking(self) -> str:
        """What has to be corrected before this can work, in one sentence; "" if nothing."""
        if not _TENANT.fullmatch(self.tenant):
            return "'tenant' is the directory's name or number, such as nordlys.example"
        if not self.url:
            return "'token_url' is missing: only Microsoft's and Google's are known"
        if not _confidential(self.url):
            return "'token_url' has to begin with https://"
        if self.refresh_token and self.token_file:
            return "either 'refresh_token' or 'token_file', not both"
        if not self.for_a_person and not self.client_secret:
            return "without 'refresh_token' and 'token_file' a 'client_secret' is needed"
        if not self.for_a_person and self.provider is Provider.GOOGLE:
            return "Google wants a 'refresh_token' or a 'token_file'"
        return ""


def _confidential(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
