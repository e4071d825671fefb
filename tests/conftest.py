"""What holds for all tests: in CI a test that does not run is a failure."""

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure: a green run that has tested nothing is the worst result."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in CI: {_reason(call)}"
    return report


def _reason(call: pytest.CallInfo[None]) -> object:
    return call.excinfo.value if call.excinfo else "no reason given"
