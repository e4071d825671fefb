"""Does a right file become exactly the settings that stand in it?"""

import gc
from datetime import timedelta
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from inquiry.words import Role
from tests.config.builders import (
    CHANNELS,
    DESK,
    ENVIRONMENT,
    RULES,
    Form,
    Imap,
    a_text,
    loaded,
    told,
)


def test_the_desk(tmp_path: Path) -> None:
    desk = loaded(tmp_path).desk
    assert (desk.name, desk.url) == ("Nordlys Support", "https://help.nordlys.example")
    assert desk.timezone == ZoneInfo("Europe/Oslo")
    assert desk.languages == ("nb", "en", "pl")
    assert desk.data_dir == tmp_path / "data"
    assert (desk.storage, desk.hold.mail) == ("sqlite", timedelta(seconds=10))


def test_people_and_queues(tmp_path: Path) -> None:
    configuration = loaded(tmp_path)
    kasia = next(p for p in configuration.specialists.values() if p.name == "kasia")
    assert (kasia.full_name, kasia.role, kasia.skills) == ("Kasia Nowak", Role.LEAD, ("printers",))
    first, second = configuration.queues.values()
    assert (first.members, first.assign_by) == (("ola", "kasia"), "round-robin")
    assert (second.line, second.assign_by, second.send_from) == (2, "pull", None)


def test_a_channel_gets_the_settings_of_its_kind(tmp_path: Path) -> None:
    (entry,) = loaded(tmp_path).channels.values()
    assert entry.settings == Imap(
        host="imap.nordlys.example",
        user="support@nordlys.example",
        password=ENVIRONMENT["PASSWORD"],
        addresses=("support@nordlys.example",),
    )
    assert entry.addresses == ("support@nordlys.example",)
    assert ENVIRONMENT["PASSWORD"] not in repr(entry)


def test_a_channel_may_be_the_same_as_another_but_for(tmp_path: Path) -> None:
    heir = """\
    send: {host: smtp.nordlys.example, from: Support <support@nordlys.example>}
  faktura-mail:
    extends: support-mail
    user: faktura@nordlys.example
    send: {from: Faktura <faktura@nordlys.example>, port: 25}
"""
    settings = loaded(tmp_path, channels=CHANNELS + heir).channels
    faktura = settings[next(name for name in settings if name == "faktura-mail")].settings
    assert (faktura.host, faktura.user) == ("imap.nordlys.example", "faktura@nordlys.example")
    assert (faktura.send.host, faktura.send.port) == ("smtp.nordlys.example", 25)
    assert faktura.send.from_ == "Faktura <faktura@nordlys.example>"


def test_a_form_that_nobody_can_answer_is_named(tmp_path: Path) -> None:
    form = "channels:\n  web: {kind: web-form, path: /new}\n"
    assert told(tmp_path, channels=form) == [
        "no-answer: what this form brings can't be answered: no channel sends mail | "
        "give a mail channel 'send'"
    ]
    mail = '  m: {kind: imap, host: h, user: u, password: "${env:PASSWORD}", send: {host: s}}\n'
    assert told(tmp_path, channels=form + mail) == []


def test_types_come_from_the_schema_and_not_from_yaml(tmp_path: Path) -> None:
    form = """\
channels:
  web:
    kind: web-form
    path: /new
    fields:
      country: {label: {no: Land, en: Country}, options: [no, on, 12:30, +4722334455, 2026-12-24]}
      name: {label: Name, required: no}
"""
    (entry,) = loaded(tmp_path, channels=form).channels.values()
    assert isinstance(entry.settings, Form)
    country, name = entry.settings.fields.values()
    assert country.options == ("no", "on", "12:30", "+4722334455", "2026-12-24")
    assert country.label == {"no": "Land", "en": "Country"}
    assert (name.label, name.required) == ("Name", False)


@pytest.mark.parametrize(
    ("written", "size"),
    [("30MB", 30 * 1024**2), ("500KB", 500 * 1024), ("1GB", 1024**3), ("12B", 12)],
)
def test_sizes(tmp_path: Path, written: str, size: int) -> None:
    channels = f"channels: {{in: {{kind: smtp, listen: '127.0.0.1:2525', max_size: {written}}}}}\n"
    (entry,) = loaded(tmp_path, channels=channels).channels.values()
    assert entry.settings.max_size == size


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("90d", timedelta(days=90)),
    ],
)
def test_durations(tmp_path: Path, written: str, expected: timedelta) -> None:
    portal = f"portal: {{link_valid_for: {written}}}\n"
    assert loaded(tmp_path, portal=portal).portal.link_valid_for == expected


def test_rules_remember_where_they_stand(tmp_path: Path) -> None:
    rules = loaded(tmp_path).rules
    line = a_text().splitlines().index("  - name: outage") + 1
    assert rules.rules[0].place == f"desk.yaml:{line}"
    assert rules.configuration == loaded(tmp_path).hash


def test_the_hash_is_that_of_the_text(tmp_path: Path) -> None:
    one = loaded(tmp_path)
    other = loaded(tmp_path, rules=RULES.replace("high", "urgent"))
    assert one.hash == loaded(tmp_path).hash
    assert one.hash != other.hash
    assert len(one.hash) == 12


def test_the_text_that_is_kept_holds_no_secret(tmp_path: Path) -> None:
    channels = CHANNELS.replace("${env:PASSWORD}", "hunter2")
    configuration = loaded(tmp_path, channels=channels)
    assert "hunter2" not in configuration.text
    assert "password: •••" in configuration.text
    assert "imap.nordlys.example" in configuration.text


def test_the_address_of_the_database_is_not_shown(tmp_path: Path) -> None:
    desk = DESK + "  storage: postgresql://desk:hunter2@db.example/desk\n"
    configuration = loaded(tmp_path, desk=desk)
    assert configuration.desk.storage == "postgresql://desk:hunter2@db.example/desk"
    assert "hunter2" not in repr(configuration.desk)
    assert "hunter2" not in configuration.text


def test_a_right_file_has_nothing_to_be_warned_of(tmp_path: Path) -> None:
    assert loaded(tmp_path).warnings == ()


@pytest.mark.parametrize("desk", [DESK, DESK.replace("version: 1", "version: 9")])
def test_cycles_are_looked_for_again_once_it_is_loaded(tmp_path: Path, desk: str) -> None:
    assert gc.isenabled()
    told(tmp_path, desk=desk)
    assert gc.isenabled()


def test_twice_the_rules_take_about_twice_the_time(tmp_path: Path) -> None:
    """Whatever they have in common: here each asks for one channel first, and for one language."""
    asked = "{{channel: support-mail, language: [nb, pl], subject: 'order {n}'}}"

    def seconds(count: int) -> float:
        rules = "".join(
            f"  - {{name: r{n}, when: {asked.format(n=n)}, then: {{tags: [t{n}]}}}}\n"
            for n in range(count)
        )
        last = "  - {name: rest, when: always, then: {queue: first-line}}\n"
        queues = "queues:\n  first-line: {members: [ola, kasia]}\n"
        began = process_time()
        told(tmp_path, rules=f"rules:\n{rules}{last}", queues=queues, words="")
        return process_time() - began

    seconds(10)
    assert seconds(2_000) < 10 * seconds(500)  # each against each would be 16
