"""When to try again, and when to give up."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Patience that grows, up to a point.

    With the defaults: 10 s, 20 s, 40 s ... then hourly, for two days. Two days is a weekend: a dead
    mail server is usually noticed on Monday morning.
    """

    first_delay: timedelta = timedelta(seconds=10)
    longest_delay: timedelta = timedelta(hours=1)
    patience: timedelta = timedelta(days=2)
    longest_asked: timedelta = timedelta(days=1)
    """Who asks us to wait for years is asked again after a day."""

    def next_attempt(
        self, *, attempts: int, first_tried_at: datetime, now: datetime, at_least: timedelta
    ) -> datetime | None:
        """Return when to try again, ``at_least`` from now (a day at most), or None to give up."""
        if now - first_tried_at >= self.patience:
            return None
        doublings: int = min(attempts - 1, 20)  # past the longest delay already; keeps 2**n small
        delay = min(self.first_delay * 2.0**doublings, self.longest_delay)
        return now + max(delay, min(at_least, self.longest_asked))
