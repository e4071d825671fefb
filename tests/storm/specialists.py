"""Specialists who answer in the console, over HTTP, as a browser would."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from random import Random

import aiohttp

from tests.harness.check import REFERENCE
from tests.storm.book import Book, Written, new_answer
from tests.storm.world import SECRET_OF_ALL, Stuck, World, browser

AGAIN = 0.3
SEEN_EVENT = re.compile(r'name="seen_event" value="(\d+)"')
SUSPECT = re.compile(r'href="/quarantine/(\d+)"')
BLAMED = re.compile(r'<td>([^<]*)</td>\s*<td><a class="button small" href="/quarantine/')
DOUBTFUL = re.compile(r'action="/outbox/(\d+)/arrived"')
ANSWERS = ("Slå den av og på.", "Proszę sprawdzić papier.", "Palun proovige uuesti.", "Try again.")
LOST = (aiohttp.ClientError, OSError, TimeoutError)


@dataclass(slots=True)
class Specialist:
    """One who is signed in."""

    name: str
    world: World
    chance: Random
    http: aiohttp.ClientSession

    @property
    def book(self) -> Book:
        return self.world.book

    @property
    def turns(self) -> int:
        """How often one tries before giving up."""
        return int(self.world.patience / AGAIN)

    async def sign_in(self) -> None:
        said = {"name": self.name, "password": SECRET_OF_ALL}
        await self._asked("POST", "/sign-in", data=said, allow_redirects=False)

    async def answer(self, topic: str) -> str:
        """Find the inquiry that a topic has become and answer it; return the answer's nonce."""
        reference, nonce = await self._found(topic), new_answer()
        text = f"{self.chance.choice(ANSWERS)} {nonce}"
        self.book.writes(Written(nonce=nonce, topic=topic))
        for _ in range(self.turns):
            page = await self._page(reference)
            if nonce in page:  # it was taken, and only the answer to us was lost
                break
            if await self._given(reference, page, text):
                break
            await asyncio.sleep(AGAIN)
        else:
            raise Stuck(f"the answer {nonce} to {reference}")
        self.book.gives(nonce)
        return nonce

    async def send_doubtful_again(self) -> int:
        """Decide about what may or may not have arrived: it is to be sent again; say how many."""
        page = await self._asked("GET", "/outbox")
        numbers = DOUBTFUL.findall(page)
        for number in numbers:
            with suppress(*LOST):
                await self._post(f"/outbox/{number}/retry", {})
        return len(numbers)

    async def try_suspects_again(self) -> list[str]:
        """What was in hand at several deaths lies in quarantine: try it anew; say why each was."""
        page = await self._asked("GET", "/quarantine")
        for number in set(SUSPECT.findall(page)):
            with suppress(*LOST):
                await self._post(f"/quarantine/{number}/retry", {})
        return BLAMED.findall(page)

    async def _found(self, topic: str) -> str:
        """Search for the inquiry until it is there, by all words of the topic: one opened it."""
        for turn in range(self.turns):
            words = [one.nonce for one in self.book.said if one.topic == topic]
            page = await self._asked("GET", "/inbox", params={"q": words[turn % len(words)]})
            if found := set(re.findall(rf"/inquiry/({REFERENCE.pattern})", page)):
                return str(min(found))
            await asyncio.sleep(AGAIN)
        raise Stuck(f"{topic} is not in the inbox")

    async def _page(self, reference: str) -> str:
        return unescape(await self._asked("GET", f"/inquiry/{reference}"))

    async def _given(self, reference: str, page: str, text: str) -> bool:
        """Press the button; False if something has come between, or the line is lost."""
        seen = SEEN_EVENT.search(page)
        assert seen, f"{reference} can't be answered"
        then = self.chance.choice(("waiting-for-customer", "waiting-for-customer", "resolved"))
        filled = {"text": text, "then": then, "seen_event": seen[1]}
        with suppress(*LOST):
            return await self._post(f"/inquiry/{reference}/answer", filled) == 303
        return False

    async def _post(self, path: str, filled: dict[str, str]) -> int:
        url = self.world.bridge.url + path
        async with self.http.post(url, data=filled, allow_redirects=False) as answer:
            return answer.status

    async def _asked(self, method: str, path: str, **more: object) -> str:
        """Ask until there is an answer."""
        while True:
            with suppress(*LOST):
                url = self.world.bridge.url + path
                async with self.http.request(method, url, **more) as answer:  # type: ignore[arg-type]
                    if answer.status < 400:
                        return await answer.text()
            await asyncio.sleep(AGAIN)


def specialist(name: str, world: World, chance: Random) -> Specialist:
    """Open a browser for somebody; ``http`` is to be closed."""
    return Specialist(name, world, chance, browser(world.bridge.url))
