"""Is what a chat names told where it isn't there?"""

from pathlib import Path

import pytest

from config.load import load
from deskbridge.kinds import SettingsByKind
from inquiry.errors import ConfigError

DESK = """
version: 1
desk: {{name: D, url: https://d.example, data_dir: data, languages: [en]}}
channels:
  mail:
    kind: smtp
    listen: 127.0.0.1:2525
    addresses: [help@d.example]
    send: {{host: localhost, from: help@d.example}}
  chat:
    kind: web-chat
    allowed_origins: [https://www.fjord.example]
    {more}
calendars: {{office: {{open: 24/7}}}}
specialists: {{kasia: {{name: Kasia, email: kasia@d.example, languages: [en]}}}}
queues: {{help: {{members: [kasia]}}}}
rules: [{{name: all, when: always, then: {{queue: help}}}}]
"""


def problems(tmp_path: Path, more: str) -> list[str]:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK.format(more=more), "utf-8")
    try:
        load(path, SettingsByKind())
    except ConfigError as error:
        return [problem.text for problem in error.problems if not problem.warning]
    return []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("calendar: office", []),
        ("calendar: ofice", ["no calendar 'ofice'"]),
        ("by_mail: {after: 5m, channel: mail}", []),
        ("by_mail: {channel: chat}", ["no channel 'chat' that sends mail"]),
        ("at_most: {file_size: 2MB, messages: 3}", []),
        (
            "identity: {secret: short}",
            ["the 'secret' of 'identity' needs 32 letters"],
        ),
        ("colour: '#ffcc00'", ["white can't be read on '#ffcc00': choose a darker colour"]),
    ],
)
def test_what_a_chat_names_is_there(tmp_path: Path, more: str, told: list[str]) -> None:
    assert problems(tmp_path, more) == told


def test_an_origin_with_a_path_is_told(tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    text = DESK.format(more="calendar: office").replace("fjord.example]", "fjord.example/shop]")
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path, SettingsByKind())
    (problem,) = [one for one in refused.value.problems if not one.warning]
    assert "is not an origin such as" in problem.text
