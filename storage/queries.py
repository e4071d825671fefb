"""The SQL of ``storage/sql/``, loaded once per dialect.

Words that differ between the databases stand as hints: ``/*+ skip_locked */``,
``/*+ for_update */`` and ``/*+ clock */`` (the database's clock in microseconds since 1970).
``/*+= conditions */`` is a blank that the search language fills with pieces of SQL of its own.
``new /*+ rows(id bigint, name text) */`` is the table of what ``Transaction.each`` is given, and
``/*+ in_order */`` its order. A text whose name begins with ``_`` is no query: it is what several
of its file have in common, and stands in them as a hint, too.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from aiosql.query_loader import QueryLoader

from storage.bunches import MARK

SQL = Path(__file__).parent / "sql"
NOTHING: Mapping[str, str] = {}
HINTS = {
    "sqlite": {
        "skip_locked": "",
        "for_update": "",
        "clock": "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
        "in_order": "",
    },
    "postgres": {
        "skip_locked": "FOR NO KEY UPDATE SKIP LOCKED",
        "for_update": "FOR NO KEY UPDATE",
        "clock": "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
        "in_order": "ORDER BY number",
    },
}
ROWS = {
    "sqlite": (":{0}", f"({{names}}) AS (VALUES ({{values}}) {MARK})"),
    "postgres": (
        ":{0}::{1}[]",
        "({names}, number) AS (SELECT * FROM unnest({values}) WITH ORDINALITY)",
    ),
}
"""How a value of each row is written, and a table of all of them."""
_HINT = re.compile(r"/\*\+\s*(\w+)\s*\*/")
_ROWS = re.compile(r"/\*\+\s*rows\(([^)]*)\)\s*\*/")
_BLANK = re.compile(r"/\*\+=\s*(\w+)\s*\*/")
_VALUE = re.compile(r"(?<![:\w]):([a-z_]\w*)")


class _AsItIs:
    """To aiosql: leave the text of a query alone, we run it ourselves."""

    def process_sql(self, _name: str, _operation: object, sql: str) -> str:
        return sql


@cache
def queries(dialect: str) -> dict[str, str]:
    """Return the text of every query by its name ``file.query``, its hints filled in.

    ``name.sqlite.sql`` and ``name.postgres.sql`` hold the few texts that only one of them reads.
    """
    adapter: Any = _AsItIs()
    loader = QueryLoader(adapter, None, mandatory_parameters=False)
    found: dict[str, str] = {}
    for path in sorted(SQL.glob("*.sql")):
        room, *only = path.name.removesuffix(".sql").split(".")
        if only in ([], [dialect]):
            in_common: dict[str, str] = {}
            for query in loader.load_query_data_from_file(path, encoding="utf-8"):
                text = with_hints(with_rows(query.sql, dialect), dialect, in_common)
                if query.query_name.startswith("_"):
                    in_common[query.query_name] = text.removesuffix(";")
                else:
                    found[f"{room}.{query.query_name}"] = text
    return found


def with_hints(sql: str, dialect: str, in_common: Mapping[str, str] = NOTHING) -> str:
    """Fill in the words of ``dialect``. Raises KeyError for a hint that is none of ours."""
    words = {**HINTS[dialect], **in_common}
    return _HINT.sub(lambda hint: words[hint[1]], sql)


def with_rows(sql: str, dialect: str) -> str:
    """Fill in the tables of what ``each`` is given."""

    value, whole = ROWS[dialect]

    def table(rows: re.Match[str]) -> str:
        columns = [column.split() for column in rows[1].split(",")]
        names = ", ".join(name for name, _ in columns)
        return whole.format(names=names, values=", ".join(value.format(*one) for one in columns))

    return _ROWS.sub(table, sql)


def with_blanks(sql: str, blanks: Mapping[str, str]) -> str:
    """Fill in the blanks. What goes in is fixed text of ours, never a word that somebody typed."""
    return _BLANK.sub(lambda blank: blanks[blank[1]], sql)


@lru_cache(1024)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return the SQL with ``$1, $2 …`` for its named values, and their names in that order."""
    names: list[str] = []

    def number(value: re.Match[str]) -> str:
        if value[1] not in names:
            names.append(value[1])
        return f"${names.index(value[1]) + 1}"

    return _VALUE.sub(number, sql), tuple(names)
