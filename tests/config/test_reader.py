"""Does the generic reader make of a node what a dataclass asks for?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NewType

import pytest

from config.findings import Findings
from config.nodes import parse
from config.reader import Reader, Unreadable
from config.scalars import Word

Name = NewType("Name", str)


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    port: int = field(default=25, metadata={"least": 1, "most": 99})
    from_: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    text: str = ""
    name: Name = Name("")
    several: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    flag: bool = False
    wait: timedelta = timedelta(0)
    path: Path | None = None
    inner: Inner | None = None
    inners: Mapping[str, Inner] = field(default_factory=dict)
    colour: Colour = Colour.RED
    word: Literal["a", "b"] = field(default="a", metadata={"later": ("c",)})
    either: str | tuple[str, ...] | Mapping[str, str] = ""
    secret: str = field(default="", repr=False)
    hidden: str = field(default="", repr=False, metadata={"secret": False})
    renamed: str = field(default="", metadata={"yaml": "new-name"})
    large: int = field(default=0, metadata={"unit": "size"})
    loud: str = field(default="", metadata={"convert": str.upper})


def read(text: str) -> tuple[Any, list[str]]:
    """Read a table as :class:`Shape`; return it (None if unreadable) and what was noted."""
    findings = Findings()
    node = parse(text, Path("folder/desk.yaml"), findings)
    assert node is not None
    try:
        made = Reader(findings, {"NAME": "value", "EMPTY": ""}).read(node, Shape)
    except Unreadable:
        made = None
    return made, [f"{problem.code}: {problem.text}" for problem in findings.problems]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        pytest.param("text: no", "text", "no", id="text"),
        pytest.param("name: abc", "name", "abc", id="a new type is its base"),
        pytest.param("several: [a, b]", "several", ("a", "b"), id="a list"),
        pytest.param("several: a", "several", ("a",), id="one for many"),
        pytest.param("several: []", "several", (), id="an empty list"),
        pytest.param("numbers: [1, 2]", "numbers", (1, 2), id="a list of numbers"),
        pytest.param("flag: yes", "flag", True, id="yes"),
        pytest.param("wait: 2h", "wait", timedelta(hours=2), id="a duration"),
        pytest.param("path: a/b", "path", Path("folder/a/b"), id="beside the file"),
        pytest.param("path: /a/b", "path", Path("/a/b"), id="an absolute path"),
        pytest.param("inner: {port: 7}", "inner", Inner(port=7), id="a table"),
        pytest.param("inner: {from: a}", "inner", Inner(from_="a"), id="a keyword of Python"),
        pytest.param("inners: {x: {port: 7}}", "inners", {"x": Inner(port=7)}, id="tables"),
        pytest.param("colour: green", "colour", Colour.GREEN, id="an enum"),
        pytest.param("word: b", "word", "b", id="a word"),
        pytest.param("either: a", "either", "a", id="of three: one"),
        pytest.param("either: [a]", "either", ("a",), id="of three: a list"),
        pytest.param("either: {k: v}", "either", {"k": "v"}, id="of three: a table"),
        pytest.param("secret: ${env:NAME}", "secret", "value", id="from the environment"),
        pytest.param("secret: '${env:EMPTY}'", "secret", "", id="an empty variable"),
        pytest.param("text: ${env:NO:-a}b", "text", "ab", id="a default"),
        pytest.param("text: $${env:NAME}", "text", "${env:NAME}", id="a literal dollar"),
        pytest.param("hidden: abc", "hidden", "abc", id="not shown, yet no secret"),
        pytest.param("new-name: a", "renamed", "a", id="another name in the file"),
        pytest.param("large: 2KB", "large", 2048, id="a size"),
        pytest.param("loud: a", "loud", "A", id="a conversion of its own"),
    ],
)
def test_what_is_read(text: str, name: str, value: object) -> None:
    made, noted = read(text)
    assert getattr(made, name) == value
    assert noted == []


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        pytest.param("[]", "value: here belongs a table: text, name,", id="a list"),
        pytest.param("numbers: [1, x, y]", "value: 'x' is not a whole number", id="in a list"),
        pytest.param("text: {a: b}", "value: here belongs one value,", id="a table"),
        pytest.param("inners: abc", "value: here belongs a table of names", id="no table"),
        pytest.param("inner: {port: 100}", "value: 100 is not from 1 to 99", id="too large"),
        pytest.param("renamed: a", "unknown-key: unknown key 'renamed'", id="the inner name"),
        pytest.param("colour: blue", "value: 'blue' is not one of red, green", id="an enum"),
        pytest.param("text: ${file:no}", "value: cannot read 'folder/no'", id="no file"),
        pytest.param("large: 2048", "value: '2048' is not a size such as", id="no unit"),
    ],
)
def test_what_is_refused(text: str, noted: str) -> None:
    made, told = read(text)
    assert made is None or "unknown-key" in noted
    assert told[0].startswith(noted)


def test_a_word_of_a_later_version_is_ignored() -> None:
    made, noted = read("word: c")
    assert made.word == "a"
    assert noted == ["not-yet: 'c' comes in a later version and is ignored"]


def test_a_secret_in_the_file_is_read_and_warned_of() -> None:
    made, noted = read("secret: abc")
    assert made.secret == "abc"
    assert noted == ["secret-in-file: a secret stands in the file"]


def test_every_wrong_item_is_told() -> None:
    _, noted = read("{numbers: [x, 1, y], flag: maybe}")
    assert [text.split("'")[1] for text in noted] == ["x", "y", "maybe"]


def test_words_keep_their_place() -> None:
    node = parse("a:\n  - kasia\n", Path("desk.yaml"), Findings())
    assert node is not None
    ((word,),) = Reader(Findings(), {}).read(node, Mapping[str, tuple[Word, ...]]).values()
    assert (word, word.place.line, word.place.column) == ("kasia", 2, 5)
