"""One question to a token server, and what its answers mean to the operator."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, TypeGuard

import httpx

from channels.mail.headers import clean
from channels.mail.oauth import OAuth
from inquiry.errors import TemporaryFailure
from inquiry.untrusted import Object, object_of

ANSWERING = timedelta(seconds=20)
MOST = 256 * 1024
SOON = timedelta(seconds=15)
BY_A_PERSON = timedelta(minutes=10)
"""How long to wait where only a person can help."""

ADVICE = {
    "invalid_grant": "the sign-in has ended: sign in once more and replace the refresh token",
    "invalid_client": "the client secret is wrong or has ended: replace client_secret",
    "unauthorized_client": "the client may not do this: let it in with the provider",
    "invalid_scope": "the scope is not allowed: correct scope, or let it in with the provider",
    "interaction_required": "somebody has to confirm: sign in once more and replace the token",
    "consent_required": "consent is missing: an administrator has to give it",
}


class NeedsAPerson(TemporaryFailure):
    """It won't get better by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What the server gave us."""

    access_token: str = field(repr=False)
    lasts: float
    """Seconds."""
    refresh_token: str = field(default="", repr=False)
    """A new one, if it has changed."""
    refresh_lasts: float | None = None


async def ask(settings: OAuth, refresh_token: str, *, answering: timedelta = ANSWERING) -> Granted:
    """Ask for an access token. Raises TemporaryFailure, in whose words no secret stands."""
    if settings.lacking:
        raise NeedsAPerson(f"cannot ask for an access token: {settings.lacking}")
    try:
        async with asyncio.timeout(answering.total_seconds()):
            status, headers, body = await _post(settings.url, _form(settings, refresh_token))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        reason = clean(str(error))[:200] or "no answer in time"
        raise _later(f"the token server can't be reached: {reason}") from error
    said = object_of(body)
    if status == httpx.codes.OK:
        return _granted(said)
    raise _refusal(status, headers, said)


def _form(settings: OAuth, refresh_token: str) -> dict[str, str]:
    form = {"client_id": settings.client_id, "grant_type": "client_credentials"}
    if settings.for_a_person:
        form |= {"grant_type": "refresh_token", "refresh_token": refresh_token}
    if settings.client_secret:
        form["client_secret"] = settings.client_secret
    if settings.wanted:
        form["scope"] = settings.wanted
    return form


async def _post(url: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
    body, trust = b"", await asyncio.to_thread(_trust)
    async with (
        httpx.AsyncClient(timeout=ANSWERING.total_seconds(), verify=trust) as client,
        client.stream("POST", url, data=form, headers={"Accept": "application/json"}) as answer,
    ):
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MOST:
                break
        return answer.status_code, answer.headers, body


@cache
def _trust() -> ssl.SSLContext:
    """Read the system's certificates once: that takes long enough to be noticed."""
    return ssl.create_default_context()


def _granted(said: Object) -> Granted:
    access, renewed = said.get("access_token"), said.get("refresh_token")
    if not _is_token(access):
        raise _later("the token server gave no access token")
    return Granted(
        access_token=access,
        lasts=_seconds(said.get("expires_in")) or 3600.0,
        refresh_token=renewed if _is_token(renewed) else "",
        refresh_lasts=_seconds(said.get("refresh_token_expires_in")),
    )


def _is_token(value: Any) -> TypeGuard[str]:
    """May it stand on a command line? RFC 6750 2.1 allows less than this."""
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable()


def _seconds(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if 0 < found < 10**9 else None


def _refusal(status: int, headers: Mapping[str, str], said: Object) -> TemporaryFailure:
    code = clean(str(said.get("error", "")))[:60]
    if code in ADVICE:
        told = clean(str(said.get("error_description", "")))[:200]
        reason = f"the token server says {code}: {ADVICE[code]}"
        return NeedsAPerson(f"{reason} ({told})" if told else reason, retry_after=BY_A_PERSON)
    asked = _seconds(headers.get("retry-after")) or 0.0
    wait = max(SOON, timedelta(seconds=min(asked, 3600.0)))
    return _later(f"the token server answers {status} {code}".rstrip(), wait)


def _later(reason: str, wait: timedelta = SOON) -> TemporaryFailure:
    return TemporaryFailure(reason, retry_after=wait)
