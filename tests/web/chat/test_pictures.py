"""Are pictures seen in the chat whatever the page allows, and fetched only by who looks?"""

import asyncio
import struct
import zlib

import pytest
from playwright.async_api import FilePayload, Locator, expect

from inquiry.journey import File
from tests.web.chat.house import a_dispatch
from tests.web.chat.shop import Shop, choose, opened, say, violations

pytestmark = pytest.mark.server


def a_picture(width: int, height: int) -> bytes:
    """Return a PNG, all of it grey."""

    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", lines) + part(b"IEND", b"")


async def answer(shop: Shop, text: str, *files: File, number: int = 7) -> None:
    await shop.desk.chat.send(a_dispatch(await shop.key(), text, number, files=files))


def the(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("img", name=name)


async def test_pictures_of_both_sides_are_seen_and_what_is_none_is_named(shop: Shop) -> None:
    """The shop's policy allows no picture from anywhere."""
    page = await shop.visit(width=320)
    panel = await opened(page)
    tent = FilePayload(name="tent.png", mimeType="image/png", buffer=a_picture(1280, 320))
    torn = FilePayload(name="torn.jpg", mimeType="image/jpeg", buffer=b"<script>alert(1)</script>")
    await choose(page, panel, tent, torn)
    await say(panel, "look")
    await the(panel, "tent.png").wait_for()
    map_ = File(filename="map.PNG", content_type="image/png", content=a_picture(30, 900))
    await answer(shop, "here", map_)
    await the(panel, "map.PNG").wait_for()
    await page.reload()  # now both come from the desk
    panel = await opened(page)
    for name, size in (("tent.png", [640, 160]), ("map.PNG", [21, 640])):
        picture = the(panel, name)
        await picture.scroll_into_view_if_needed()
        assert await picture.evaluate("it => [it.width, it.height]") == size
        grey = "it => [...it.getContext('2d').getImageData(5, 5, 1, 1).data]"
        assert await picture.evaluate(grey) == [128, 128, 128, 255]
        box = await picture.bounding_box()
        assert box
        assert box["width"] < 320
        assert box["height"] <= 240
    async with page.expect_download() as saving:
        await the(panel, "map.PNG").click()
    assert (await saving.value).suggested_filename == "map.PNG"
    await expect(panel.get_by_role("button", name="Save torn.jpg")).to_have_count(1)
    await expect(the(panel, "torn.jpg")).to_have_count(0)
    assert await violations(page) == []


async def test_what_nobody_looks_at_is_not_fetched(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    content = a_picture(400, 400)
    for number in range(1, 9):
        file = File(filename=f"{number}.png", content_type="image/png", content=content)
        await answer(shop, f"number {number} {'and more ' * 60}", file, number=number)
    await panel.get_by_text("number 8").wait_for()
    fetched: list[str] = []
    page.on("request", lambda one: fetched.append(one.url) if "/files/" in one.url else None)
    await page.reload()
    panel = await opened(page)
    await the(panel, "8.png").wait_for()
    assert len(fetched) <= 2
    await panel.get_by_text("number 1 ").scroll_into_view_if_needed()
    async with asyncio.timeout(20):
        while not await the(panel, "1.png").is_visible():
            await asyncio.sleep(0.05)
    assert len(fetched) < 8
