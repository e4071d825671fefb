"""Are the habits kept that no linter knows?"""

import ast
import re
import tokenize
from pathlib import Path

import pytest

from tests.layout.tree import PRODUCT, ROOT, calls, imports, modules, syntax, text_of

UNDONE = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
SPEAKS = (
    "deskbridge/cli/",
    "benchmarks/",
    "tests/torture/",
    "tests/normalizer/language_report.py",
)
"""What may print: the command line, and programs that people run to read a figure."""
SKIPS = ("tests/servers/", "tests/conftest.py")
"""Where it is decided that a test can't run: one place, which fails when CI is set."""


def among(path: Path, places: tuple[str, ...]) -> bool:
    return path.as_posix().startswith(places)


@pytest.mark.parametrize("path", modules(), ids=str)
def test_nothing_is_left_undone(path: Path) -> None:
    assert UNDONE.findall(text_of(path)) == []
    stubs = [line for line, name, _ in calls(path) if name == "NotImplementedError"]
    assert stubs == []


@pytest.mark.parametrize("path", modules("tests"), ids=str)
def test_tests_pass_arguments_instead_of_patching(path: Path) -> None:
    assert [name for name in imports(path) if name.startswith("unittest.mock")] == []
    assert [line for line, name, _ in calls(path) if name.startswith("mocker.")] == []


@pytest.mark.parametrize("path", modules("tests"), ids=str)
def test_no_test_is_skipped(path: Path) -> None:
    if among(path, SKIPS):
        return
    attributes = {
        ast.unparse(node) for node in ast.walk(syntax(path)) if isinstance(node, ast.Attribute)
    }
    skips = {name for name in attributes if re.search(r"\b(skip|skipif|xfail|importorskip)$", name)}
    assert skips == set()


@pytest.mark.parametrize("path", modules(*PRODUCT, "tests", "benchmarks"), ids=str)
def test_only_programs_for_people_print(path: Path) -> None:
    to_stdout = [
        line
        for line, name, call in calls(path)
        if name == "print" and not any(word.arg == "file" for word in call.keywords)
    ]
    assert to_stdout == [] or among(path, SPEAKS)


@pytest.mark.parametrize("path", modules(), ids=str)
def test_no_program_is_called_through_a_shell(path: Path) -> None:
    shells = [
        line
        for line, name, call in calls(path)
        if name in {"os.system", "os.popen", "asyncio.create_subprocess_shell"}
        or any(word.arg == "shell" for word in call.keywords)
    ]
    assert shells == []


def test_comments_are_few() -> None:
    comments = lines = 0
    for path in modules(*PRODUCT):
        lines += text_of(path).count("\n")
        with tokenize.open(ROOT / path) as source:
            found = tokenize.generate_tokens(source.readline)
            comments += sum(token.type == tokenize.COMMENT for token in found)
    assert comments / lines <= 0.05
