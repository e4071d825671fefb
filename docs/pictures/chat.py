"""A desk with a chat, and somebody's page that shows it: what ``take.py`` looks at."""

import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

from playwright.sync_api import Browser, Locator, Page

DESK = """
version: 1
desk:
  {{name: Nordlys Support, url: "{url}", data_dir: data, languages: [pl, en], hold: {{chat: 0s}}}}
web: {{listen: "127.0.0.1:{web}"}}
channels:
  mail:
    kind: smtp
    listen: 127.0.0.1:{smtp}
    addresses: [help@nordlys.example]
    send: {{host: 127.0.0.1, port: 1, tls: none, from: help@nordlys.example}}
  shop:
    kind: web-chat
    allowed_origins: ["{shop}"]
    by_mail: {{channel: mail}}
  closed: {{extends: shop, calendar: far-away}}
calendars: {{far-away: {{open: {{mon-sun: 09:00-09:01}}}}}}
specialists: {{kasia: {{name: Kasia Nowak, email: kasia@nordlys.example, languages: [pl, en]}}}}
queues: {{first-line: {{members: [kasia]}}}}
rules: [{{name: everything, when: always, then: {{queue: first-line}}}}]
"""
PAGE = """<!doctype html><html lang="pl"><meta charset="utf-8"><title>Fjord</title>
<meta name="viewport" content="width=device-width"><style>:root {{ color-scheme: light dark }}
body {{ font: 18px/1.5 sans-serif; padding: 24px; max-width: 40ch }}</style>
<h1>Fjord</h1><p>Namioty, buty i wszystko, co suche.</p><p>Namiot dla dwojga, 2,1 kg, stoi przy
każdym wietrze.</p><script src="{url}/chat/{chat}.js" async></script>"""
QUESTION = "Dzień dobry, w moim namiocie pękł szew. Czy mogę go wymienić?"
ANSWER = "Dzień dobry! Oczywiście. Adres jest tutaj: https://www.fjord.example/zwroty"
THANKS = "Dziękuję! Tak wygląda szew:"
PASSWORD = b"a good long password\n"


@contextmanager
def desk_with_chat(folder: Path, program: Path, web: int, smtp: int, shop: int) -> Iterator[str]:
    """Run the desk and the shop; yields the desk's address."""
    url = f"http://127.0.0.1:{web}"
    file = folder / "desk.yaml"
    text = DESK.format(url=url, web=web, smtp=smtp, shop=f"http://127.0.0.1:{shop}")
    file.write_text(text, "utf-8")
    page = ThreadingHTTPServer(("127.0.0.1", shop), _pages(url))
    threading.Thread(target=page.serve_forever, daemon=True).start()
    command = [sys.executable, "-m", "deskbridge.cli.main"] if not program.exists() else [program]
    with subprocess.Popen([*command, "run", "-c", file], env=os.environ) as desk:
        try:
            _until_ready(url)
            passwd = [*command, "specialist", "passwd", "kasia", "--stdin", "-c", file]
            subprocess.run(passwd, input=PASSWORD, check=True)
            yield url
        finally:
            desk.send_signal(signal.SIGTERM)
            page.shutdown()


def take_chat(browser: Browser, url: str, shop: str, folder: Path) -> None:
    """Ask, answer, and take the pictures: light, dark, and on a phone out of hours."""
    light = browser.new_page(viewport={"width": 900, "height": 760}, locale="pl")
    _ask(light, f"{shop}/shop")
    _answer(browser, url)
    light.locator(".theirs", has_text="Oczywiście").wait_for()
    _thank(light)
    light.locator("li", has_text="szew.jpg").get_by_text("Przeczytano").wait_for()
    light.mouse.move(10, 10)
    light.get_by_role("textbox").evaluate("it => it.blur()")
    light.wait_for_timeout(500)
    light.screenshot(path=folder / "chat.png")
    light.emulate_media(color_scheme="dark")
    light.screenshot(path=folder / "chat-dark.png")
    size = {"width": 390, "height": 700}
    phone = browser.new_page(viewport=size, device_scale_factor=2, locale="pl")  # type: ignore[arg-type]
    _open(phone, f"{shop}/closed")
    phone.wait_for_timeout(500)
    phone.screenshot(path=folder / "chat-phone.png")


def _open(page: Page, address: str) -> Locator:
    page.goto(address)
    page.get_by_role("button", name="Otwórz czat").click()
    return page.get_by_role("dialog")


def _ask(page: Page, address: str) -> None:
    panel = _open(page, address)
    panel.get_by_role("textbox", name="Twoja wiadomość").fill(QUESTION)
    panel.get_by_role("button", name="Wyślij").click()
    panel.get_by_text("Wysłano").wait_for()


def _thank(page: Page) -> None:
    panel = page.get_by_role("dialog")
    with page.expect_file_chooser() as choosing:
        panel.get_by_role("button", name="Dołącz pliki").click()
    choosing.value.set_files(
        {"name": "szew.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 340_000}
    )
    panel.get_by_role("textbox", name="Twoja wiadomość").fill(THANKS)
    panel.get_by_role("button", name="Wyślij").click()


def _answer(browser: Browser, url: str) -> None:
    page = browser.new_page()
    page.goto(f"{url}/sign-in")
    page.get_by_label("Name").fill("kasia")
    page.get_by_label("Password").fill(PASSWORD.decode().strip())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/inbox*")
    while not page.get_by_role("link", name="Dzień dobry").count():
        page.wait_for_timeout(200)
        page.reload()
    page.get_by_role("link", name="Dzień dobry").first.click()
    page.get_by_role("textbox", name="Your answer").fill(ANSWER)
    page.get_by_role("button", name="Send and wait").click()
    page.wait_for_url("**/inquiry/*")  # and stays there: what comes is read


def _until_ready(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/livez", timeout=1)
        except OSError:
            sleep(0.1)
        else:
            return
    raise SystemExit("the desk did not start")


def _pages(url: str) -> type[BaseHTTPRequestHandler]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.format(url=url, chat=self.path.strip("/")).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody wants to know."""

    return Pages
