"""``python -m tests.torture.fuzz``: thousands of odd messages, and laws that hold for every one.

Bytes, golden mails with wounds, and mails put together from parts that don't fit; as mail, form,
Telegram update, Slack event, chat message, webhook event, text and page. Guided by coverage
besides, where the package ``atheris`` is installed: ``pip install atheris`` into the virtualenv;
it is no dependency of the project.
"""

import argparse
import importlib.util
import subprocess
import sys
import time
import warnings
from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inquiry.journey import CHAT, FORM, MAIL, SLACK, TELEGRAM, WEBHOOK
from tests.torture.laws import check
from tests.torture.odd import (
    CHATS,
    EVENTS,
    FORMS,
    HOOKS,
    MAILS,
    PAGES,
    TEXTS,
    UPDATES,
    WOUNDED,
)

KINDS = {
    "mail of odd parts": (MAIL, MAILS),
    "golden mails, wounded": (MAIL, WOUNDED),
    "any bytes as mail": (MAIL, st.binary(max_size=2000)),
    "forms": (FORM, FORMS),
    "Telegram updates": (TELEGRAM, UPDATES),
    "Slack events": (SLACK, EVENTS),
    "chat messages": (CHAT, CHATS),
    "webhook events": (WEBHOOK, HOOKS),
    "texts": ("text/plain", TEXTS),
    "pages": ("text/html", PAGES),
}
SHARES = {"mail of odd parts": 6, "golden mails, wounded": 6, "texts": 3, "pages": 2}
"""Of the examples; every other kind has one."""


def main() -> int:
    """Fuzz as long as the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=120, help="for the guided part")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    total = sum(SHARES.get(name, 1) for name in KINDS)
    failed = [
        name
        for name in KINDS
        if not _holds(name, -(-options.examples * SHARES.get(name, 1) // total))
    ]
    guided = _guided(options.seconds)
    print(f"broken: {', '.join([*failed, *guided]) or 'nothing'}")
    return 1 if failed or guided else 0


def _holds(name: str, examples: int) -> bool:
    """Check the laws on so many examples of one kind; print the smallest that breaks one."""
    media_type, strategy = KINDS[name]
    seen = Counter[str]()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(raw=strategy)
    def every(raw: bytes) -> None:
        seen[check(media_type, raw)] += 1

    began = time.monotonic()
    try:
        every()
    except (Exception, BaseExceptionGroup) as error:
        print(f"{name}: BROKEN after {seen.total()}: {error!r}")
        print("  " + "\n  ".join(getattr(error, "__notes__", [])))
        return False
    outcomes = ", ".join(f"{count} {kind}" for kind, count in seen.most_common())
    print(f"{name:24}{seen.total():7} in {time.monotonic() - began:4.0f} s: {outcomes}", flush=True)
    return True


def _guided(seconds: int) -> list[str]:
    """Let coverage guide the search for a while, in a process of its own."""
    if not seconds:
        return []
    if importlib.util.find_spec("atheris") is None:
        print("guided by coverage: not run, the package atheris is not installed")
        return []
    command = [sys.executable, "-m", "tests.torture.guided", f"-max_total_time={seconds}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = [line for line in done.stderr.splitlines() if line.startswith(("#", "Done"))][-1:]
    print(f"guided by coverage: {''.join(last) or done.stderr[-2000:]}")
    if done.returncode:
        print(done.stderr[-4000:])
    return ["guided by coverage"] if done.returncode else []


if __name__ == "__main__":
    sys.exit(main())
