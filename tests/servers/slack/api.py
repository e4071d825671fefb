"""The Web API of the Slack of the tests: who may call, what was asked, and the files."""

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.servers.slack.methods import METHODS, Refused
from tests.servers.slack.names import APP_TOKEN, BOT_TOKEN
from tests.servers.slack.troubles import refusal

if TYPE_CHECKING:
    from tests.servers.slack.server import FakeSlack


async def handle(fake: "FakeSlack", request: web.Request) -> web.StreamResponse:
    """Answer a method, or stand in its way."""
    method = request.match_info["method"]
    answer = METHODS.get(method)
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
        return refusal("invalid_auth")
    if answer is None:
        return refusal("unknown_method")

    async def usual(request: web.Request) -> web.StreamResponse:
        form = await _form(request)
        fake.asked.append((method, form))
        return web.json_response({"ok": True, **answer(fake, form)})

    try:
        if fake.troubles[method]:
            return await fake.troubles[method].popleft()(request, usual)
        if method in fake.always:
            return await fake.always[method](request, usual)
        return await usual(request)
    except Refused as refused:
        return refusal(str(refused))


async def upload(fake: "FakeSlack", request: web.Request) -> web.Response:
    fake.files[request.match_info["file"]] = await request.read()
    return web.Response(text="OK")


async def file(fake: "FakeSlack", request: web.Request) -> web.StreamResponse:
    if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
        raise web.HTTPFound("/sign-in")
    if trouble := fake.always.get("file"):
        return await trouble(request, partial(file, fake))
    return web.Response(body=fake.files[request.match_info["file"]])


async def _form(request: web.Request) -> dict[str, str]:
    """Return the parameters, wherever the client has put them."""
    if request.content_type == "application/json":
        told = await request.json()
        return {key: _as_form(value) for key, value in told.items() if value is not None}
    posted = await request.post()
    return {**request.query, **{key: str(value) for key, value in posted.items()}}


def _as_form(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)
