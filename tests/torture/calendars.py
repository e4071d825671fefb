"""``python -m tests.torture.calendars``: working time against looking at every minute, at length.

Calendars of all sorts in zones of all sorts, around the changes of their clocks and over years.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from tests.inquiry.time_laws import CASES, SPELLS, check_minutes, check_years


def main() -> int:
    """Try as many as the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=12_000)
    half = -(-parser.parse_args().examples // 2)
    laws = (
        ("as every minute says", CASES, check_minutes),
        ("adds up over years", SPELLS, check_years),
    )
    broken = [name for name, strategy, check in laws if not _holds(name, strategy, check, half)]
    print(f"broken: {', '.join(broken) or 'nothing'}")
    return 1 if broken else 0


def _holds(
    name: str, strategy: SearchStrategy[Any], check: Callable[[Any], None], examples: int
) -> bool:
    """Check a law on so many examples; print the smallest that breaks it."""
    tried = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def every(case: object) -> None:
        nonlocal tried
        tried += 1
        check(case)

    began = time.monotonic()
    try:
        every()
    except (Exception, BaseExceptionGroup) as error:
        print(f"{name}: BROKEN after {tried}: {error!r}")
        print("  " + "\n  ".join(getattr(error, "__notes__", [])))
        return False
    print(f"{name:24}{tried:7} in {time.monotonic() - began:4.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
