"""Named places where a test may make the program die, fail or wait; nothing in production.

Armed by the environment, for whole processes:
``DESKBRIDGE_FAILPOINTS="arrivals.committed=kill@3;outbox.sent=raise"``. ``kill`` is SIGKILL to
ourselves, ``raise`` a TemporaryFailure, ``sleep:2.5`` blocks for so many seconds; ``@N`` waits for
the N-th passing. The list of names is the registry: passing an unlisted name is an error, so that
a test over all of them is a test over all of them.
"""

import os
import signal
import time
from collections import Counter

from inquiry.errors import TemporaryFailure

REGISTRY = frozenset(
    {
        "smtp.spooled",  # B1-B3: bytes are in memory or on disk, nothing is committed
        "smtp.accepted",  # B6: committed, the 250 not yet written
        "imap.fetched",  # P1
        "imap.accepted",  # P2: committed, not yet moved or flagged
        "imap.moved",  # P3
        "telegram.fetched",  # G1
        "telegram.accepted",  # G2: committed, the offset not yet advanced
        "slack.fetched",  # S1: an event is in memory
        "slack.accepted",  # S2: committed, not yet confirmed
        "webhook.received",  # an event is in memory, its signature is good
        "webhook.accepted",  # committed, 202 not yet answered
        "webhook.reported",  # news of a dispatch is written down, 204 not yet answered
        "webchat.accepted",  # committed, not yet in the transcript, 200 not yet answered
        "webchat.shown",  # in the transcript, 200 not yet answered
        "form.accepted",  # committed, 200 not yet answered
        "arrivals.inserted",  # B4: inside the transaction
        "arrivals.committed",  # B5
        "normalizer.claimed",  # B7
        "normalizer.parsed",  # B8: nothing written yet
        "normalizer.committed",
        "fetches.claimed",  # F1: leased, nothing asked for
        "fetches.fetched",  # F2: spooled, nothing written
        "fetches.committed",  # F3
        "commands.claimed",  # leased, nothing said
        "commands.said",  # the other side has it, we have not written that down
        "router.claimed",
        "router.decided",  # B9: nothing written yet
        "router.inserted",  # inside the transaction
        "router.committed",  # B10, O1
        "answers.claimed",
        "answers.composed",
        "answers.committed",
        "outbox.claimed",  # O2
        "outbox.connected",  # O3
        "outbox.sent",  # O4, O5: the other side has it, we have not written that down
        "outbox.settled",  # O6
    }
)


def _armed() -> dict[str, tuple[str, int]]:
    plan: dict[str, tuple[str, int]] = {}
    for entry in filter(None, os.environ.get("DESKBRIDGE_FAILPOINTS", "").split(";")):
        name, _, action = entry.partition("=")
        action, _, nth = action.partition("@")
        plan[name] = (action, int(nth or 1))
    return plan


_plan = _armed()
_passed: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Do what a test has asked for at this place, which is nothing in production.

    Raises TemporaryFailure when armed with ``raise``.
    """
    if name not in REGISTRY:
        raise ValueError(f"failpoint {name!r} is not in the registry")
    if name not in _plan:
        return
    action, nth = _plan[name]
    _passed[name] += 1
    if _passed[name] != nth:
        return
    kind, _, amount = action.partition(":")
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif kind == "sleep":
        time.sleep(float(amount))
    else:
        raise TemporaryFailure(f"failpoint {name}")
