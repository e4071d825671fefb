"""The Message-IDs that mails are known by, as they are stored: keys of one length."""

import hashlib


def message_id_hash(message_id: str) -> bytes:
    """Return the key of a Message-ID; white space and brackets don't matter."""
    return hashlib.sha256(message_id.strip().strip("<>").encode("utf-8", "replace")).digest()
