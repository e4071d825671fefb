"""Does every stage get what the configuration says?"""

from pathlib import Path

import pytest

from config.configuration import Configuration
from deskbridge import wiring
from deskbridge.cli.configuration import load_file
from inquiry.tokens import KeyRing

YAML = """version: 1
desk:
  name: Nordlys Support
  url: http://127.0.0.1:8080
  languages: [nb, en]
  language_fallback: {da: [nb]}
  data_dir: data
  storage: postgresql://desk:db-password@127.0.0.1/desk
  hold: {mail: 20s, chat: 2s}
channels:
  support-mail:
    kind: imap
    host: 127.0.0.1
    user: support@nordlys.example
    password: imap-password
    addresses: [Support@Nordlys.example]
    trust_authentication_results: [mx.nordlys.example]
    send: {host: 127.0.0.1, from: Nordlys <answers@nordlys.example>, password: smtp-password}
  inbound:
    kind: smtp
    listen: 127.0.0.1:2525
    addresses: ['*@desk.nordlys.example']
    check_senders: yes
  telegram: {kind: telegram, token: '1:telegram-token'}
  sms:
    kind: webhook
    secret: [whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB]
    answer_url: http://127.0.0.1:1/
  form: {kind: web-form, path: /new}
specialists:
  ola: {name: Ola Hansen, email: Ola@nordlys.example, languages: [nb]}
queues:
  first-line: {line: 1, members: [ola], send_from: support-mail}
rules:
  - {name: all, when: always, then: {queue: first-line, category: other}}
"""


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    (tmp_path / "desk.yaml").write_text(YAML)
    return load_file(tmp_path / "desk.yaml")


def test_every_channel_brings_its_sort_of_contact_point(configuration: Configuration) -> None:
    assert wiring.contacts(configuration) == {
        "support-mail": "mail",
        "inbound": "mail",
        "telegram": "telegram",
        "sms": "webhook",
        "form": "mail",
    }


def test_a_chat_waits_less_than_a_mail(configuration: Configuration) -> None:
    seconds = {name: t.seconds for name, t in wiring.undo_times(configuration).items()}
    assert seconds == {"support-mail": 20, "inbound": 20, "telegram": 2, "sms": 2, "form": 20}


@pytest.mark.parametrize(
    ("written", "instead", "expected"),
    [
        pytest.param("category: other", "reply: ack", True, id="a rule replies, a channel sends"),
        pytest.param("", "", False, id="no rule replies"),
        pytest.param("    send: ", "    reply_token: plus  # ", False, id="no channel sends"),
    ],
)
def test_who_is_promised_a_confirmation(
    tmp_path: Path, written: str, instead: str, expected: bool
) -> None:
    text = YAML.replace("category: other", "reply: ack") if "send" in written else YAML
    text = text.replace(", send_from: support-mail", "")
    (tmp_path / "desk.yaml").write_text(text.replace(written, instead))
    assert wiring.confirms(load_file(tmp_path / "desk.yaml")) is expected


def test_our_own_addresses_are_those_we_take_and_send_from(configuration: Configuration) -> None:
    assert configuration.own_addresses == {
        "support@nordlys.example",
        "answers@nordlys.example",
    }


def test_only_channels_that_can_send_are_outlets(configuration: Configuration) -> None:
    outlets = {str(outlet.name): outlet for outlet in wiring.outlets(configuration)}
    assert set(outlets) == {"support-mail", "telegram", "sms"}
    assert outlets["support-mail"].address == "answers@nordlys.example"
    assert not outlets["telegram"].subject


def test_understanding_knows_languages_people_and_trusted_hosts(
    configuration: Configuration,
) -> None:
    known = wiring.knowledge(configuration)
    assert known.languages == ("nb", "en")
    assert known.language_fallback == {"da": ("nb",)}
    assert known.specialist_addresses == {"ola@nordlys.example"}
    assert known.trusted_hosts == {
        "support-mail": frozenset({"mx.nordlys.example"}),
        "inbound": frozenset(),
        "telegram": frozenset(),
        "sms": frozenset(),
        "form": frozenset(),
    }


def test_senders_are_checked_where_a_channel_wants_it(configuration: Configuration) -> None:
    assert wiring.checked_channels(configuration) == {"inbound"}


def test_the_outbox_knows_names_queues_and_templates(configuration: Configuration) -> None:
    desk = wiring.outbox_desk(configuration, KeyRing((b"key",)))
    assert desk.specialists == {"ola": "Ola Hansen"}
    assert desk.queues_send_from == {"first-line": "support-mail"}
    assert "ack" in desk.templates.names()


def test_no_secret_escapes_the_log_filter(configuration: Configuration) -> None:
    assert wiring.secrets(configuration) == {
        "imap-password",
        "smtp-password",
        "1:telegram-token",
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
        "db-password",
    }
