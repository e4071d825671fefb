"""Takes the pictures of the README and of the chat from fresh desks; needs Chromium.

``.venv/bin/python -m docs.pictures.take``
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from docs.pictures.chat import desk_with_chat, take_chat

HERE = Path(__file__).parent
PROGRAM = Path(sys.executable).with_name("deskbridge")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def main() -> None:
    """Start a desk, look at its pages, stop it."""
    with tempfile.TemporaryDirectory() as folder:
        smtp, web = _free_port(), _free_port()
        url = f"http://127.0.0.1:{web}"
        environment = {
            **os.environ,
            "DESKBRIDGE_DEMO_DATA": folder,
            "DESKBRIDGE_DEMO_SMTP": f"127.0.0.1:{smtp}",
            "DESKBRIDGE_DEMO_WEB": f"127.0.0.1:{web}",
            "DESKBRIDGE_DEMO_URL": url,
        }
        command = [str(PROGRAM), "demo", "--speed", "0"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as desk:
            try:
                _take(url, _sign_in_link(desk), Path(folder))
            finally:
                desk.send_signal(signal.SIGTERM)
    with tempfile.TemporaryDirectory() as folder:
        web, smtp, shop = _free_port(), _free_port(), _free_port()
        with (
            desk_with_chat(Path(folder), PROGRAM, web, smtp, shop) as url,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            take_chat(browser, url, f"http://127.0.0.1:{shop}", HERE)
            browser.close()


def _sign_in_link(desk: "subprocess.Popen[str]") -> str:
    assert desk.stdout
    for line in desk.stdout:
        if found := re.search(r"http://\S+/sign-in/\S+", line):
            return found[0]
    raise SystemExit("the demo did not start")


def _take(url: str, link: str, folder: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(link)
        page.get_by_role("button").first.click()
        page.wait_for_timeout(5000)  # until all customers have been acknowledged
        _shoot(page, f"{url}/inbox?q=is:open", "console")
        _answer(page, url)
        _shoot(page, f"{url}/inquiry/NL-2026-00001", "inquiry")
        _shoot(page, f"{url}/inquiry/NL-2026-00001/why?field=queue&value=invoices", "why")
        _shoot(page, f"{url}/new?lang=nb", "form")
        phone = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2)
        _shoot(phone, _status_link(folder), "portal")
        browser.close()


def _answer(page: Page, url: str) -> None:
    page.goto(f"{url}/inquiry/NL-2026-00001")
    page.get_by_role("textbox", name="Your answer").fill(
        "Dzień dobry, proszę wyłączyć drukarkę na minutę. Jeśli błąd zostanie, zadzwonię."
    )
    page.get_by_role("button", name="Send and wait").click()
    page.wait_for_timeout(12_000)  # the undo time


def _shoot(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.screenshot(path=HERE / f"{name}.png")


def _status_link(folder: Path) -> str:
    for mail in sorted((folder / "mailbox").glob("*.eml")):
        text = mail.read_text().replace("=\n", "")
        if "jan.kowalski" in text and (found := re.search(r"http://\S+/s/\S+", text)):
            return found[0]
    raise SystemExit("no status link was sent")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
