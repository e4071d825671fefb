"""Nodes into values, by the type hints of dataclasses: the schema is the dataclass.

A field's metadata may say more: ``yaml`` its key, ``read`` a function that reads it, ``convert``
one that makes its value of text, ``least`` and ``most`` its limits, ``unit: size``, ``later`` words
that come in a later version, ``secret`` (like ``repr=False``) that it belongs in no file.
"""

import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from config.findings import Findings, did_you_mean, nearest
from config.interpolate import Unresolved, is_reference, resolve
from config.later import KEYS
from config.nodes import Entry, Listing, Node, Scalar, Table
from config.scalars import CONVERSIONS, Language, Size, Word
from inquiry.errors import Place

S = TypeVar("S")
T = TypeVar("T")
_DID_YOU = "; did you"
_QUOTES = "between brackets a text with a comma needs quotes"
_BARE = f"{_QUOTES}, and a list brackets of its own"
_NO_COLON = re.compile(r"([\w-]+) *[{\[]")
NO_FURTHER: Mapping[str, Any] = types.MappingProxyType({})


class Unreadable(Exception):
    """A value is wrong, and that has been said; whoever asked goes on with the next one."""


@cache
def _hints(shape: Any) -> dict[str, Any]:
    return typing.get_type_hints(shape)


@cache
def _fields(shape: Any) -> dict[str, Field[Any]]:
    return {f.metadata.get("yaml", f.name.rstrip("_")): f for f in fields(shape)}


@cache
def _sort(wanted: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """Return a type's origin and what stands in its brackets, and whether it is a dataclass."""
    return typing.get_origin(wanted), typing.get_args(wanted), is_dataclass(wanted)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads nodes as values; notes everything that is wrong with them."""

    findings: Findings
    environment: Mapping[str, str] = field(repr=False)

    def read(self, node: Node, wanted: Any, further: Mapping[str, Any] = NO_FURTHER) -> Any:
        """Return the node as ``wanted``. Raises Unreadable after noting why it can't."""
        if "read" in further:
            return further["read"](self, node)
        origin, inner, table = _sort(wanted)
        if origin in (types.UnionType, typing.Union):
            return self.read(node, _fitting(node, inner), further)
        if table:
            return self.shaped(node, wanted)
        if origin is tuple:
            return self._several(node, inner[0], further)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return self._mapping(node, inner[0], inner[1], further)
        return self._scalar(node, wanted, further)

    def shaped(self, node: Node, shape: Any) -> Any:
        """Return a table as a dataclass: unknown and missing keys are noted, all in one go."""
        if not isinstance(node, Table):
            told = f"here belongs a table: {', '.join(_fields(shape))}"
            raise self.wrong(node, told, _as_table(node, shape))
        known, later = _fields(shape), KEYS.get(shape.__name__, ())
        values, complete = {}, True
        meant = set()
        for entry in node.entries:
            target = known.get(entry.key.text)
            if target is None:
                if self.unknown(entry, known, later):
                    meant.add(nearest(entry.key.text, (*known, *later)))
                continue
            try:
                wanted = _hints(shape)[target.name]
                values[target.name] = self.read(entry.value, wanted, _further(target))
            except Unreadable:
                complete = False
                values[target.name] = None
        for key, target in known.items():
            if target.name not in values and _required(target):
                complete = False
                if key not in meant:
                    self.findings.error(node.place, "missing", f"{key!r} is missing")
        if not complete:
            raise Unreadable
        try:
            return shape(**values)
        except ValueError as error:
            raise self.wrong(node, str(error)) from error

    def text(self, node: Node, *, secret: bool = False) -> str:
        """Return a scalar's text with all that it refers to put in."""
        if not isinstance(node, Scalar):
            raise self.wrong(node, "here belongs one value, not a list or a table")
        if not node.text and node.trap:
            raise self.wrong(node, "the value is empty")
        if secret and node.text and not is_reference(node.text):
            self.findings.warn(
                node.place,
                "secret-in-file",
                "a secret stands in the file",
                "write ${file:/run/secrets/…}, ${env:…} or ${cred:…}",
            )
        try:
            return resolve(node.text, node.place.file.parent, self.environment)
        except Unresolved as error:
            raise self.wrong(node, str(error)) from error

    def choice(
        self, node: Node, words: tuple[str, ...], what: str = "", later: tuple[str, ...] = ()
    ) -> str:
        """Return one of ``words``; "" for one that comes later."""
        text = self.text(node)
        if text in words:
            return text
        if text in later:
            self.not_yet(node.place, text)
            return ""
        told = what or f"{_shown(node, text)} is not one of {', '.join(words)}"
        raise self.wrong(node, told, did_you_mean(text, (*words, *later)))

    def wrong(self, node: Node, text: str, hint: str = "") -> Unreadable:
        """Note that a value is wrong; to be raised by the caller."""
        trap = node.trap if isinstance(node, Scalar) else ""
        self.findings.error(node.place, "value", text, hint or trap)
        return Unreadable(text)

    def unknown(
        self,
        entry: Entry,
        known: typing.Iterable[str],
        later: typing.Collection[str] = (),
        what: str = "keys",
    ) -> bool:
        """Note a key that isn't known (and return True), or not yet."""
        key = entry.key.text
        if key in later:
            self.not_yet(entry.key.place, key)
            return False
        if entry.bare:
            hint = _BARE
        elif joined := _NO_COLON.match(key):
            hint = f"write a colon and a space after {joined[1]!r}"
        elif " " in key:
            hint = _QUOTES
        else:
            hint = did_you_mean(key, (*known, *later), what)
        self.findings.error(entry.key.place, "unknown-key", f"unknown key {key!r}", hint)
        return True

    def not_yet(self, place: Place, word: str) -> None:
        """Warn that a word belongs to a later version."""
        text = f"{word!r} comes in a later version and is ignored"
        self.findings.warn(place, "not-yet", text)

    def entries(self, node: Node, what: str, hint: str = "") -> Iterator[Entry]:
        """Return the entries of a table."""
        if not isinstance(node, Table):
            if isinstance(node, Listing) and any(isinstance(item, Table) for item in node.items):
                hint = "write its keys without dashes"
            raise self.wrong(node, f"here belongs a table of {what}", hint)
        yield from node.entries

    def all_of(self, items: Iterable[S], read: Callable[[S], T]) -> list[T]:
        """Return what ``read`` makes of each; the others are read, too, if one can't be.

        Raises:
            Unreadable: at least one of them couldn't, and all mistakes have been noted.
        """
        values, complete = [], True
        for item in items:
            try:
                values.append(read(item))
            except Unreadable:
                complete = False
        if not complete:
            raise Unreadable
        return values

    def _several(self, node: Node, wanted: Any, further: Mapping[str, Any]) -> tuple[Any, ...]:
        items = node.items if isinstance(node, Listing) else (node,)
        if isinstance(node, Scalar) and not node.text:
            items = ()
        return tuple(self._each((item, wanted, further) for item in items))

    def _mapping(
        self, node: Node, key: Any, wanted: Any, further: Mapping[str, Any]
    ) -> dict[Any, Any]:
        what = "languages, such as nb: […]" if key is Language else "names"
        hint = ""
        if further.get("by") == "language":
            what = "languages, such as en: …"
            hint = f"write {{en: {node.text}}}" if isinstance(node, Scalar) and node.text else ""
        entries = list(self.entries(node, what, hint))
        keys = self._each((entry.key, key, NO_FURTHER) for entry in entries)
        values = self._each((entry.value, wanted, further) for entry in entries)
        return dict(zip(keys, values, strict=True))

    def _each(self, wanted: typing.Iterable[tuple[Node, Any, Mapping[str, Any]]]) -> list[Any]:
        return self.all_of(wanted, lambda one: self.read(*one))

    def _scalar(self, node: Node, wanted: Any, further: Mapping[str, Any]) -> Any:
        wanted = getattr(wanted, "__supertype__", wanted)
        if typing.get_origin(wanted) is Literal:
            words = typing.get_args(wanted)
            return self.choice(node, words, later=further.get("later", ())) or words[0]
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return wanted(self.choice(node, tuple(str(word.value) for word in wanted)))
        text = self.text(node, secret=further.get("secret", False))
        if wanted is Word:
            return Word.at(text, node.place)
        if wanted is Path:
            return node.place.file.parent / text
        kind = Size if further.get("unit") == "size" else wanted
        convert = further.get("convert") or CONVERSIONS.get(kind)
        if convert is None:
            return text
        try:
            return self._within(node, convert(text), further)
        except ValueError as error:
            said, asked, meant = _without_secret(node, text, str(error)).partition(_DID_YOU)
            raise self.wrong(node, said, f"did you{meant}" if asked else "") from error

    def _within(self, node: Node, value: object, further: Mapping[str, Any]) -> object:
        least, most = further.get("least"), further.get("most")
        if isinstance(value, int) and least is not None and not least <= value <= (most or value):
            limits = f"from {least} to {most}" if most else f"{least} or more"
            raise self.wrong(node, f"{value} is not {limits}")
        return value


def _fitting(node: Node, options: tuple[Any, ...]) -> Any:
    wanted = [option for option in options if option is not types.NoneType]
    for option in wanted:
        origin = typing.get_origin(option) or option
        is_table = is_dataclass(option) or (
            isinstance(origin, type) and issubclass(origin, Mapping)
        )
        if is_table == isinstance(node, Table) and (origin is tuple) == isinstance(node, Listing):
            return option
    return wanted[0]


def _further(target: Field[Any]) -> Mapping[str, Any]:
    return target.metadata if target.repr else {"secret": True, **target.metadata}


def _as_table(node: Node, shape: Any) -> str:
    """Return how a single value is written where only one key may stand."""
    if len(_fields(shape)) > 1 or not isinstance(node, Scalar) or not node.text:
        return ""
    return f"write {{{next(iter(_fields(shape)))}: {node.text}}}"


def _required(target: Field[Any]) -> bool:
    return target.default is MISSING and target.default_factory is MISSING


def _shown(node: Node, text: str) -> str:
    return repr(node.text if isinstance(node, Scalar) else text)


def _without_secret(node: Node, text: str, said: str) -> str:
    if not isinstance(node, Scalar) or node.text == text:
        return said
    return said.replace(repr(text), f"what {node.text!r} stands for")
