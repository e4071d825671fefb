"""Log lines for people on a terminal, JSON for programs; no secret in either."""

import json
import logging
import sys
from collections.abc import Collection

import structlog

from config.redact import without_passwords

LOUD = ("httpx", "httpcore", "aiohttp.access", "mail.log", "asyncio", "telegram")
"""Libraries whose INFO lines say too much: httpx logs the Telegram token as part of the URL."""


class Redacted(logging.Formatter):
    """Blots secrets out of finished lines, tracebacks included."""

    def __init__(self, inner: logging.Formatter, secrets: Collection[str]) -> None:
        super().__init__()
        self._inner = inner
        self._secrets: list[str] = []
        self.hide(secrets)

    def hide(self, secrets: Collection[str]) -> None:
        """Blot these out too, from now on."""
        spelt = {form for s in secrets if len(s) >= 4 for form in (s, json.dumps(s)[1:-1])}
        self._secrets = sorted({*self._secrets, *spelt}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        for secret in self._secrets:
            line = line.replace(secret, "•••")
        return without_passwords(line) if "://" in line else line


def set_up(*, secrets: Collection[str] = (), level: int = logging.INFO) -> None:
    """Send every log line to stderr: as human lines on a terminal, else as one JSON object each."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    ]
    chain: list[structlog.types.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta
    ]
    if sys.stderr.isatty():
        chain.append(structlog.dev.ConsoleRenderer(colors=True))
    else:
        chain.append(structlog.processors.format_exc_info)
        chain.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    inner = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=chain)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacted(inner, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


def hide(secrets: Collection[str]) -> None:
    """Keep these out of every line from now on, beside those that were hidden before."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Redacted):
            handler.formatter.hide(secrets)
