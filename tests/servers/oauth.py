"""A token server that keeps its own books, and misbehaves on request; Dovecot can ask it, too."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

Reply = (
    tuple[int, Mapping[str, Any] | bytes] | tuple[int, Mapping[str, Any] | bytes, dict[str, str]]
)


@dataclass(slots=True)
class TokenServer:
    """Which tokens are good, and what it is going to say instead of the truth."""

    port: int = 0
    user: str = ""
    """Whose mailbox the access tokens open."""
    refresh_token: str = "the-first-refresh-token"
    rotates: bool = False
    """A refresh token is good for one time; with the access token comes the next one."""
    lasts: Any = 3600
    more: dict[str, Any] = field(default_factory=dict)
    instead: list[Reply] = field(default_factory=list)
    """Said one after the other, before it tells the truth."""
    slow: bool = False
    """Think until somebody sets ``go_on``."""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    good: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    introspected: int = 0
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    async def token(self, request: web.Request) -> web.Response:
        """Answer RFC 6749 part 6 or 4.4."""
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.asked.append(form)
        if self.slow:
            await self.go_on.wait()
        if self.instead:
            return _response(*self.instead.pop(0))
        refreshing = form["grant_type"] == "refresh_token"
        if refreshing and form["refresh_token"] != self.refresh_token:
            return _response(400, {"error": "invalid_grant", "error_description": "It has ended."})
        return _response(200, self._grant(refreshing))

    def _grant(self, refreshing: bool) -> dict[str, Any]:
        number = next(self._numbers)
        self.good.add(access := f"access-token-{number}")
        said = {"access_token": access, "token_type": "Bearer", "expires_in": self.lasts}
        if self.rotates and refreshing:
            self.refresh_token = said["refresh_token"] = f"rotated-refresh-token-{number}"
        return said | self.more

    async def introspect(self, request: web.Request) -> web.Response:
        """Answer RFC 7662."""
        self.introspected += 1
        active = str((await request.post()).get("token")) in self.good
        return web.json_response(
            {"active": active, "username": self.user} if active else {"active": False}
        )


def _response(
    status: int, said: Mapping[str, Any] | bytes, headers: dict[str, str] | None = None
) -> web.Response:
    if isinstance(said, bytes):
        return web.Response(status=status, body=said, headers=headers)
    return web.json_response(said, status=status, headers=headers)


@asynccontextmanager
async def token_server() -> AsyncIterator[TokenServer]:
    """Run it on a free port of 127.0.0.1."""
    server = TokenServer()
    app = web.Application()
    app.router.add_post("/token", server.token)
    app.router.add_post("/introspect", server.introspect)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        server.go_on.set()
        await runner.cleanup()
