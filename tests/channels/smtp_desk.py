"""An SMTP channel to talk to, for the tests of its server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from channels.contract import Inlet, Premises
from channels.smtp.channel import Settings, open_channel
from channels.smtp.listener import SharedListener, open_listeners
from inquiry.journey import ChannelName
from tests.channels.suite import receiving
from tests.servers.ports import free_port

MAIL = b"From: kari@fjell.example\r\nDate: Mon, 5 Jan 2026 10:00:00 +0100\r\n\r\nHello\r\n"
HELP = "help@nordlys.example"
SETTINGS = {"addresses": (HELP, "*@desk.nordlys.example")}


@asynccontextmanager
async def serving(
    inlet: Inlet, spool: Path, name: str = "smtp-in", **settings: Any
) -> AsyncIterator[int]:
    """Run an SMTP channel; yields its port."""
    settings = {**SETTINGS, "listen": f"127.0.0.1:{free_port()}", **settings}
    port = int(settings["listen"].rpartition(":")[2])
    opened = open_channel(ChannelName(name), Settings(**settings), Premises(spool=spool))
    async with opened as channel, receiving(channel, inlet):
        await listening(port)
        yield port


async def listening(port: int) -> SharedListener:
    """Wait until a port is served; return who serves it."""
    async with asyncio.timeout(30):
        while True:
            for listener in open_listeners():
                if str(listener).endswith(f":{port}") and listener.serving:
                    return listener
            await asyncio.sleep(0.01)
