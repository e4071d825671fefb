"""The repository as the layout tests see it: what git tracks, parsed once."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PRODUCT = (
    "inquiry",
    "channels",
    "normalizer",
    "router",
    "specialists",
    "outbox",
    "storage",
    "web",
    "config",
    "deskbridge",
)
"""Our top-level packages, in the order of the journey."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[Path, ...]:
    """Return every tracked file that is there, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = filter(None, listed.stdout.split("\0"))
    return tuple(path for path in map(Path, names) if (ROOT / path).is_file())


def modules(*folders: str) -> list[Path]:
    """Return the tracked Python files of these top-level folders; of none named: all."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and (not folders or path.parts[0] in folders)
    ]


def text_of(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")


def lines_of(path: Path) -> int:
    return text_of(path).count("\n")


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(text_of(path), str(path))


def functions(path: Path) -> Iterator[tuple[Function, int]]:
    """Find the functions and methods of a module with their length, decorators left out."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, Function):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1


def imports(path: Path) -> Iterator[str]:
    """Find the dotted names of what a module imports."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path) -> Iterator[tuple[int, str, ast.Call]]:
    """Find the calls in a module: line, what is called as it is written, the call."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


@cache
def settings() -> Mapping[str, Any]:
    """Return what stands below ``tool`` in pyproject.toml."""
    tools: Mapping[str, Any] = tomllib.loads(text_of(Path("pyproject.toml")))["tool"]
    return tools


def layers() -> tuple[str, ...]:
    """Return the lines of the import contract, the highest first."""
    (contract,) = settings()["importlinter"]["contracts"]
    return tuple(contract["layers"])
