"""The search language: ``is:open queue:first-line "no dial tone" -tag:spam sort:created``.

Every word of a query becomes one condition, a piece of SQL from the tables below; what somebody
typed only ever travels as a value.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from inquiry.errors import BridgeError
from inquiry.folding import fold
from inquiry.journey import SpecialistName
from inquiry.words import Priority, State
from storage.inquiries.copies import ALSO

MOST = 20
"""Words in one query."""
TOKEN = re.compile(
    r'(?P<minus>-?)(?:(?P<key>[^\W\d][\w-]*):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))'
)
ACTIVE = ", ".join(f"'{state}'" for state in State if state.active)
WAITING = "'waiting-for-customer', 'waiting-for-supplier'"

IS: Mapping[str, str] = {
    **{state.value: f"i.state = '{state}'" for state in State},
    "open": f"i.state IN ({ACTIVE})",
    "waiting": f"i.state IN ({WAITING})",
    "done": "i.state IN ('resolved', 'closed')",
    "unassigned": f"i.assignee IS NULL AND i.state IN ({ACTIVE})",
    "assigned": "i.assignee IS NOT NULL",
    "unanswered": f"i.unanswered > 0 AND i.state IN ({ACTIVE})",
}
"""What may follow ``is:``. ``open`` means that something is still to be done."""

SORT: Mapping[str, str] = {
    "updated": "i.updated_at",
    "created": "i.created_at",
    "oldest": "-i.updated_at",
    "priority": "CASE i.priority WHEN 'urgent' THEN 3 WHEN 'high' THEN 2 WHEN 'normal' THEN 1 "
    "ELSE 0 END * 100000000000000000 + i.updated_at",
}
"""What may follow ``sort:``: the greatest comes first."""


class QueryError(BridgeError):
    """The query has a word that means nothing: says which, and what may be meant."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of a query: a piece of SQL with one blank ``{}`` for the name of its value."""

    sql: str
    value: str | int | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What somebody looks for."""

    text: str = ""
    conditions: tuple[Condition, ...] = ()
    sort: str = "updated"

    def where(self, viewer: SpecialistName | None) -> tuple[str, dict[str, object]]:
        """Return the SQL of all conditions and their values; ``viewer`` is whom ``me`` means."""
        pieces, values = ["1 = 1"], dict[str, object]()
        for number, condition in enumerate(self.conditions):
            name = f"v{number}"
            piece = condition.sql.replace("{}", f":{name}")
            if condition.value is not None:
                values[name] = viewer if condition.value == ME else condition.value
            pieces.append(f"NOT coalesce(({piece}), FALSE)" if condition.negated else f"({piece})")
        return " AND ".join(pieces), values


ME = "\0me"


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        QueryError: an operator or value is unknown, or there are more than ``MOST`` words.
    """
    tokens = list(TOKEN.finditer(text))
    if len(tokens) > MOST:
        raise QueryError(f"a query has at most {MOST} words")
    conditions: list[Condition] = []
    sort = "updated"
    for token in tokens:
        value = token["plain"] if token["quoted"] is None else token["quoted"]
        if token["key"] == "sort":
            sort = _one_of("sort", value, SORT)
        else:
            found = _condition(token["key"], value)
            conditions.append(Condition(found.sql, found.value, bool(token["minus"])))
    return Query(text=text.strip(), conditions=tuple(conditions), sort=sort)


def _condition(key: str | None, value: str) -> Condition:
    if key is None:
        return Condition(r"i.search LIKE {} ESCAPE '\'", _inside(fold(value)))
    operator = key.lower()
    if operator not in OPERATORS:
        known = (*OPERATORS, "sort")
        raise QueryError(f"there is no operator {key}: {_hint(operator, known, ':')}")
    return OPERATORS[operator](value)


def _is(value: str) -> Condition:
    return Condition(IS[_one_of("is", value, IS)])


def _assignee(value: str) -> Condition:
    if value == "none":
        return Condition("i.assignee IS NULL")
    return Condition("i.assignee = {}", ME if value == "me" else value)


def _priority(value: str) -> Condition:
    least = value.removeprefix(">=")
    wanted = Priority(_one_of("priority", least, [word.value for word in Priority]))
    if least == value:
        return Condition("i.priority = {}", wanted.value)
    enough = ", ".join(f"'{word}'" for word in Priority if word.rank >= wanted.rank)
    return Condition(f"i.priority IN ({enough})")


def _from(value: str) -> Condition:
    return Condition(
        r"lower(p.address || ' ' || p.name || ' ' || c.name) LIKE {} ESCAPE '\'",
        _inside(value.lower()),
    )


def _number(value: str) -> Condition:
    if value.isascii() and value.isdigit():
        return Condition(r"i.reference LIKE {} ESCAPE '\'", f"%{value}")
    return Condition("i.reference = {}", value)


def _equals(column: str) -> Callable[[str], Condition]:
    return lambda value: Condition(f"{column} = {{}}", value)


OPERATORS: Mapping[str, Callable[[str], Condition]] = {
    "is": _is,
    "queue": lambda value: Condition(
        f"""i.queue = {{}} OR (i.tags <> '[]' AND i.tags LIKE '%"{ALSO}' || {{}} || '"%')""", value
    ),
    "assignee": _assignee,
    "from": _from,
    "channel": _equals("i.channel"),
    "lang": _equals("i.language"),
    "tag": lambda value: Condition(r"i.tags LIKE {} ESCAPE '\'", _inside(f'"{value}"')),
    "category": _equals("i.category"),
    "priority": _priority,
    "number": _number,
}
"""What may stand before a colon."""


def _inside(text: str) -> str:
    """Return a LIKE pattern for texts that hold ``text``."""
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def _one_of(key: str, value: str, known: Collection[str]) -> str:
    if value in known:
        return value
    raise QueryError(f"{key}: has no word {value}: {_hint(value, known)}")


def _hint(word: str, known: Collection[str], after: str = "") -> str:
    close = get_close_matches(word, known, n=1)
    if close:
        return f"did you mean {close[0]}{after}?"
    return "there are " + ", ".join(f"{one}{after}" for one in known)
