"""What something costs: memory of the bridge and of its workers, time, and the loop's patience."""

import asyncio
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from benchmarks.processes import family

MIB = 1024 * 1024
SECONDS = 30
LAG = 0.2
AT_REST = 0.02
"""Seconds between two looks at the loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one hostile input took, and what became of it."""

    size: int
    """Bytes that it may take memory for: of the message that was taken in."""
    sent: int
    seconds: float
    worker: float
    """Bytes above the idle worker at the worst moment."""
    bridge: float
    lag: float
    outcome: str
    wrong: bool = False

    @property
    def broken(self) -> list[str]:
        """Say which bounds were broken."""
        allowed = 64 * MIB + 4 * self.size
        return [
            *(["outcome"] if self.wrong else []),
            *(["time"] if self.seconds > SECONDS else []),
            *(["memory"] if max(self.worker, self.bridge) > allowed else []),
            *(["loop"] if self.lag > LAG else []),
        ]


@dataclass(slots=True)
class Watch:
    """Watches this process and its children while it is open, from inside its event loop."""

    seconds: float = 0.0
    grown: float = 0.0
    children_grown: float = 0.0
    lag: float = 0.0
    _pids: list[int] = field(default_factory=list)
    _before: tuple[float, float] = (0.0, 0.0)
    _began: float = 0.0
    _task: "asyncio.Task[None] | None" = None

    async def __aenter__(self) -> Self:
        self._pids = family(os.getpid())
        for pid in self._pids:
            with suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")  # the highest is counted anew
        self._before = self._highest()
        self._began = time.perf_counter()
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._began
        assert self._task
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        ours, theirs = self._highest()
        self.grown, self.children_grown = ours - self._before[0], theirs - self._before[1]

    async def _look(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(AT_REST)
            self.lag = max(self.lag, time.perf_counter() - began - AT_REST)

    def _highest(self) -> tuple[float, float]:
        ours, *theirs = map(_peak, self._pids)
        return ours, max(theirs, default=0.0)


def _peak(pid: int) -> float:
    """Return the most bytes that a process has held; 0 if it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) * 1024
    return 0.0


HEAD = f"{'bomb':38}{'size':>9}{'time':>9}{'worker':>9}{'bridge':>9}{'lag':>8}  outcome"


def show(name: str, cost: Cost) -> None:
    """Print one line of the table."""
    print(
        f"{name:38}{cost.sent / MIB:6.1f} MB{cost.seconds:7.2f} s{cost.worker / MIB:6.0f} MB"
        f"{cost.bridge / MIB:6.0f} MB{cost.lag * 1000:5.0f} ms  {cost.outcome}"
        f"{' BROKEN: ' if cost.broken else ''}{', '.join(cost.broken)}",
        flush=True,
    )
