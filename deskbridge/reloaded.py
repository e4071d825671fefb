"""How a reload ended: for whoever asked, the log, the metrics and the console."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.report import as_json, counted
from deskbridge.endings import DONE
from deskbridge.in_force import RestartNeeded
from deskbridge.open_channels import Exchange
from inquiry.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What came of one attempt to load the configuration."""

    code: int
    """As an exit code: 0 is applied; with every other one the old configuration stays in force."""
    at: datetime
    configuration: str
    """Hash of the one in force now."""
    in_force_since: datetime
    problems: tuple[Problem, ...] = ()
    """With warnings, also where it was applied."""
    shown: tuple[str, ...] = ()
    """Each problem as ``check`` prints it, as its file was at that moment."""
    reason: str = ""
    """Why not, where no file is to blame: the desk stops, the database is away."""
    restart_needed: tuple[RestartNeeded, ...] = ()
    channels: Exchange = field(default_factory=Exchange)
    warnings: tuple[str, ...] = ()
    """What else is to be known: dispatches that wait for a channel that is gone."""

    @property
    def applied(self) -> bool:
        return self.code == DONE

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        if not self.applied:
            why = self.reason or counted([one for one in self.problems if not one.warning])
            return f"not reloaded: {why}; configuration {self.configuration} stays in force"
        changes = ", ".join(_changes(self.channels)) or "no channel is touched"
        return f"configuration {self.configuration} is in force; {changes}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what is in force, but not as the file says or the operator may think."""
        failed = (f"channel {name}: {why}" for name, why in self.channels.failed.items())
        return (*map(str, self.restart_needed), *failed, *self.warnings)

    def as_data(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "code": self.code,
            "applied": self.applied,
            "said": self.sentence,
            "at": self.at.isoformat(),
            "configuration": self.configuration,
            "in_force_since": self.in_force_since.isoformat(),
            "problems": [
                {**as_json(problem), "shown": shown}
                for problem, shown in zip(self.problems, self.shown, strict=True)
            ],
            "restart_needed": [
                {"name": one.name, "old": one.old, "new": one.new} for one in self.restart_needed
            ],
            "channels": {
                "opened": list(self.channels.opened),
                "changed": list(self.channels.changed),
                "closed": list(self.channels.closed),
                "failed": dict(self.channels.failed),
            },
            "warnings": list(self.warnings),
        }


def _changes(channels: Exchange) -> Iterator[str]:
    for word, names in (
        ("opened", channels.opened),
        ("opened anew", channels.changed),
        ("closed", channels.closed),
    ):
        if names:
            yield f"{word} {', '.join(names)}"
