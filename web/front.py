"""What the server shows at this moment: replaced as a whole when the configuration changes.

A request sees one face from its beginning to its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web
from yarl import URL

from web.desk import Desk

FRONT_DOOR = "/{way_in}"


@dataclass(frozen=True, slots=True)
class Face:
    """A desk, and the pages that its own configuration brings: forms, and channels over HTTP."""

    desk: Desk
    ways_in: web.UrlDispatcher
    open: frozenset[str]
    """The paths of these pages: they are public."""
    foreign: frozenset[str] = frozenset()
    """Those of them that pages of other origins may call: each checks itself which."""


class Front:
    """Holds the face of the moment."""

    def __init__(self, face: Face) -> None:
        self.face = face

    def show(self, face: Face) -> None:
        """Show another one to all requests from now on."""
        self.face = face


class WaysIn(web.AbstractResource):
    """All pages that the configuration brings, as one resource: a server's own can't be changed."""

    def __init__(self, front: Front) -> None:
        super().__init__()
        self._front = front

    @property
    def canonical(self) -> str:
        return FRONT_DOOR

    async def resolve(
        self, request: web.Request
    ) -> tuple[web.UrlMappingMatchInfo | None, set[str]]:
        found = await self._front.face.ways_in.resolve(request)
        refused = found.http_exception
        if refused is None:
            return found, set()
        allowed = refused.allowed_methods if isinstance(refused, web.HTTPMethodNotAllowed) else ()
        return None, set(allowed)

    def __iter__(self) -> Iterator[web.AbstractRoute]:
        return iter(self._front.face.ways_in.routes())

    def __len__(self) -> int:
        return len(self._front.face.ways_in.routes())

    def url_for(self, **kwargs: str) -> URL:
        raise LookupError(f"there is no one address of all ways in: {kwargs}")

    def add_prefix(self, prefix: str) -> None:
        raise LookupError(f"ways in stand where the configuration says, not under {prefix}")

    def get_info(self) -> dict[str, str]:  # type: ignore[override]  # their type has all kinds' keys
        return {"formatter": FRONT_DOOR}

    def raw_match(self, path: str) -> bool:
        return path == FRONT_DOOR
