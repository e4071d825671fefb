"""Telling the other specialists something that the customer never sees."""

from datetime import datetime

from inquiry.journey import InquiryId, SpecialistName
from specialists.acts.progress import take_up
from specialists.acts.words import words_in
from storage.database import Database, Transaction
from storage.inquiries import transitions


async def note(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, text: str, now: datetime
) -> int:
    """Tell the other specialists something; return the note's number."""

    async def work(tx: Transaction) -> int:
        standing = await transitions.hold(tx, inquiry)
        await take_up(tx, standing, specialist, now)
        return await transitions.add_note(
            tx, inquiry, specialist, words_in(text, "a note"), now=now
        )

    return await db.write(work)
