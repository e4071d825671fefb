"""Is what a channel could not be opened with, or no customer could fill in, told by the loader?"""

from pathlib import Path

import pytest

from config.load import load
from deskbridge.kinds import SettingsByKind
from inquiry.errors import ConfigError
from tests.config.builders import a_text

MAIL = "  mail: {kind: smtp, listen: '127.0.0.1:2525', addresses: [a@nordlys.example]}\n"
FORM = "  web: {{kind: web-form, fields: {{order: {{label: {{en: Order}}, pattern: '{}'}}}}}}\n"


def told(folder: Path, channels: str, **changes: str) -> list[str]:
    file = folder / "desk.yaml"
    file.write_text(a_text(channels=f"channels:\n{channels}", **changes), encoding="utf-8")
    try:
        load(file, SettingsByKind(), known_templates={"ack"})
    except ConfigError as wrong:
        return [f"{p.text} | {p.hint}" for p in wrong.problems if not p.warning]
    return []


def test_a_port_alone_is_no_place_to_listen(tmp_path: Path) -> None:
    assert told(tmp_path, MAIL.replace("127.0.0.1:2525", "2525")) == [
        "'2525' is not host:port or unix:PATH | did you mean '127.0.0.1:2525'?"
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"NL\d{6}", []),
        (
            r"/NL\d{6}/",
            [r"'/NL\\d{6}/' has slashes, here is none needed | did you mean 'NL\\d{6}'?"],
        ),
        (r"NL(\d{6}", [r"'NL(\\d{6}' is no pattern: missing ) at position 8 | "]),
    ],
)
def test_the_pattern_of_an_answer(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    assert told(tmp_path, MAIL + FORM.format(pattern)) == expected


@pytest.mark.parametrize(
    ("domain", "hint"),
    [
        ("jan@acme.example", "did you mean 'acme.example'?"),
        ("https://acme.example/", "did you mean 'acme.example'?"),
        ("acme example", ""),
    ],
)
def test_the_domain_of_an_organization(tmp_path: Path, domain: str, hint: str) -> None:
    customers = f"customers: {{organizations: {{acme: {{domains: ['{domain}']}}}}}}\n"
    assert told(tmp_path, MAIL, customers=customers) == [
        f"{domain!r} is not a domain such as acme.example | {hint}"
    ]


def test_a_domain_may_begin_with_its_at(tmp_path: Path) -> None:
    customers = "customers: {organizations: {acme: {domains: ['@acme.example', b.example]}}}\n"
    assert told(tmp_path, MAIL, customers=customers) == []


SECRET = "whsec_" + "A" * 32
HOOK = f"{{kind: webhook, secret: {SECRET}, answer_url: 'https://a.example/'"
SOCKET = "{{kind: slack, bot_token: x, app_token: {}}}"


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        pytest.param(f"  a: {HOOK}}}\n  b: {HOOK}}}\n", [], id="each by its name"),
        pytest.param(
            f"  a: {HOOK}}}\n  b: {HOOK}, path: /hooks/a}}\n",
            ["'b' has the path '/hooks/a', as 'a' has | give each a 'path' of its own"],
            id="the path that another has by its name",
        ),
        pytest.param(
            f"  a: {HOOK}, path: /in}}\n  b: {{kind: web-form, path: /in}}\n",
            ["'b' has the path '/in', as 'a' has | give each a 'path' of its own"],
            id="different kinds",
        ),
        pytest.param(
            f"  a: {SOCKET.format(1)}\n  b: {SOCKET.format(2)}\n", [], id="nobody calls a socket"
        ),
        pytest.param(
            f"  a: {HOOK}, path: /sign-in}}\n",
            [
                "'a' has the path '/sign-in', where the desk's own pages are"
                " | choose another, such as /in/a"
            ],
            id="a page of the desk",
        ),
        pytest.param(f"  a: {HOOK}, path: /sign-in-here}}\n", [], id="a page of nobody's"),
    ],
)
def test_two_channels_are_not_called_at_one_address(
    tmp_path: Path, channels: str, expected: list[str]
) -> None:
    assert told(tmp_path, channels) == expected


SIGNING = {
    "webhook": "kind: webhook, answer_url: 'https://sms.example/', secret: {}",
    "slack": "kind: slack, bot_token: xoxb-1, mode: http, signing_secret: {}",
    "telegram": "kind: telegram, token: '1:A', mode: webhook, secret: {}",
    "web-chat": "kind: web-chat, allowed_origins: ['https://a.example'], identity: {{secret: {}}}",
}


@pytest.mark.parametrize("empty", ["''", "'   '", "[]", "'${env:NOT_SET:-}'"])
@pytest.mark.parametrize("kind", SIGNING)
def test_a_desk_does_not_start_with_an_empty_secret(tmp_path: Path, kind: str, empty: str) -> None:
    """Else whoever signs with nothing at all would be believed."""
    channel = f"  signed: {{{SIGNING[kind].format(empty)}}}\n"
    problems = told(tmp_path, MAIL + channel)
    wanted = "here belongs one value" if empty == "[]" and kind != "webhook" else "secret"
    assert any(wanted in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("[portal, mail]", []),
        ("mail", []),
        ("[]", []),
        ("[portla]", ["no fallback 'portla' | did you mean 'portal'?"]),
        ("[bot]", ["no fallback 'bot' | fallbacks: mail, portal"]),
    ],
)
def test_a_fallback_is_another_channel_or_the_portal(
    tmp_path: Path, names: str, expected: list[str]
) -> None:
    bot = f"  bot: {{kind: telegram, token: '1:a', fallback: {names}}}\n"
    assert told(tmp_path, MAIL + bot) == expected


def test_no_channel_is_called_as_the_portal(tmp_path: Path) -> None:
    assert told(tmp_path, MAIL.replace("mail:", "portal:", 1)) == [
        "'portal' is the status page, not a name for a channel | "
    ]
