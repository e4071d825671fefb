"""The system's Chromium, driven by playwright."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

PROGRAM = "chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
expect.set_options(timeout=30_000)  # milliseconds: 5 seconds are little on a busy machine
COMPILED = Path(tempfile.gettempdir()) / f"playwright-compiled-{os.getuid()}"
os.environ.setdefault("NODE_COMPILE_CACHE", str(COMPILED))  # what drives it starts sooner


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """Start a browser without a window; it ends with the block. ``more`` are flags."""
    path = shutil.which(PROGRAM)
    assert path, f"{PROGRAM} is not installed"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*FLAGS, *more])
        try:
            yield browser
        finally:
            await browser.close()
