"""The service's side of its local socket: commands of the same user, on the same machine."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from deskbridge.local import SOCKET, socket_name

LARGEST = 100_000_000


@asynccontextmanager
async def served(data_dir: Path, routes: Iterable[web.AbstractRouteDef]) -> AsyncIterator[None]:
    """Answer on the socket until the end. Only for who is alone on the data folder.

    The folder is the guard: nobody but its user can enter it, so a request needs no password.
    """
    app = web.Application(client_max_size=LARGEST)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    (data_dir / SOCKET).unlink(missing_ok=True)  # left by one that was killed
    try:
        with socket_name(data_dir) as name:
            await web.UnixSite(runner, name).start()
        (data_dir / SOCKET).chmod(0o600)
        yield
    finally:
        await runner.cleanup()
        (data_dir / SOCKET).unlink(missing_ok=True)
