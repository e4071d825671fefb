"""Records of customers as an import leaves them."""

from collections.abc import Iterable
from pathlib import Path

from storage import imports, records
from storage.database import Transaction
from storage.records import Line
from tests.storage.arrivals import MONDAY

FILE = Path("customers.csv")


async def imported(tx: Transaction, lines: Iterable[Line], *, configured: bool = False) -> int:
    """Import these lines; return the number of the import."""
    begun = await imports.begin(tx, FILE, alone=True, now=MONDAY)
    there = list(lines)
    await records.put(tx, begun, there)
    await imports.finish(
        tx,
        begun,
        fingerprint="these lines",
        configured=configured,
        lines=len(there),
        left_out=0,
        now=MONDAY,
    )
    return begun
