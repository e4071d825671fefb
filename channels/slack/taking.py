"""Events on their way in: through the library's checks to the inlet, and only then confirmed."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from channels.slack.api import LIBRARY, Api
from channels.slack.settings import Settings
from inquiry.errors import TemporaryFailure

log = logging.getLogger(__name__)

Take = Callable[[Mapping[str, Any], bytes], Awaitable[None]]
"""Takes the body of an event and its bytes; raises TemporaryFailure where it can't be kept."""
_raw: ContextVar[bytes] = ContextVar("slack_event_as_it_came")


@contextmanager
def as_it_came(raw: bytes) -> Iterator[None]:
    """Let whoever takes an event below have the bytes that it came in."""
    token = _raw.set(raw)
    try:
        yield
    finally:
        _raw.reset(token)


def bolt(api: Api, settings: Settings, take: Take) -> AsyncApp:
    """Return the library's app: it checks signatures and confirms when ``take`` has returned."""
    app = AsyncApp(
        name="deskbridge",
        logger=LIBRARY,
        client=api.client,
        signing_secret=settings.signing_secret,
        authorize=_nobody,
        process_before_response=True,  # else it confirms first, and a crash loses the event
        ignoring_self_events_enabled=False,  # that is ours to tell, see ``events.said``
        # What only commands, functions and assistants need takes a fifth of the time of an event.
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    async def limited(body: dict[str, Any], next_: Callable[[], Awaitable[Any]]) -> Any:
        if body.get("type") == "app_rate_limited":
            await take(body, _raw.get())
            return BoltResponse(status=200)
        return await next_()

    async def event(body: dict[str, Any]) -> None:
        try:
            await take(body, _raw.get())
        except TemporaryFailure as failure:
            log.warning("an event of Slack is not taken: %s", failure)
            raise
        except Exception:
            log.exception("an event of Slack is not taken")
            raise

    async def failed(error: Exception) -> BoltResponse:
        return BoltResponse(status=503 if isinstance(error, TemporaryFailure) else 500)

    app.middleware(limited)
    app.event(re.compile(".*"))(event)
    app.error(failed)
    return app


def handler(app: AsyncApp) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return what answers Slack's calls."""

    async def handle(request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if not _may_be_signed(request.headers):
            return web.json_response({"error": "invalid request"}, status=401)
        try:
            asked = AsyncBoltRequest(
                body=raw.decode(), query=request.query_string, headers=dict(request.headers)
            )
        except (ValueError, TypeError, AttributeError):  # not of Slack, whatever it is
            return web.json_response({"error": "invalid request"}, status=400)
        with as_it_came(raw):
            return await to_aiohttp_response(await app.async_dispatch(asked))

    return handle


def _may_be_signed(headers: Mapping[str, str]) -> bool:
    """Is there anything to check? The library stumbles over other letters."""
    stamp = headers.get("X-Slack-Request-Timestamp", "")
    timely = stamp.isascii() and stamp.isdecimal() and len(stamp) < 20
    return timely and headers.get("X-Slack-Signature", "").isascii()


async def _nobody() -> AuthorizeResult:
    """Who we are matters to nobody here; the library would ask Slack before each event."""
    return AuthorizeResult(enterprise_id=None, team_id=None)
