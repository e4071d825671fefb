"""Says at the end how large the house has become."""

from collections.abc import Callable, Iterable
from statistics import median

import pytest

from tests.layout.tree import PRODUCT, functions, lines_of, modules


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    product, tests = modules(*PRODUCT), modules("tests")
    files = [lines_of(path) for path in product if path.name != "__init__.py"]
    sizes = [size for path in product for _, size in functions(path)]
    ratio = sum(map(lines_of, tests)) / max(sum(files), 1)
    say: Callable[[str], None] = terminalreporter.write_line
    say(f"product: {sum(files)} lines in {len(files)} files: {_spread(files)}")
    say(f"         {len(sizes)} functions: {_spread(sizes)}")
    say(f"tests:   {ratio:.2f} lines per line of the product")


def _spread(sizes: Iterable[int]) -> str:
    ordered = sorted(sizes) or [0]
    highest = ordered[-(-len(ordered) * 95 // 100) - 1]
    return f"median {median(ordered):.0f}, 95 % up to {highest}, longest {ordered[-1]}"
