"""In a real browser: can everybody use the pages about one person on several channels?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Page

from inquiry.journey import SpecialistName
from specialists.acts import joining
from storage import credentials
from tests.inquiries import KASIA, NOW
from tests.rows import rows
from tests.servers.chromium import chromium
from tests.servers.programs import needed
from tests.web.chat.shop import violations
from tests.web.site import Site
from tests.web.test_joining import chatty, two
from web.access import SESSION

__all__ = ["chatty"]
pytestmark = pytest.mark.server
LONG = "Aleksandra-Małgorzata Wojciechowska-Brzęczyszczykiewicz"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Pages:
    """A browser in which a specialist is signed in, and what there is to look at."""

    page: Page
    base: str
    inquiry: str
    pair: str
    join: int
    link: str

    async def looked_at(self, name: str) -> None:
        """Open a page by its name here."""
        at = {
            "suggestion": self.inquiry,
            "join": f"{self.inquiry}/join?{self.pair}",
            "nobody": f"{self.inquiry}/join?address=nobody@else.example",
            "part": f"{self.inquiry}/join/{self.join}",
            "joined": self.inquiry,
            "status": self.link,
            "code": self.link,
        }[name]
        await self.page.goto(self.base + at, wait_until="load")
        if name == "code":
            await self.page.locator("#elsewhere button").click()
            await self.page.locator("#elsewhere code").wait_for()


@pytest.fixture(params=["light", "dark", "phone"])
async def looks(request: pytest.FixtureRequest) -> dict[str, object]:
    """How a browser shows pages."""
    width = 320 if request.param == "phone" else 1280
    scheme = "dark" if request.param == "dark" else "light"
    return {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}


@pytest.fixture
async def pages(
    chatty: Site, looks: dict[str, object], request: pytest.FixtureRequest
) -> AsyncIterator[Pages]:
    needed("chromium")
    mail, chat = await two(chatty)
    await rows(
        chatty.db, f"UPDATE contact_points SET name = '{LONG}' WHERE id = {chat.contact_point}"
    )
    number = 0
    if request.node.callspec.params["name"] in ("part", "joined"):
        ids = (chat.contact_point, mail.contact_point)
        number = (
            await joining.join(chatty.db, *ids, inquiry=chat.id, specialist=KASIA, now=NOW) or 0
        )
    base = str(chatty.client.make_url("/")).rstrip("/")
    token = await chatty.db.write(
        lambda tx: credentials.open_session(tx, SpecialistName(KASIA), now=chatty.desk.now())
    )
    async with chromium() as started:
        context = await started.new_context(**looks)  # type: ignore[arg-type]
        await context.add_cookies([{"name": SESSION, "value": token, "url": base}])
        pair = f"mine={chat.contact_point}&other={mail.contact_point}"
        inquiry, link = f"/inquiry/{chat.reference}", await chatty.link(mail)
        yield Pages(await context.new_page(), base, inquiry, pair, number, link)


@pytest.mark.parametrize(
    "name", ["suggestion", "join", "nobody", "part", "joined", "status", "code"]
)
async def test_axe_finds_nothing_and_nothing_sticks_out(pages: Pages, name: str) -> None:
    await pages.looked_at(name)
    assert await violations(pages.page) == []
    assert await pages.page.evaluate(WIDER) == 0
