"""Do the logs say what happened, and no secret?"""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from deskbridge.logs import LOUD, hide, set_up

TOKEN = "12345:very-secret-token"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in LOUD}
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    set_up(secrets=[TOKEN, ""])
    yield stream
    root.handlers[:], root.level = handlers, level
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def entries(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://desk:hunter2@db/desk",
        "postgresql://db/desk?user=desk&password=hunter2",
        "postgresql://db/desk?sslpassword=hunter2&sslmode=require",
        "http://desk:hunter2@proxy:3128/",
    ],
)
def test_the_password_of_an_address_is_in_no_line(log: io.StringIO, address: str) -> None:
    try:
        float(address)
    except ValueError:
        logging.getLogger("x").exception("cannot reach %s", address)
    assert "hunter2" not in log.getvalue()
    (entry,) = entries(log)
    assert entry["event"].startswith(f"cannot reach {address.partition('hunter2')[0]}•••")


def test_a_line_is_one_json_object(log: io.StringIO) -> None:
    logging.getLogger("router.stage.inquiries").info("inquiry %s: %s", "NL-1", "first-line")
    (entry,) = entries(log)
    assert (entry["level"], entry["logger"]) == ("info", "router.stage.inquiries")
    assert entry["event"] == "inquiry NL-1: first-line"


def test_secrets_are_blotted_out_of_messages_and_arguments(log: io.StringIO) -> None:
    logging.getLogger("x").warning("cannot reach %s", f"https://api/bot{TOKEN}/getMe")
    assert TOKEN not in log.getvalue()
    assert "•••" in log.getvalue()


def test_what_becomes_a_secret_later_is_hidden_from_then_on(log: io.StringIO) -> None:
    hide(["a-new-password"])
    logging.getLogger("x").warning("%s and a-new-password", TOKEN)
    assert entries(log)[0]["event"] == "••• and •••"


def test_secrets_are_blotted_out_of_tracebacks(log: io.StringIO) -> None:
    try:
        int(TOKEN)
    except ValueError:
        logging.getLogger("child.of.child").exception("it failed")
    assert TOKEN not in log.getvalue()
    assert "ValueError" in log.getvalue()


def test_an_empty_secret_blots_out_nothing(log: io.StringIO) -> None:
    logging.getLogger("x").info("plain")
    assert entries(log)[0]["event"] == "plain"


def test_libraries_that_log_addresses_are_quiet(log: io.StringIO) -> None:
    logging.getLogger("httpx").info("GET https://api/bot/getUpdates")
    assert log.getvalue() == ""
