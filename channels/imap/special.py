"""Folders by their use, whatever they are called on this server."""

from imapclient import IMAPClient
from imapclient.imap_utf7 import decode

USES = {
    name: b"\\" + name.capitalize().encode()
    for name in ("all", "archive", "drafts", "flagged", "important", "junk", "sent", "trash")
}
"""RFC 6154."""


def folder_of_use(client: IMAPClient, use: bytes) -> str:
    """Return a folder's name, "" if there is none with this use.

    Names are read only of the one that is found: another's may be in no alphabet known to IMAP.
    """
    client.folder_encode = False
    try:
        found = client.find_special_folder(use)
    finally:
        client.folder_encode = True
    try:
        return decode(found) if found else ""
    except ValueError:
        return ""
