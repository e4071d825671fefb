"""What a pigeon carries. Runs in a worker process: what it fails over, it fails over alone."""

import json

from inquiry.journey import Envelope
from inquiry.understood import Known, Message, Party


def understand(raw: bytes, envelope: Envelope, known: Known) -> Message:
    """Make a message of a letter."""
    letter = json.loads(raw)
    ring = letter["ring"]
    return Message(
        sender=Party(ring, letter.get("name", "")),
        conversation=ring,
        remote_id=str(letter["number"]),
        text=letter["text"],
    )
