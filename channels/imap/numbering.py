"""What a mail is called: its folder, UIDVALIDITY and UID, and how far each folder has come."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbering:
    """How the mails of a folder are numbered from now on.

    Mails with a UID below ``below`` may be here already under another name, so they are compared
    by their bytes. ``turn`` counts how often a server went back in its numbers, as one does that
    was restored from a snapshot: then a UID that was used before is another mail.
    """

    uid_validity: int
    below: int = 0
    turn: int = 0

    def remote_id(self, folder: str, uid: int) -> str:
        """Return the name of a mail."""
        turn = f".{self.turn}" if self.turn else ""
        return f"{folder}/{self.uid_validity}{turn}/{uid}"

    def cursor(self, uid: int) -> str:
        """Write down that a folder has come so far."""
        turn = f"/{self.turn}" if self.turn else ""
        return f"{self.uid_validity}/{uid}/{self.below}{turn}"


def numbering(last: str | None, uid_validity: int, uid_next: int) -> Numbering:
    """Go on from the last cursor of a folder.

    Once numbers have changed, what may be old stays so for good: a crash in the middle of looking
    through the mails must not make the rest new.
    """
    if last is None:
        return Numbering(uid_validity)
    before, uid, below, *turns = map(int, last.split("/"))
    turn = turns[0] if turns else 0
    if before != uid_validity:
        return Numbering(uid_validity, uid_next)
    if uid_next <= uid:
        return Numbering(uid_validity, uid_next, turn + 1)
    return Numbering(uid_validity, below, turn)
