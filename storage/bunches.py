"""Many rows by one statement on SQLite.

Each step into SQLite lets Python's other threads run, and then has to wait for its turn: with a
statement for each row the writing thread and the event loop would hinder one another all the time.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

MARK = "/*+= more_rows */"
SIZES = (64, 16, 4, 1)
"""Few different ones, so that SQLite keeps the prepared statements."""
_ROW = re.compile(r"\((\s*:\w+(?:,\s*:\w+)*\s*)\)\s*" + re.escape(MARK))
_NAME = re.compile(r":(\w+)")


def bunches(count: int) -> Iterator[slice]:
    """Cut ``count`` rows into pieces that statements are made for."""
    start = 0
    for size in SIZES:
        while count - start >= size:
            yield slice(start, start + size)
            start += size


@lru_cache(64)
def bunch(sql: str, size: int) -> tuple[str, tuple[str, ...]]:
    """Return the statement for ``size`` rows, and the names of the values of each in order.

    ``sql`` has one row of named values with the mark behind it, and no other values.
    """
    found = _ROW.search(sql)
    if found is None:
        raise ValueError(f"no row of values before {MARK}")
    names = tuple(_NAME.findall(found[1]))
    row = f"({', '.join('?' * len(names))})"
    return sql[: found.start()] + ", ".join([row] * size) + sql[found.end() :], names
