"""Loading the configuration again while the desk runs: all of it or nothing.

What is wrong leaves the old one in force. What is right is put in force by one assignment, and only
then are the channels exchanged that differ.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.configuration import Configuration
from config.report import rendered
from deskbridge import logs, renaming, stranded, wiring
from deskbridge.bridge import Bridge
from deskbridge.endings import DONE, INVALID, PROBLEM, TRY_AGAIN
from deskbridge.in_force import InForce, RestartNeeded, applicable, put_in_force
from deskbridge.open_channels import OpenChannels
from deskbridge.reloaded import Reloaded
from inquiry.errors import BridgeError, ConfigError, Place, Problem, TemporaryFailure
from outbox.wording import TemplateFault
from storage import decisions

log = logging.getLogger(__name__)

OFTEN = timedelta(milliseconds=1)
Load = Callable[..., Configuration]
"""Reads the file again; ``run_tests`` says whether its own tests have to pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A new configuration, ready to be put in force."""

    in_force: InForce
    restart_needed: tuple[RestartNeeded, ...]
    shown: tuple[str, ...]
    """Its warnings, as ``check`` prints them."""


class Reloading:
    """Loads the configuration of ``bridge`` again, one attempt at a time."""

    def __init__(
        self,
        bridge: Bridge,
        channels: OpenChannels,
        load: Load,
        *,
        on_begin: Callable[[], None] = lambda: None,
        on_end: Callable[[Reloaded], None] = lambda _reloaded: None,
    ) -> None:
        self._bridge = bridge
        self._channels = channels
        self._load = load
        self._on_begin = on_begin
        self._on_end = on_end
        self._one_at_a_time = asyncio.Lock()
        self._closed = False

    async def reload(self, *, by: str, skip_tests: bool = False) -> Reloaded:
        """Try to put in force what the files say now; ``by`` says who asked. Never raises."""
        async with self._one_at_a_time:
            if self._closed:
                return self._kept(TRY_AGAIN, reason="the desk is stopping")
            log.info("reload asked for by %s%s", by, ", without its tests" if skip_tests else "")
            try:
                self._on_begin()
                reloaded = await self._try(run_tests=not skip_tests)
            except Exception as bug:
                log.exception("reload")
                name = type(bug).__name__
                reloaded = self._kept(PROBLEM, reason=f"a fault of deskbridge: {name}; see the log")
            self._bridge.last_reload = reloaded
            self._tell(reloaded)
            self._on_end(reloaded)
            return reloaded

    def files(self) -> frozenset[Path]:
        """Return what a change of which is a reason to reload: files, and a folder of templates."""
        force = self._bridge.in_force
        named = (file for content in force.channels.values() for file, _ in content.files)
        wrong = (problem.place.file for problem in self._bridge.last_reload.problems)
        templates = force.configuration.templates
        customers = force.configuration.customers.import_
        more = [file for file in (templates, customers and customers.file) if file]
        return frozenset((*force.configuration.files, *named, *wrong, *more))

    async def close(self) -> None:
        """Begin no other; return when the one under way has ended."""
        self._closed = True
        async with self._one_at_a_time:
            return

    async def _try(self, *, run_tests: bool) -> Reloaded:
        try:
            with _giving_way():
                prepared = await asyncio.to_thread(self._prepare, run_tests)
        except ConfigError as wrong:
            shown = await asyncio.to_thread(_shown, wrong.problems)
            return self._kept(INVALID, problems=wrong.problems, shown=shown)
        if self._closed:
            return self._kept(TRY_AGAIN, reason="the desk is stopping")
        configuration, now = prepared.in_force.configuration, datetime.now(UTC)
        try:
            await self._bridge.db.write(
                lambda tx: decisions.remember_configuration(
                    tx, configuration.hash, configuration.text, now
                )
            )
        except TemporaryFailure as trouble:
            return self._kept(TRY_AGAIN, reason=str(trouble))
        return await self._put_in_force(prepared, now)

    def _prepare(self, run_tests: bool) -> _Prepared:
        """Read, check, compile, and fill in every template: on a thread, it takes its time."""
        old = self._bridge.in_force
        loaded = self._load(run_tests=run_tests)
        configuration, restart_needed = applicable(loaded, old.configuration)
        try:
            fresh = put_in_force(configuration, self._bridge.key_ring, old)
        except (TemplateFault, OSError) as fault:  # the files changed while they were read
            place = Place(configuration.files[0] if configuration.files else Path(), 1)
            raise ConfigError([Problem(place=place, code="file", text=str(fault))]) from fault
        return _Prepared(
            in_force=fresh, restart_needed=restart_needed, shown=_shown(configuration.warnings)
        )

    async def _put_in_force(self, prepared: _Prepared, now: datetime) -> Reloaded:
        bridge, fresh = self._bridge, prepared.in_force
        logs.hide(wiring.secrets(fresh.configuration))
        async with bridge.changing:
            bridge.in_force = fresh
            bridge.show()
            bridge.bells.customers.ring()
            exchange = await self._channels.exchange(fresh.channels, between=self._rename)
        try:
            left_behind = await stranded.mark(bridge)
        except TemporaryFailure as trouble:
            left_behind = (f"dispatches were not looked through: {trouble}",)
        return Reloaded(
            code=DONE,
            at=now,
            configuration=fresh.configuration.hash,
            in_force_since=now,
            problems=fresh.configuration.warnings,
            shown=prepared.shown,
            restart_needed=prepared.restart_needed,
            channels=exchange,
            warnings=left_behind,
        )

    async def _rename(self) -> None:
        """Let what is stored follow new names. If the database can't now, the next start does."""
        try:
            for sentence in await renaming.follow(self._bridge.db, self._bridge.configuration):
                log.info("%s", sentence)
        except BridgeError as trouble:
            log.warning("former names are stored still: %s", trouble)

    def _kept(
        self,
        code: int,
        *,
        problems: tuple[Problem, ...] = (),
        shown: tuple[str, ...] = (),
        reason: str = "",
    ) -> Reloaded:
        last = self._bridge.last_reload
        return Reloaded(
            code=code,
            at=datetime.now(UTC),
            configuration=self._bridge.configuration.hash,
            in_force_since=last.in_force_since,
            problems=problems,
            shown=shown,
            reason=reason,
            restart_needed=last.restart_needed,
        )

    def _tell(self, reloaded: Reloaded) -> None:
        level = logging.INFO if reloaded.applied else logging.ERROR
        log.log(level, "%s", reloaded.sentence)
        for problem in reloaded.problems:
            hint = f"; {problem.hint}" if problem.hint else ""
            log.log(logging.WARNING if problem.warning else logging.ERROR, "%s%s", problem, hint)
        for remark in reloaded.remarks if reloaded.applied else ():
            log.warning("%s", remark)


@contextmanager
def _giving_way() -> Iterator[None]:
    """Let a thread that only computes hand over every millisecond: the loop wakes up often."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(OFTEN.total_seconds())
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _shown(problems: tuple[Problem, ...]) -> tuple[str, ...]:
    return tuple(map(rendered, problems))
