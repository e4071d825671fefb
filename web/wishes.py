"""The two fields of a form that ask why something was not decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.why_not import BadWish, Wish, wish

FIELDS = (
    *("queue", "priority", "category", "tags", "assign.to", "sla", "reply", "handle"),
    *("notify", "assign.by", "assign.skills", "assign.prefer", "attachments", "snooze", "reason"),
    "set",
)
"""What is offered; ``set`` is followed by ``name=value``."""
LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWish:
    """What somebody asks, and what of it can be understood."""

    field: str = ""
    value: str = ""
    wish: Wish | None = None
    wrong: str = ""

    def shown(self) -> dict[str, Any]:
        """Return what the templates of the form need."""
        return {"asked": self, "fields": FIELDS, "wrong": self.wrong}


def wish_in(form: Mapping[str, Any]) -> AskedWish:
    """Read a form; without a value nothing is asked."""
    field, value = (str(form.get(name, ""))[:LONGEST].strip() for name in ("field", "value"))
    if not value:
        return AskedWish(field=field)
    written = f"set.{value}" if field == "set" else f"{field}={value}"
    try:
        return AskedWish(field=field, value=value, wish=wish(written))
    except BadWish as bad:
        return AskedWish(field=field, value=value, wrong=str(bad))
