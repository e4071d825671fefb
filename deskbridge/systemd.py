"""What systemd is told of the service, where it has started it."""

import time
from contextlib import suppress

from systemd_watchdog.systemd_watchdog import WatchDog


class Notices(WatchDog):
    """Ready, reloading, ready again: for ``Type=notify`` and ``Type=notify-reload``."""

    def reloading(self) -> None:
        """The configuration is being loaded again; systemd wants to know since when, too."""
        since = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._say(f"RELOADING=1\nMONOTONIC_USEC={since}\n")

    def ready_again(self, status: str) -> None:
        """The attempt has ended, whichever configuration is in force now."""
        self._say(f"READY=1\nSTATUS={' '.join(status.split())}\n")

    def _say(self, text: str) -> None:
        with suppress(OSError):  # a reload does not fail because nobody listens
            self._send(text)
