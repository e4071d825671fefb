"""Log lines for people on a terminal, JSON for programs; no secret in either."""

import logging
import sys
from collections.abc import Collection

import structlog

LOUD = ("httpx", "httpcore", "aiohttp.access", "mail.log", "asyncio", "telegram")
"""Libraries whose INFO lines say too much: httpx logs the Telegram token as part of the URL."""


class Redaction(logging.Filter):
    """Blots out secrets. On the handlers, since a logger's filter misses its children."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__()
        self._secrets = sorted((s for s in secrets if len(s) >= 4), key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        if not self._secrets:
            return True
        message = record.getMessage()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        record.msg, record.args = self._blotted(message), ()
        record.exc_text = self._blotted(record.exc_text) if record.exc_text else None
        return True

    def _blotted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return text


def set_up(*, secrets: Collection[str] = (), level: int = logging.INFO) -> None:
    """Send every log line to stderr: as human lines on a terminal, else as one JSON object each."""
    on_terminal = sys.stderr.isatty()
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    ]
    last: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=True)
        if on_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    chain: list[structlog.types.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        last,
    ]
    if on_terminal:
        chain.pop(1)  # the console renderer draws exceptions itself
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=chain)
    )
    handler.addFilter(Redaction(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
