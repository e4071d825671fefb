"""Our few files, under names that change with their content."""

from aiohttp import web

from web.pages import static_files


async def send(request: web.Request) -> web.StreamResponse:
    """Send one of them; whoever has it may keep it."""
    found = static_files().get(request.match_info["file"])
    if found is None:
        raise web.HTTPNotFound
    kind, content = found
    return web.Response(
        body=content,
        content_type=kind,
        charset="utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
