"""Do failpoints fire where they are armed, and only there?"""

import os
import subprocess
import sys

import pytest

from inquiry.failpoints import REGISTRY, failpoint

PASS_TWICE = "from inquiry.failpoints import failpoint\nfor _ in 1, 2:\n  failpoint('outbox.sent')"


def passing(armed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"{PASS_TWICE}\nprint('alive')"],
        env={**os.environ, "DESKBRIDGE_FAILPOINTS": armed},
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_happens_while_nothing_is_armed() -> None:
    for name in REGISTRY:
        failpoint(name)


def test_an_unlisted_name_is_an_error() -> None:
    with pytest.raises(ValueError, match="failpoint 'nowhere' is not in the registry"):
        failpoint("nowhere")


@pytest.mark.parametrize(
    ("armed", "code", "output"),
    [
        pytest.param("", 0, "alive\n", id="not armed"),
        pytest.param("outbox.claimed=kill", 0, "alive\n", id="armed elsewhere"),
        pytest.param("outbox.sent=kill", -9, "", id="killed"),
        pytest.param("outbox.sent=kill@2", -9, "", id="killed the second time"),
        pytest.param("outbox.sent=kill@3", 0, "alive\n", id="never passed a third time"),
        pytest.param("outbox.sent=raise", 1, "", id="raises"),
        pytest.param("outbox.sent=sleep:0.01", 0, "alive\n", id="waits"),
    ],
)
def test_an_armed_failpoint_acts(armed: str, code: int, output: str) -> None:
    ended = passing(armed)
    assert (ended.returncode, ended.stdout) == (code, output)
