"""Do files and functions stay small enough to be read in one go?"""

from collections.abc import Sequence
from statistics import median

import pytest

from tests.layout.tree import PRODUCT, functions, lines_of, modules

TESTS_PER_LINE = 0.6
"""Lines of test per line of product; the aim is 1.0. It may only be raised."""


def percentile(sizes: Sequence[int], percent: int) -> int:
    """Return the size that ``percent`` of all don't exceed."""
    return sorted(sizes)[-(-len(sizes) * percent // 100) - 1]


@pytest.mark.parametrize(
    ("sizes", "percent", "expected"),
    [
        pytest.param([7], 95, 7, id="of one, itself"),
        pytest.param(list(range(1, 101)), 95, 95, id="of a hundred, the 95th"),
        pytest.param([1] * 19 + [99], 95, 1, id="one of twenty may be longer"),
        pytest.param([1] * 18 + [99, 99], 95, 99, id="two of twenty may not"),
    ],
)
def test_a_percentile_lets_the_long_tail_out(sizes: list[int], percent: int, expected: int) -> None:
    assert percentile(sizes, percent) == expected


def test_files_of_the_product_are_short() -> None:
    sizes = [lines_of(path) for path in modules(*PRODUCT) if path.name != "__init__.py"]
    assert median(sizes) <= 120
    assert percentile(sizes, 95) <= 350


def test_no_file_at_all_is_longer_than_500_lines() -> None:
    assert [f"{path}: {lines_of(path)}" for path in modules() if lines_of(path) > 500] == []


def test_functions_of_the_product_are_short() -> None:
    sizes = [size for path in modules(*PRODUCT) for _, size in functions(path)]
    assert median(sizes) <= 8
    assert percentile(sizes, 95) <= 40


def test_no_function_at_all_is_longer_than_60_lines() -> None:
    long = [
        f"{path}:{function.lineno}: {function.name} has {size} lines"
        for path in modules()
        for function, size in functions(path)
        if size > 60
    ]
    assert long == []


def test_the_product_is_matched_by_tests() -> None:
    product = sum(map(lines_of, modules(*PRODUCT)))
    tests = sum(map(lines_of, modules("tests")))
    assert tests / product >= TESTS_PER_LINE
