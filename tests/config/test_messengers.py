"""Is what would keep a messenger's messages from coming told, and where it stands?"""

from pathlib import Path

import pytest

from config.load import load
from deskbridge.kinds import SettingsByKind
from inquiry.errors import ConfigError, Problem
from tests.config.builders import DESK, a_text

BOT = "kind: telegram, token: '1:A'"
SOCKET = "kind: slack, bot_token: xoxb-1, app_token: xapp-1"
HTTP = "kind: slack, mode: http, bot_token: xoxb-1, signing_secret: s"
CHAT = "kind: web-chat, allowed_origins: [https://a.example]"
SHORT = "a bot's token is digits, a colon and letters, as the BotFather gave it"
PLAIN_HTTP = DESK.replace("https:", "http:")


def found(folder: Path, *channels: str, **changes: str) -> list[Problem]:
    """All that is wrong; the channels begin in line 2."""
    file = folder / "desk.yaml"
    written = "channels:\n" + "".join(f"  {channel}\n" for channel in channels)
    file.write_text(written + a_text(**{"channels": "", **changes}), encoding="utf-8")
    try:
        return list(load(file, SettingsByKind(), known_templates={"ack"}).warnings)
    except ConfigError as wrong:
        return list(wrong.problems)


def told(problems: list[Problem]) -> list[tuple[int, int | None, str]]:
    return [(p.place.line, p.place.column, p.text) for p in problems if p.code != "secret-in-file"]


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        pytest.param(BOT, BOT, "token", id="two bots"),
        pytest.param(BOT, f"{BOT}, mode: webhook", "token", id="one asks, the other is called"),
        pytest.param(SOCKET, SOCKET, "app_token", id="two sockets of one app"),
        pytest.param(HTTP, f"{HTTP}, path: /b", "bot_token", id="one app calls one path"),
    ],
)
def test_two_channels_with_one_token_are_told_at_both(
    tmp_path: Path, one: str, other: str, key: str
) -> None:
    lines = told(found(tmp_path, f"a: {{{one}}}", f"b: {{{other}}}"))
    columns = [f"  a: {{{text}".index(f"{key}: ") + len(key) + 3 for text in (one, other)]
    assert lines == [
        (2, columns[0], f"'a' has the {key} of 'b': each takes the other's messages"),
        (3, columns[1], f"'b' has the {key} of 'a': each takes the other's messages"),
    ]


def test_channels_with_tokens_of_their_own_are_well(tmp_path: Path) -> None:
    bots = f"a: {{{BOT}}}", "b: {kind: telegram, token: '2:A'}"
    assert told(found(tmp_path, *bots, f"c: {{{SOCKET}}}", f"d: {{{HTTP}}}")) == []


@pytest.mark.parametrize(
    ("more", "desk", "expected"),
    [
        pytest.param(", mode: webhook", DESK, [], id="https"),
        pytest.param("", PLAIN_HTTP, [], id="nobody calls who asks"),
        pytest.param(", mode: webhook, api: 'http://[::1]:8081'", PLAIN_HTTP, [], id="own api"),
        pytest.param(
            ", mode: webhook",
            PLAIN_HTTP,
            [
                (
                    2,
                    43,
                    "Telegram calls only https, and the desk's url is http://help.nordlys.example",
                )
            ],
            id="http",
        ),
    ],
)
def test_telegram_calls_only_https(
    tmp_path: Path, more: str, desk: str, expected: list[tuple[int, int, str]]
) -> None:
    assert told(found(tmp_path, f"a: {{{BOT}{more}}}", desk=desk)) == expected


@pytest.mark.parametrize("token", ["abc", "''", "'123:a b'", "'${env:NOBODY_HAS_SET:-none}'"])
def test_what_can_be_no_token_of_a_bot(tmp_path: Path, token: str) -> None:
    problems = found(tmp_path, f"a: {{kind: telegram, token: {token}}}")
    assert (2, 30, SHORT) in told(problems)


@pytest.mark.parametrize(
    ("channel", "column", "text"),
    [
        pytest.param(
            f"a: {{{BOT}, greeting: {{en: Hello, et: Tere}}}}",
            59,
            "nobody sees this greeting: the desk has no language 'et'",
            id="a greeting",
        ),
        pytest.param(
            f"a: {{{CHAT}, title: {{et: Tere}}}}",
            69,
            "nobody sees this title: the desk has no language 'et'",
            id="a title",
        ),
    ],
)
def test_a_text_in_a_language_that_the_desk_lacks(
    tmp_path: Path, channel: str, column: int, text: str
) -> None:
    problems = found(tmp_path, channel)
    assert told(problems) == [(2, column, text)]
    assert problems[-1].warning


def test_a_text_of_a_region_is_seen(tmp_path: Path) -> None:
    assert told(found(tmp_path, f"a: {{{CHAT}, title: {{en-GB: Hello}}}}")) == []


def test_a_plain_text_where_one_by_language_belongs(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, f"a: {{{CHAT}, title: Talk to us}}")
    assert problem.text == "here belongs a table of languages, such as en: …"
    assert problem.hint == "write {en: Talk to us}"


def test_the_name_of_a_channel_has_no_blanks(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, f"our chat: {{{CHAT}}}")
    assert (problem.place.line, problem.place.column) == (2, 3)
    assert problem.text == "the name of a channel has no blanks: 'our chat'"
    assert problem.hint == "write our-chat, with was: ['our chat'] if it has been in use"


@pytest.mark.parametrize(
    ("more", "text"),
    [
        pytest.param("calendar: ofice", "no calendar 'ofice'", id="a calendar"),
        pytest.param("fallback: [prtal]", "no fallback 'prtal'", id="a fallback"),
        pytest.param(
            "by_mail: {channel: male}", "no channel 'male' that sends mail", id="mail goes on"
        ),
    ],
)
def test_a_name_of_nothing_is_told_where_it_stands(tmp_path: Path, more: str, text: str) -> None:
    line = f"  a: {{{CHAT}, {more}}}"
    name = text.split("'")[1]
    assert told(found(tmp_path, line.strip())) == [(2, line.index(name) + 1, text)]
