"""Whether a program that a test needs is on this machine."""

import os
import shutil

import pytest


def needed(*programs: str, root: bool = False) -> None:
    """Skip a test whose program is missing; where CI is set a skip is a failure."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    if root and os.geteuid() != 0:
        pytest.skip(f"{programs[0]} can only be started by root")
