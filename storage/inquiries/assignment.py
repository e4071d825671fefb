"""Inquiries that nobody has been given yet, and whose turn it was last."""

from dataclasses import dataclass

from inquiry.journey import InquiryId, QueueName, SpecialistName
from storage.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """An inquiry to be given to somebody, or left to whoever takes it."""

    id: InquiryId
    queue: QueueName
    assign_by: str
    """What the rule wishes; "" leaves it to the queue."""


async def any_waiting(tx: Transaction) -> bool:
    """Is there any?"""
    return await tx.one("assignment.any_waiting") is not None


async def claim(tx: Transaction, *, limit: int) -> list[Unassigned]:
    """Return the oldest; nobody else gets them until the transaction ends."""
    return [Unassigned(**row) for row in await tx.all("assignment.waiting", limit=limit)]


async def leave(tx: Transaction, inquiry: InquiryId) -> None:
    """Leave it to whoever takes it."""
    await tx.run("assignment.leave", id=inquiry)


async def hold_turn(tx: Transaction, queue: QueueName) -> str:
    """Return whose turn it was last, and let nobody else take one until the transaction ends."""
    await tx.run("assignment.first_turn", queue=queue)
    row = await tx.one("assignment.turn", queue=queue)
    assert row
    return str(row["last"])


async def take_turn(tx: Transaction, queue: QueueName, specialist: SpecialistName) -> None:
    """Remember whose turn it was."""
    await tx.run("assignment.take_turn", queue=queue, last=specialist)
