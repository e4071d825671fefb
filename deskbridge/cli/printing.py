"""How commands print: a table for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click

from inquiry.data import as_data

GAP = "  "


def documents(values: Iterable[object]) -> None:
    """Print one JSON document: a list."""
    click.echo(json.dumps([as_data(value) for value in values], ensure_ascii=False, indent=2))


def lines(values: Iterable[object]) -> None:
    """Print JSON Lines."""
    for value in values:
        click.echo(json.dumps(as_data(value), ensure_ascii=False))


def document(value: object) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(as_data(value), ensure_ascii=False, indent=2))


def table(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print columns as wide as they need; the last one is as long as it likes."""
    texts = [[one_line(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(titles, *texts, strict=True)]
    for row in ([title.upper() for title in titles], *texts):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo(GAP.join(cells).rstrip())


def one_line(text: str, limit: int = 60) -> str:
    """Return text that can't break a table or steer a terminal."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(plain.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def paragraphs(text: str, indent: str) -> str:
    """Return a text that can't steer a terminal, every line indented."""
    plain = (
        "".join(letter if letter.isprintable() else " " for letter in line)
        for line in text.splitlines()
    )
    return "\n".join(f"{indent}{line}".rstrip() for line in plain)


def when(moment: datetime) -> str:
    """Return an instant as people read it, in the time zone of this machine, which is named."""
    return f"{moment.astimezone():%d %b %H:%M %Z}"
