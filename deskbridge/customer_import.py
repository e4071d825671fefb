"""The file of customers that the configuration names: imported whenever it says something new."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from config.report import counted
from deskbridge.bridge import Bridge
from deskbridge.importing import Stopped, Wanted, digest_of, fingerprint, tidy, told
from deskbridge.in_force import InForce
from deskbridge.supervise import keep_stepping
from inquiry.errors import ConfigError, Problem
from storage import imports

log = logging.getLogger(__name__)

POLL = timedelta(minutes=1)
"""How soon it is looked again whether an import is needed that could not be made, or was not."""


async def keep_imported(bridge: Bridge) -> None:
    """Import at the start and after each reload, beside everything else, until ``stopping``."""
    done: InForce | None = None
    bridge.importing.going_on = lambda: not bridge.stopping.is_set()

    async def step() -> bool:
        nonlocal done
        if done is not (by := bridge.in_force):
            done = by if await bring_up_to_date(bridge) else None
        return False

    await keep_stepping(
        "importing customers",
        step,
        bridge.bells.customers,
        bridge.pulse,
        stopping=bridge.stopping,
        drains=False,
        poll=POLL,
    )


async def bring_up_to_date(bridge: Bridge) -> bool:
    """Import the configured file if it is another than last time.

    False if somebody else was at it: then it may have to be done still.

    Raises:
        StorageUnavailable: the database can't be reached.
    """
    customers = bridge.configuration.customers
    bridge.importing.configured = customers.import_ is not None
    before = await bridge.db.read(imports.newest)
    if customers.import_ is None:
        bridge.importing.trouble = ""
        if before and before.fingerprint == before.configured:
            await bridge.db.write(imports.forget)
            await tidy(bridge.db)
            log.info("customers: no file is configured any more, its records are gone")
        return True
    wanted = Wanted(file=customers.import_.file, customers=customers)
    try:
        mark = fingerprint(wanted, await asyncio.to_thread(digest_of, wanted.file))
    except OSError as error:
        _tell(bridge, f"cannot read {wanted.file}: {error.strerror}")
        return True
    if before and before.configured == mark:
        bridge.importing.trouble = ""
        return True
    return await _import(bridge, wanted)


async def _import(bridge: Bridge, wanted: Wanted) -> bool:
    try:
        imported = await bridge.importing.run(bridge.db, wanted)
    except ConfigError as wrong:
        _tell(bridge, f"{wanted.file.name} has {counted(wrong.problems)}", wrong.problems)
    except (Stopped, imports.Busy, imports.Overtaken) as other:
        log.info("customers: %s", other)
        return False
    else:
        log.info("customers: %s", imported.sentence)
    return True


def _tell(bridge: Bridge, why: str, problems: Sequence[Problem] = ()) -> None:
    """Say it in the log, and keep it for whoever asks how the desk is doing."""
    lines = told(problems)
    sentence = f"{why}; what was imported before stays"
    bridge.importing.trouble = "\n".join((sentence, *lines))
    log.error("customers: %s", sentence)
    for line in lines:
        log.error("customers: %s", line)
