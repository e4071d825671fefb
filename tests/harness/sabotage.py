"""A bridge that breaks its promises, to see whether the harness notices.

The text of each is a ``sitecustomize`` module: Python runs it at its start when its folder stands
on PYTHONPATH. The program itself stays as it is.
"""

from pathlib import Path

CONFIRMS_TOO_EARLY = """
import asyncio
from storage.intake import Intake

keep = Intake.accept_all
tasks = set()

async def accept_all(self, arrivals):
    task = asyncio.create_task(later(self, arrivals))
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return [0] * len(arrivals)

async def later(self, arrivals):
    await asyncio.sleep(0.3)
    await keep(self, arrivals)

Intake.accept_all = accept_all
"""

FORGETS_WHO_WAS_HERE = """
import os
from dataclasses import replace
from storage.intake import Intake

keep = Intake.accept_all

async def accept_all(self, arrivals):
    return await keep(self, [replace(a, remote_id=os.urandom(9).hex()) for a in arrivals])

Intake.accept_all = accept_all
"""

CHANGES_BYTES = """
from dataclasses import replace
from storage.intake import Intake

keep = Intake.accept_all

async def accept_all(self, arrivals):
    changed = [
        replace(a, raw=a.raw.replace(b"..two dots", b".two dots")) if type(a.raw) is bytes else a
        for a in arrivals
    ]
    return await keep(self, changed)

Intake.accept_all = accept_all
"""


def environment(sabotage: str, folder: Path) -> dict[str, str]:
    """Return what makes a bridge that is started with it behave so."""
    place = folder / "sabotage"
    place.mkdir()
    (place / "sitecustomize.py").write_text(sabotage)
    return {"PYTHONPATH": str(place)}
