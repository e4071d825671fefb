"""A specialist at an inquiry's page: sees the visitor, is seen writing, and has read."""

from typing import Any

from aiohttp import web

from channels.webchat.channel import WebChat
from channels.webchat.listeners import News
from inquiry.journey import MessageId, Reference
from storage import chats
from storage.chats import Chatting
from web.desk import Desk
from web.inquiry import reference_in
from web.pages import desk_of
from web.posts import posted


async def writing(request: web.Request) -> web.StreamResponse:
    """Hear what a specialist does at the page of a chat; say what the visitor does.

    ``writing=yes``: an answer; ``seen=41``: that message, and those before, are on the screen.
    Back go ``writing``; ``here``: a window is open, as far as this process knows; ``mail``: the
    address they have left.
    """
    desk, reference = desk_of(request), reference_in(request)
    by_name = {chat.name: chat for chat in desk.chats}
    form = await posted(request)
    seen = form.get("seen")
    theirs: dict[str, Any] = {"writing": False, "here": False, "mail": ""}
    for visitor in await desk.db.read(lambda tx: chats.visitors_of(tx, reference)):
        chat = by_name.get(visitor.channel)
        if chat is None:
            continue
        theirs["writing"] |= chat.listeners.is_writing(visitor.key, desk.now())
        theirs["here"] |= chat.listeners.connected(visitor.id)
        theirs["mail"] = theirs["mail"] or visitor.email
        if form.get("writing") == "yes":
            await chat.typing(visitor.key)
        if isinstance(seen, str) and seen.isascii() and seen.isdigit() and len(seen) < 19:
            await _tell_seen(desk, chat, reference, visitor, MessageId(int(seen)))
    return web.json_response(theirs)


async def _tell_seen(
    desk: Desk, chat: WebChat, reference: Reference, visitor: Chatting, message: MessageId
) -> None:
    """Write down what has been seen, and have the visitor's windows look again."""
    if await desk.db.write(lambda tx: chats.seen(tx, reference, visitor, message)):
        chat.listeners.nudge(visitor.id, News.ENTRIES)
