"""Text messages for deskbridge: stands between a provider of them and a channel of kind webhook.

    python gateway.py       with the settings below in its environment; needs aiohttp

The provider posts what people write to /inbound and what became of our messages to /status, and
takes messages at its /messages. Change these three to what yours speaks. Nothing is confirmed to
either side before the other one has it, or it is in the file: it may die at any moment.
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, web

PATIENCE = ClientTimeout(total=25)
"""deskbridge waits for 30 seconds."""
TOLERANCE = 300
TABLE = """
    CREATE TABLE IF NOT EXISTS answers (
        key TEXT PRIMARY KEY, dispatch INTEGER NOT NULL, sms TEXT NOT NULL UNIQUE) STRICT
"""
NEWS = {"delivered": "message.delivered", "failed": "message.failed"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says."""

    desk: str
    """Where the channel takes events: https://help.example/hooks/sms."""
    secret: str = field(repr=False)
    """The channel's: whsec_…"""
    provider: str
    token: str = field(repr=False)
    """What both sides of the provider are proven by."""
    port: int
    file: Path


def settings() -> Settings:
    """Read them; what is missing is named."""
    said = os.environ
    return Settings(
        desk=said["DESK_URL"],
        secret=said["DESK_SECRET"],
        provider=said["PROVIDER_URL"],
        token=said["PROVIDER_TOKEN"],
        port=int(said.get("PORT", "8090")),
        file=Path(said.get("FILE", "gateway.db")),
    )


class Gateway:
    """Both directions."""

    def __init__(self, settings: Settings, session: ClientSession) -> None:
        self._settings = settings
        self._session = session
        self._answers = sqlite3.connect(settings.file, isolation_level=None)
        self._answers.execute("PRAGMA synchronous = FULL")
        self._answers.execute(TABLE)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/inbound", self.inbound),
            web.post("/status", self.status),
            web.post("/deskbridge", self.answer),
        ]

    async def inbound(self, request: web.Request) -> web.Response:
        """Hand over what somebody wrote. The provider's number of it is the event's name."""
        self._check_provider(request)
        form = await request.post()
        number = str(form["id"])
        data = {"id": number, "from": {"id": str(form["from"])}, "text": str(form["text"])}
        return web.Response(status=await self._tell(number, "message.created", data))

    async def status(self, request: web.Request) -> web.Response:
        """Pass on what became of a message of ours."""
        self._check_provider(request)
        form = await request.post()
        kind = NEWS.get(str(form["status"]))
        if kind is None:
            return web.Response()
        sms = str(form["id"])
        row = self._answers.execute("SELECT dispatch FROM answers WHERE sms = ?", [sms]).fetchone()
        if row is None:
            return web.Response(status=503)  # it may be on its way into the file: tell us again
        return web.Response(status=await self._tell(f"{sms}-{kind}", kind, {"dispatch": row[0]}))

    async def answer(self, request: web.Request) -> web.Response:
        """Send an answer of the desk, once however often it comes."""
        body = await request.read()
        key = self._signed(request, body)
        event = json.loads(body)
        if event["type"] != "message.send":
            return web.Response(status=422)
        row = self._answers.execute("SELECT sms FROM answers WHERE key = ?", [key]).fetchone()
        if row:
            return web.json_response({"id": row[0]})
        data = event["data"]
        message = {"to": data["to"]["id"], "text": data["text"], "reference": key}
        try:
            async with self._session.post(
                f"{self._settings.provider}/messages", json=message, headers=self._proof()
            ) as told:
                if told.status == 400:
                    return web.Response(status=422, text=await told.text())
                if told.status != 200:
                    return web.Response(status=503, headers=_retry_after(told.headers))
                sms = str((await told.json())["id"])
        except (ClientError, TimeoutError):
            return web.Response(status=503)
        # Dead before this line, we send it again: the provider knows it by its reference.
        self._answers.execute("INSERT INTO answers VALUES (?, ?, ?)", [key, data["dispatch"], sms])
        return web.json_response({"id": sms})

    async def _tell(self, key: str, kind: str, data: Mapping[str, object]) -> int:
        """Post an event to the desk; return what to answer to the provider."""
        body = json.dumps({"type": kind, "data": data}).encode()
        headers = sign(self._settings.secret, key, body, int(time.time()))
        try:
            async with self._session.post(self._settings.desk, data=body, headers=headers) as told:
                if told.status in (202, 204):
                    return 200
                print(f"{key}: {told.status} {await told.text()}", flush=True)
                # Refused for good: asking again would change nothing. All else: tell us again.
                return 200 if told.status in (404, 409, 413, 422) else 503
        except (ClientError, TimeoutError) as error:
            print(f"{key}: {error}", flush=True)
            return 503

    def _signed(self, request: web.Request, body: bytes) -> str:
        """Return the name of an event that only the desk can have sent."""
        key, at = request.headers["webhook-id"], int(request.headers["webhook-timestamp"])
        wanted = sign(self._settings.secret, key, body, at)["webhook-signature"]
        given = request.headers["webhook-signature"].split()
        if not any(hmac.compare_digest(wanted, one) for one in given):
            raise web.HTTPUnauthorized
        if abs(time.time() - at) > TOLERANCE:
            raise web.HTTPUnauthorized
        return key

    def _check_provider(self, request: web.Request) -> None:
        proof = request.headers.get("Authorization", "")
        if not hmac.compare_digest(proof.encode(), self._proof()["Authorization"].encode()):
            raise web.HTTPUnauthorized

    def _proof(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.token}"}


def sign(secret: str, key: str, body: bytes, at: int) -> dict[str, str]:
    """Return the headers that prove who sends it (Standard Webhooks)."""
    plain = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(plain, f"{key}.{at}.".encode() + body, hashlib.sha256)
    return {
        "content-type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(mac.digest()).decode(),
    }


def _retry_after(headers: Mapping[str, str]) -> dict[str, str]:
    return {"Retry-After": headers["Retry-After"]} if "Retry-After" in headers else {}


async def served(settings: Settings) -> web.Application:
    """Return the gateway, ready to be served."""
    session = ClientSession(timeout=PATIENCE)

    async def close(_app: web.Application) -> None:
        await session.close()

    app = web.Application(client_max_size=40_000_000)
    app.add_routes(Gateway(settings, session).routes())
    app.on_cleanup.append(close)
    return app


if __name__ == "__main__":
    chosen = settings()
    web.run_app(served(chosen), host="127.0.0.1", port=chosen.port, print=None, access_log=None)
