"""Does every thing live where its word says?"""

import ast
import sys
from pathlib import Path

import pytest

from tests.layout.tree import PRODUCT, calls, imports, layers, modules, settings, syntax, tracked

NO_WORDS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "core", "misc"}
LOOPS = {"stage.py", "stage", "workers.py"}
"""Modules, and packages of them, that may know the database."""
PURE = [path for path in modules("normalizer", "router") if not LOOPS.intersection(path.parts)]
IMPURE = {
    "asyncio",
    "socket",
    "threading",
    "storage",
    "apsw",
    "asyncpg",
    "aiohttp",
    "httpx",
}
CLOCKS = (".now", ".utcnow", ".today", "time.time")
"""A monotonic clock is no clock: it only bounds how long a pattern may take."""


@pytest.mark.parametrize(
    "path", [path for path in modules(*PRODUCT) if path.name == "__init__.py"], ids=str
)
def test_a_package_says_what_it_is_and_nothing_else(path: Path) -> None:
    (only,) = syntax(path).body
    assert isinstance(only, ast.Expr)
    assert ast.get_docstring(syntax(path))


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in modules(*PRODUCT)}
    assert [f for f in sorted(folders) if f / "__init__.py" not in tracked()] == []


@pytest.mark.parametrize("path", modules(*PRODUCT, "benchmarks"), ids=str)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(syntax(path))


def test_nothing_lives_in_a_room_without_a_word() -> None:
    words = {path: {*path.parts[:-1], path.stem} for path in modules()}
    assert [str(path) for path, found in words.items() if found & NO_WORDS] == []


def test_the_import_contract_names_every_adapter() -> None:
    adapters = {path.parts[1].removesuffix(".py") for path in modules("channels")}
    named = {name.strip() for layer in layers() for name in layer.split("|")}
    assert {name for name in named if name.startswith("channels.")} == {
        f"channels.{adapter}" for adapter in adapters - {"__init__"}
    }


def test_the_import_contract_names_every_package() -> None:
    named = {name.strip().split(".")[0] for layer in layers() for name in layer.split("|")}
    assert named == set(PRODUCT)


@pytest.mark.parametrize("path", modules("inquiry"), ids=str)
def test_what_travels_needs_the_standard_library_only(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    assert roots - sys.stdlib_module_names <= {"inquiry"}


@pytest.mark.parametrize("path", PURE, ids=str)
def test_understanding_and_deciding_are_pure(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)} & IMPURE == set()
    assert [name for _, name, _ in calls(path) if name.endswith(CLOCKS)] == []


@pytest.mark.parametrize("folder", PRODUCT)
def test_every_package_has_tests_of_its_own(folder: str) -> None:
    assert [path for path in modules("tests") if path.parts[1] == folder]


def test_no_test_folder_is_a_package() -> None:
    assert [str(path) for path in modules("tests") if path.name == "__init__.py"] == []


def test_every_file_of_the_product_is_shipped() -> None:
    shipped = {Path(pattern).suffix for pattern in settings()["setuptools"]["package-data"]["*"]}
    product = {path.suffix for path in tracked() if path.parts[0] in PRODUCT}
    assert product - shipped == {".py"}
