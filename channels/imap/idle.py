"""Waiting until a server calls."""

from datetime import timedelta
from imaplib import IMAP4

from imapclient import IMAPClient


def begin(client: IMAPClient) -> bool:
    """Ask to be called; False if the server does not do it, whatever it has offered.

    In place of the library's own, which takes any news on the way for a refusal.
    """
    imap = client._imap
    tag = client._idle_tag = imap._command("IDLE")
    while imap._get_response() is not None:
        if imap.tagged_commands[tag] is not None:
            del imap.tagged_commands[tag]
            return False
    return True


def until_called(client: IMAPClient, patience: timedelta) -> None:
    """Return when the server says anything, or after ``patience``."""
    if "EXISTS" not in client._imap.untagged_responses:
        said = [line for line in client.idle_check(timeout=patience.total_seconds()) if line]
        if any(b"BYE" in line for line in said):
            raise IMAP4.abort("the server says goodbye")
        if any(b"UIDVALIDITY" in bytes(part) for line in said for part in line[1:] if part):
            raise IMAP4.abort("the folder is numbered anew")
    client.idle_done()
