"""The request form: what a visitor fills in becomes an arrival of the form's channel."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from aiohttp import web

from channels.allowance import TooMuch
from channels.form import LONGEST, Filled, FormChannel, Incomplete, TooLarge
from channels.peer import peer_of
from inquiry.errors import TemporaryFailure
from inquiry.journey import Envelope
from web.customer_words import NAMES, TEXTS, accepted, chosen, offered
from web.pages import desk_of, page
from web.posts import Form, files_in, posted, text_in

log = logging.getLogger(__name__)
KEPT_HEADERS = ("user-agent", "accept-language")
EMPTY = Filled(submission="", email="", text="")


@dataclass(frozen=True, slots=True)
class FormPage:
    """The page of one form channel."""

    channel: FormChannel

    def routes(self) -> list[web.RouteDef]:
        """Return where it is."""
        path = self.channel.settings.path
        return [web.get(path, self.show), web.post(path, self.take)]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show the empty form."""
        return self._page(request, EMPTY)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take a form in; thanks are said only when it is stored."""
        desk = desk_of(request)
        try:
            form: Form = await posted(request)
        except web.HTTPRequestEntityTooLarge:
            return self._page(request, EMPTY, status=413, trouble="too-large")
        filled = self._filled(form, language_of(request))
        envelope = Envelope(peer=peer_of(request), headers=_headers(request))
        try:
            await self.channel.accept_post(
                desk.inlet(self.channel.name), filled, envelope, now=desk.now()
            )
        except Incomplete as problem:
            return self._page(request, filled, status=422, wrong=problem.wrong)
        except TooLarge:
            return self._page(request, filled, status=413, trouble="too-large")
        except TooMuch as much:
            return self._too_often(request, filled, much)
        except TemporaryFailure as failure:
            log.warning("channel %s: not accepted: %s", self.channel.name, failure)
            response = self._page(request, filled, status=503, trouble="not-now")
            response.headers["Retry-After"] = "30"
            return response
        return self._page(request, filled, template="thanks.html")

    def _too_often(self, request: web.Request, filled: Filled, much: TooMuch) -> web.Response:
        """Show the form with everything in it, and say when it may be sent again."""
        wait = max(1, math.ceil(much.retry_after.total_seconds()))
        log.info("channel %s: too many messages from %s", self.channel.name, peer_of(request))
        minutes = math.ceil(wait / 60)
        response = self._page(request, filled, status=429, trouble="too-often", minutes=minutes)
        response.headers["Retry-After"] = str(wait)
        return response

    def _filled(self, form: Form, language: str) -> Filled:
        word = partial(text_in, form)
        return Filled(
            submission=word("submission")[:64],
            name=word("name"),
            email=word("email"),
            subject=word("subject"),
            text=word("text"),
            language=language,
            fields={name: word(f"field-{name}") for name in self.channel.settings.fields},
            files=files_in(form),
        )

    def _page(
        self,
        request: web.Request,
        filled: Filled,
        *,
        template: str = "form.html",
        status: int = 200,
        wrong: Mapping[str, str] | None = None,
        trouble: str = "",
        minutes: int = 0,
    ) -> web.Response:
        desk, language = desk_of(request), language_of(request)
        response = page(
            request,
            template,
            status=status,
            lang=language,
            say=TEXTS[language],
            filled=filled,
            fields=self.channel.settings.fields,
            longest=LONGEST,
            wrong=wrong or {},
            trouble=trouble or ("correct" if wrong else ""),
            minutes=minutes,
            submission=filled.submission or uuid4().hex,
            tongues=[(one, NAMES[one]) for one in offered(desk.languages)],
        )
        response.headers["Content-Language"] = language
        return response


def language_of(request: web.Request) -> str:
    """Return the visitor's language: chosen on the page, else the browser's."""
    wishes = accepted(request.headers.get("Accept-Language", ""))
    return chosen([request.query.get("lang", ""), *wishes], desk_of(request).languages)


def _headers(request: web.Request) -> dict[str, str]:
    return {name: request.headers[name][:500] for name in KEPT_HEADERS if name in request.headers}
