"""Is there always a good access token, asked for once, and a clear word when there can't be one?"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.mail.access import AccessTokens
from channels.mail.oauth import OAuth, Provider
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from tests.servers.oauth import TokenServer, token_server

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FIRST = "the-first-refresh-token"
SECRET = "the-client-secret"


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is told the time."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(slots=True)
class Desk:
    """Channels that share a data folder, a grant and a clock."""

    server: TokenServer
    folder: Path
    clock: Clock = field(default_factory=Clock)

    def grant(self, **more: Any) -> OAuth:
        grant = {"provider": Provider.CUSTOM, "client_id": "desk", "client_secret": SECRET}
        return OAuth(**{"token_url": self.server.url, "refresh_token": FIRST, **grant, **more})

    def tokens(self, **more: Any) -> AccessTokens:
        return AccessTokens(
            ChannelName("support-mail"),
            self.grant(**more),
            self.folder,
            clock=self.clock,
            answering=timedelta(seconds=2),
        )


@pytest.fixture
async def server() -> AsyncIterator[TokenServer]:
    async with token_server() as server:
        yield server


@pytest.fixture
def desk(server: TokenServer, tmp_path: Path) -> Desk:
    return Desk(server, tmp_path / "secrets")


async def test_a_token_is_asked_for_once_and_kept_until_shortly_before_its_end(desk: Desk) -> None:
    tokens = desk.tokens()
    assert {await tokens.current() for _ in range(50)} == {"access-token-1"}
    desk.clock.passes(minutes=54)
    assert await tokens.current() == "access-token-1"
    desk.clock.passes(minutes=1)
    assert await tokens.current() == "access-token-2"
    assert len(desk.server.asked) == 2


async def test_all_who_need_it_at_once_make_one_question(desk: Desk) -> None:
    channels = [desk.tokens() for _ in range(5)]
    found = await asyncio.gather(*(each.current() for each in channels for _ in range(5)))
    assert set(found) == {"access-token-1"}
    assert len(desk.server.asked) == 1


async def test_a_restart_asks_for_nothing(desk: Desk) -> None:
    await desk.tokens().current()
    assert await desk.tokens().current() == "access-token-1"
    assert len(desk.server.asked) == 1


async def test_a_rotated_refresh_token_is_kept_through_a_restart(desk: Desk) -> None:
    desk.server.rotates = True
    for _ in range(3):
        await desk.tokens().current()
        desk.clock.passes(hours=2)
    assert [form["refresh_token"] for form in desk.server.asked] == [
        FIRST,
        "rotated-refresh-token-1",
        "rotated-refresh-token-2",
    ]


async def test_nobody_else_can_read_what_is_kept(desk: Desk) -> None:
    await desk.tokens().current()
    kept = {path: path.stat().st_mode & 0o777 for path in desk.folder.iterdir()}
    assert set(kept.values()) == {0o600}
    assert desk.folder.stat().st_mode & 0o777 == 0o700


async def test_a_renewal_is_finished_though_nobody_waits_any_more(desk: Desk) -> None:
    desk.server.rotates = desk.server.slow = True
    tokens = desk.tokens()
    waiting = asyncio.create_task(tokens.current())
    async with asyncio.timeout(2):
        while not desk.server.asked:
            await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    desk.server.go_on.set()
    await tokens.finish()
    desk.clock.passes(hours=2)
    assert await desk.tokens().current() == "access-token-2"


async def test_a_new_refresh_token_in_the_configuration_is_a_new_grant(desk: Desk) -> None:
    await desk.tokens().current()
    desk.server.refresh_token = "signed-in-anew"
    assert await desk.tokens(refresh_token="signed-in-anew").current() == "access-token-2"


async def test_a_replaced_token_file_helps_at_once(desk: Desk, tmp_path: Path) -> None:
    (path := tmp_path / "refresh-token").write_text("an-old-one\n")
    tokens = desk.tokens(refresh_token="", token_file=path)
    with pytest.raises(TemporaryFailure, match="invalid_grant"):
        await tokens.current()
    path.write_text(FIRST + "\n")
    assert await tokens.current() == "access-token-1"


@pytest.mark.parametrize(
    ("reply", "sentence", "wait"),
    [
        pytest.param(
            (400, {"error": "invalid_grant", "error_description": "Expired.\r\nTrace 1"}),
            "the token server says invalid_grant: the sign-in has ended: sign in once more and "
            "replace the refresh token (Expired. Trace 1)",
            600,
            id="the sign-in has ended",
        ),
        pytest.param(
            (401, {"error": "invalid_client"}),
            "the token server says invalid_client: the client secret is wrong or has ended: "
            "replace client_secret",
            600,
            id="the secret has ended",
        ),
        pytest.param((500, b"<html>"), "the token server answers 500", 15, id="500"),
        pytest.param(
            (503, b"", {"Retry-After": "90"}), "the token server answers 503", 90, id="503"
        ),
        pytest.param(
            (429, b"", {"Retry-After": "soon"}), "the token server answers 429", 15, id="429"
        ),
        pytest.param(
            (503, b"", {"Retry-After": "999999"}),
            "the token server answers 503",
            3600,
            id="for ever",
        ),
        pytest.param(
            (302, b"", {"Location": "/x"}), "the token server answers 302", 15, id="elsewhere"
        ),
        pytest.param((400, {"error": ["x"]}), "the token server answers 400 ['x']", 15, id="odd"),
        pytest.param((200, b"[]"), "the token server gave no access token", 15, id="no object"),
        pytest.param((200, b"[" * 100_000), "the token server gave no access token", 15, id="deep"),
        pytest.param((200, b"x" * 10**6), "the token server gave no access token", 15, id="long"),
        pytest.param(
            (200, {"access_token": "a\r\nDELETE INBOX"}),
            "the token server gave no access token",
            15,
            id="a command",
        ),
    ],
)
async def test_what_the_token_server_says_is_told_in_one_sentence(
    desk: Desk, reply: Any, sentence: str, wait: int
) -> None:
    desk.server.instead = [reply]
    tokens = desk.tokens()
    with pytest.raises(TemporaryFailure) as failure:
        await tokens.current()
    assert str(failure.value) == sentence
    assert failure.value.retry_after == timedelta(seconds=wait)
    desk.clock.passes(seconds=wait - 1)
    with pytest.raises(TemporaryFailure) as again:
        await tokens.current()
    assert (str(again.value), len(desk.server.asked)) == (sentence, 1), "asked again too soon"
    desk.clock.passes(seconds=1)
    assert await tokens.current() == "access-token-1"


async def test_a_silent_token_server_is_temporary(desk: Desk) -> None:
    desk.server.slow = True
    with pytest.raises(TemporaryFailure) as failure:
        await desk.tokens().current()
    assert str(failure.value) == "the token server can't be reached: no answer in time"


async def test_nobody_listens(desk: Desk) -> None:
    tokens = desk.tokens(token_url="http://127.0.0.1:1/token")
    with pytest.raises(TemporaryFailure, match=r"^the token server can't be reached: "):
        await tokens.current()


async def test_a_refused_token_is_replaced_unless_it_is_new(desk: Desk) -> None:
    tokens = desk.tokens()
    tokens.rejected(await tokens.current())
    assert await tokens.current() == "access-token-1"
    desk.clock.passes(minutes=6)
    tokens.rejected("some other")
    assert await tokens.current() == "access-token-1"
    tokens.rejected("access-token-1")
    assert await tokens.current() == "access-token-2"


@pytest.mark.parametrize("lasts", [0, -5, None, "soon", "nan", 1e300, [1]])
async def test_a_token_without_a_sensible_time_lasts_an_hour(desk: Desk, lasts: Any) -> None:
    desk.server.lasts = lasts
    tokens = desk.tokens()
    await tokens.current()
    desk.clock.passes(minutes=54)
    assert await tokens.current() == "access-token-1"


async def test_a_short_lived_token_is_used_all_the_same(desk: Desk) -> None:
    desk.server.lasts = 20
    tokens = desk.tokens()
    assert [await tokens.current() for _ in range(3)] == ["access-token-1"] * 3


async def test_a_clock_set_back_trusts_no_token_of_the_future(desk: Desk) -> None:
    await desk.tokens().current()
    desk.clock.passes(days=-1)
    assert await desk.tokens().current() == "access-token-2"


async def test_a_damaged_file_is_as_none(desk: Desk) -> None:
    await desk.tokens().current()
    (file,) = desk.folder.glob("*.token")
    for damage in (b"", b"\xff", b"[]", b"{}", json.dumps({"access": {"": 5}}).encode()):
        file.write_bytes(damage)
        await desk.tokens().current()
    assert {form["refresh_token"] for form in desk.server.asked} == {FIRST}


async def test_without_room_for_what_will_come_nothing_is_asked(desk: Desk, tmp_path: Path) -> None:
    desk.folder.write_text("a file is in the way")
    with pytest.raises(TemporaryFailure, match=r"^cannot keep the access token: "):
        await desk.tokens().current()
    assert desk.server.asked == []


async def test_what_could_not_be_kept_is_kept_as_soon_as_there_is_room(desk: Desk) -> None:
    desk.server.rotates = desk.server.slow = True
    tokens = desk.tokens()
    waiting = asyncio.create_task(tokens.current())
    async with asyncio.timeout(2):
        while not desk.server.asked:
            await asyncio.sleep(0.01)
    (file,) = desk.folder.glob("*.token")
    file.unlink()
    file.mkdir()  # nothing can be put in its place
    desk.server.go_on.set()
    with pytest.raises(TemporaryFailure, match=r"^cannot keep the access token: "):
        await waiting
    file.rmdir()
    assert await tokens.current() == "access-token-1"
    assert "rotated-refresh-token-1" in file.read_text()
    assert len(desk.server.asked) == 1


async def test_a_program_that_was_let_in_needs_no_refresh_token(desk: Desk) -> None:
    assert await desk.tokens(refresh_token="", scope="all").current() == "access-token-1"
    assert desk.server.asked == [
        {
            "client_id": "desk",
            "grant_type": "client_credentials",
            "client_secret": SECRET,
            "scope": "all",
        }
    ]


async def test_what_ends_soon_is_said_two_weeks_before_and_once_a_day(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.server.more = {"refresh_token_expires_in": 30 * 86400}
    tokens = desk.tokens(secret_ends=date(2026, 12, 8))
    for _ in range(48):
        await tokens.current()
        desk.clock.passes(hours=1)
    said = [
        record.getMessage() for record in caplog.records if record.name == "channels.mail.access"
    ]
    sentence = "channel support-mail: the client secret ends on 2026-12-08; replace it before"
    assert said == [sentence] * 2


async def test_a_refresh_token_that_ends_soon_is_said_too(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.server.more = {"refresh_token_expires_in": 5 * 86400}
    await desk.tokens().current()
    assert "the refresh token ends on 2026-11-28; replace it before" in caplog.text


async def test_no_secret_is_said(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.server.instead = [(400, {"error": "invalid_grant"})]
    tokens = desk.tokens()
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(TemporaryFailure) as failure:
            await tokens.current()
        desk.clock.passes(minutes=10)
        await tokens.current()
    (held,) = desk.folder.glob("*.token")
    said = caplog.text + str(failure.value) + repr(desk.grant()) + held.name
    assert [word for word in (FIRST, SECRET, "access-token-1") if word in said] == []


@pytest.mark.parametrize("text", ["", "  \n", None])
async def test_an_empty_or_missing_token_file_is_said(
    desk: Desk, tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "refresh-token"
    if text is not None:
        path.write_text(text)
    with pytest.raises(TemporaryFailure) as failure:
        await desk.tokens(refresh_token="", token_file=path).current()
    expected = "cannot read the token_file: No such file or directory"
    assert str(failure.value) == ("the token_file is empty" if text is not None else expected)


MICROSOFT = OAuth(provider=Provider.MICROSOFT, client_id="c", refresh_token="r")


@pytest.mark.parametrize(
    ("grant", "lacking"),
    [
        pytest.param(MICROSOFT, "", id="complete"),
        pytest.param(
            replace(MICROSOFT, refresh_token="", client_secret="s"), "", id="as a program"
        ),
        pytest.param(
            replace(MICROSOFT, tenant="a/b"),
            "'tenant' is the directory's name or number, such as nordlys.example",
            id="a tenant that is a path",
        ),
        pytest.param(
            replace(MICROSOFT, provider=Provider.CUSTOM),
            "'token_url' is missing: only Microsoft's and Google's are known",
            id="somebody else",
        ),
        pytest.param(
            replace(MICROSOFT, token_url="http://login.fjell.example/token"),
            "'token_url' has to begin with https://",
            id="in the clear",
        ),
        pytest.param(
            replace(MICROSOFT, token_file=Path("x")),
            "either 'refresh_token' or 'token_file', not both",
            id="two",
        ),
        pytest.param(
            replace(MICROSOFT, refresh_token=""),
            "without 'refresh_token' and 'token_file' a 'client_secret' is needed",
            id="nothing to show",
        ),
        pytest.param(
            replace(MICROSOFT, provider=Provider.GOOGLE, refresh_token="", client_secret="s"),
            "Google wants a 'refresh_token' or a 'token_file'",
            id="as a program with Google",
        ),
    ],
)
async def test_what_is_lacking_is_said_before_anything_is_asked(
    grant: OAuth, lacking: str, tmp_path: Path
) -> None:
    assert grant.lacking == lacking
    if lacking and not grant.token_file:
        tokens = AccessTokens(ChannelName("m"), grant, tmp_path)
        with pytest.raises(TemporaryFailure) as failure:
            await tokens.current()
        assert str(failure.value) == f"cannot ask for an access token: {lacking}"


def test_each_provider_has_its_address_and_scope() -> None:
    google = replace(MICROSOFT, provider=Provider.GOOGLE)
    program = replace(MICROSOFT, refresh_token="", client_secret="s", tenant="nordlys.example")
    assert MICROSOFT.url == "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    assert program.url == "https://login.microsoftonline.com/nordlys.example/oauth2/v2.0/token"
    assert google.url == "https://oauth2.googleapis.com/token"
    assert "IMAP.AccessAsUser.All" in MICROSOFT.wanted
    assert "SMTP.Send offline_access" in MICROSOFT.wanted
    assert program.wanted == "https://outlook.office365.com/.default"
    assert google.wanted == ""
    assert replace(MICROSOFT, scope="mine").wanted == "mine"
