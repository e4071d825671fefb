"""Is a mailbox that can't work named before the desk starts, and one that can read aright?"""

from datetime import date
from pathlib import Path

import pytest

from channels.imap.settings import Settings
from channels.mail.oauth import Provider
from config.load import load
from deskbridge.kinds import SettingsByKind
from inquiry.errors import ConfigError
from inquiry.journey import ChannelName
from tests.config.builders import a_text

SECRETS = {"TOKEN": "a-refresh-token", "SECRET": "a-client-secret", "PASSWORD": "hunter2"}
GRANT = "provider: microsoft, client_id: desk, refresh_token: '${env:TOKEN}'"
SERVER = "kind: imap, host: imap.nordlys.example, user: help"


def mailbox(folder: Path, text: str) -> Settings:
    file = folder / "desk.yaml"
    file.write_text(a_text(channels=f"channels:\n  support-mail: {{{SERVER}, {text}}}\n"))
    loaded = load(file, SettingsByKind(), known_templates={"ack"}, environment=SECRETS)
    settings = loaded.channels[ChannelName("support-mail")].settings
    assert isinstance(settings, Settings)
    return settings


def test_a_mailbox_with_a_grant_and_several_folders(tmp_path: Path) -> None:
    grant = f"{{{GRANT}, tenant: nordlys.example, secret_ends: '2027-03-01'}}"
    settings = mailbox(tmp_path, f"folder: [INBOX, junk], oauth: {grant}")
    assert settings.folders == ("INBOX", "junk")
    assert settings.oauth
    assert settings.oauth.provider is Provider.MICROSOFT
    assert settings.oauth.refresh_token == "a-refresh-token"
    assert settings.oauth.secret_ends == date(2027, 3, 1)


def test_one_folder_needs_no_list(tmp_path: Path) -> None:
    assert mailbox(tmp_path, "password: '${env:PASSWORD}', folder: Help").folders == ("Help",)
    assert mailbox(tmp_path, "password: '${env:PASSWORD}'").folders == ("INBOX",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("folder: INBOX", "'password' is missing", id="no password"),
        pytest.param(
            f"password: '${{env:PASSWORD}}', oauth: {{{GRANT}}}",
            "either 'password' or 'oauth', not both",
            id="both",
        ),
        pytest.param(
            f"oauth: {{{GRANT}, tenant: a/b}}",
            "'tenant' is the directory's name or number, such as nordlys.example",
            id="a tenant that is none",
        ),
        pytest.param(
            f"oauth: {{{GRANT}}}, send: {{host: smtp.nordlys.example, oauth: {{{GRANT}}}}}",
            "'oauth' needs a 'user'",
            id="nobody to send as",
        ),
        pytest.param(
            f"oauth: {{{GRANT}, secret_ends: tomorrow}}",
            "Invalid isoformat string: 'tomorrow'",
            id="no date",
        ),
        pytest.param("password: '${env:PASSWORD}', folder: []", "'folder' is empty", id="nowhere"),
    ],
)
def test_what_can_not_work_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        mailbox(tmp_path, text)
    assert [problem.text for problem in wrong.value.problems] == [said]
