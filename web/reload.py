"""Loading the configuration again, for programs that hold the operator's token."""

from aiohttp import web

from web.pages import desk_of


async def load_again(request: web.Request) -> web.StreamResponse:
    """Try it, and say how it ended: 200 it is in force, 422 the old one stays."""
    reload = desk_of(request).reload
    if reload is None:
        raise web.HTTPNotFound
    applied, told = await reload("skip-tests" in request.query)
    return web.json_response(told, status=200 if applied else 422)
