"""Who is writing at this moment, on both sides of a chat: courtesy, kept nowhere."""

from aiohttp import web

from storage.inquiries import reading
from web.inquiry import reference_in
from web.pages import desk_of
from web.posts import posted


async def writing(request: web.Request) -> web.StreamResponse:
    """Hear whether a specialist is writing an answer; say whether the visitor is writing, too."""
    desk, reference = desk_of(request), reference_in(request)
    it = await desk.db.read(lambda tx: reading.shown(tx, reference))
    form = await posted(request)
    visitors = [person.address for person in it.people if person.contact == "web-chat"]
    theirs = False
    for chat in desk.chats:
        if chat.name != it.channel:
            continue
        for visitor in visitors:
            theirs = theirs or chat.listeners.is_writing(visitor, desk.now())
            if form.get("writing") == "yes":
                await chat.typing(visitor)
    return web.json_response({"visitor": theirs})
