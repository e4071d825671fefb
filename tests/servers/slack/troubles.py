"""What may go wrong with a call of Slack's Web API: each stands in the way of the usual answer."""

from aiohttp import web

from tests.servers.http_troubles import Answer, Trouble


def refusal(error: str, **more: str) -> web.Response:
    """Say no as the Web API does: with 200."""
    return web.json_response({"ok": False, "error": error, **more})


def refuses(error: str, **more: str) -> Trouble:
    """``refuses("missing_scope", needed="im:history")``."""

    async def trouble(request: web.Request, usual: Answer) -> web.StreamResponse:
        await request.read()
        return refusal(error, **more)

    return trouble


def too_many(retry_after: str | None) -> Trouble:
    """429, with or without how long to wait."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}

    async def trouble(request: web.Request, usual: Answer) -> web.StreamResponse:
        await request.read()
        body = {"ok": False, "error": "ratelimited"}
        return web.json_response(body, status=429, headers=headers)

    return trouble


async def usual_answer(request: web.Request, usual: Answer) -> web.StreamResponse:
    """No trouble, this time."""
    return await usual(request)


def only_for(channel: str, trouble: Trouble) -> Trouble:
    """Let the trouble meet one conversation alone."""

    async def sometimes(request: web.Request, usual: Answer) -> web.StreamResponse:
        named = {**request.query, **await request.post()}.get("channel")
        return await (trouble if named == channel else usual_answer)(request, usual)

    return sometimes
