"""Somebody's own pages, on another origin, with a chat in them and a strict policy."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import escape

from aiohttp import web

from tests.servers.ports import free_port

PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title>
<style>
:root {{ color-scheme: light dark }}
body {{ margin: 0 auto; padding: 24px; max-width: 60ch; font: 18px/1.5 serif }}
div, button, p {{ letter-spacing: 3px; text-transform: uppercase; color: fuchsia }}
main, main * {{ letter-spacing: 0; text-transform: none; color: CanvasText }}
</style></head><body><main><h1>Fjord outdoor</h1><p>Tents, boots, and everything that is dry.</p>
<p>A tent for two, 2.1 kg, stands in any wind.</p></main>
<script src="{script}" async{data}></script></body></html>"""


@dataclass
class HostPage:
    """A shop. ``script`` and ``data`` are what its next page will have."""

    port: int
    script: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    desk: str = ""
    policy: str = ""
    lang: str = "pl"
    html: str = PAGE
    """What it is made of; ``{script}``, ``{data}`` and ``{lang}`` are filled in."""
    also: str = ""
    """More of its policy."""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def embed(self, desk: str, chat: str, **data: str) -> None:
        """Put a chat of a desk on the page, and let the page's policy allow just that."""
        live = desk.replace("http", "ws", 1)
        self.desk, self.script, self.data = desk, f"{desk}/chat/{chat}.js", data
        self.policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; script-src {desk}; "
            f"connect-src {desk} {live}"
        )

    async def show(self, _request: web.Request) -> web.Response:
        data = "".join(f' data-{name}="{escape(text)}"' for name, text in self.data.items())
        text = self.html.format(lang=self.lang, script=self.script, data=data)
        response = web.Response(text=text, content_type="text/html")
        response.headers["Content-Security-Policy"] = self.policy + self.also
        return response


@asynccontextmanager
async def host_page() -> AsyncIterator[HostPage]:
    """Serve a shop until the block ends."""
    page = HostPage(free_port())
    app = web.Application()
    app.router.add_get("/{path:.*}", page.show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", page.port).start()
    try:
        yield page
    finally:
        await runner.cleanup()
