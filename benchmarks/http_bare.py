"""The reference for what is called over HTTP: a handler that reads, answers, and keeps nothing."""

import sys

from aiohttp import web


async def forget(request: web.Request) -> web.Response:
    """Read the body and answer."""
    await request.read()
    return web.json_response({"ok": True})


def main() -> None:
    """Serve every path on the port of the argument."""
    app = web.Application()
    app.router.add_post("/{path:.*}", forget)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
