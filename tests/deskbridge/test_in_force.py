"""What can change while a desk runs, what has to wait, and which channels are the same?"""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from config.configuration import Configuration, Desk, Web
from deskbridge.cli.configuration import load_file
from deskbridge.in_force import FIXED, Content, InForce, applicable, put_in_force
from inquiry.errors import ConfigError
from inquiry.journey import ChannelName
from inquiry.tokens import KeyRing

RING = KeyRing((b"k" * 32,))
LIVE = {
    "desk.name",
    "desk.url",
    "desk.timezone",
    "desk.languages",
    "desk.language_fallback",
    "desk.reference_format",
    "desk.hold",
    "web.operator_token",
    "web.trusted_proxies",
}
"""What every step or request looks up anew: a new setting has to be put here or into FIXED."""
YAML = """version: 1
desk:
  name: Nordlys
  url: http://127.0.0.1:8080
  data_dir: data
  storage: postgresql://desk:old-password@127.0.0.1/desk
web: {listen: 127.0.0.1:8080}
channels:
  mail:
    kind: smtp
    listen: 127.0.0.1:2525
    addresses: [help@nordlys.example]
    certificate: chain.pem
    key: key.pem
    send: {folder: out, from: help@nordlys.example, certificate_authority: ca.pem}
  form: {kind: web-form}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example}}
queues: {first-line: {members: [ola]}}
rules: [{name: all, when: always, then: {queue: first-line}}]
"""


def loaded(folder: Path, text: str = YAML) -> Configuration:
    (folder / "desk.yaml").write_text(text)
    return load_file(folder / "desk.yaml")


def contents(folder: Path, text: str = YAML) -> dict[str, Content]:
    force: InForce = put_in_force(loaded(folder, text), RING)
    return {str(name): content for name, content in force.channels.items()}


def test_every_setting_is_known_to_change_or_to_wait() -> None:
    settings = {
        f"{section}.{field.name}"
        for section, shape in (("desk", Desk), ("web", Web))
        for field in fields(shape)
    }
    assert settings == LIVE | set(FIXED)


def test_what_waits_keeps_its_value_and_all_else_is_applied(tmp_path: Path) -> None:
    old = loaded(tmp_path)
    new = loaded(
        tmp_path,
        YAML.replace("name: Nordlys", "name: Polaris")
        .replace("data_dir: data", "data_dir: elsewhere")
        .replace("listen: 127.0.0.1:8080", "listen: 0.0.0.0:80")
        .replace("old-password", "new-password"),
    )
    applied, waiting = applicable(new, old)
    assert (applied.desk.name, applied.hash) == ("Polaris", new.hash)
    assert applied.desk.data_dir == old.desk.data_dir
    assert applied.desk.storage == old.desk.storage
    assert applied.web.listen == old.web.listen
    assert list(map(str, waiting)) == [
        f"desk.data_dir {tmp_path}/data → {tmp_path}/elsewhere needs a restart",
        "desk.storage postgresql://desk:•••@127.0.0.1/desk → "
        "postgresql://desk:•••@127.0.0.1/desk needs a restart",
        "web.listen 127.0.0.1:8080 → 0.0.0.0:80 needs a restart",
    ]


def test_what_has_come_back_needs_no_restart(tmp_path: Path) -> None:
    old = loaded(tmp_path)
    changed, _ = applicable(loaded(tmp_path, YAML.replace("8080}", "80}")), old)
    assert applicable(old, changed) == (old, ())


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        pytest.param("rules: [", "# a line more\nrules: [", True, id="another place"),
        pytest.param("then: {queue", "then: {category: x, queue", True, id="another rule"),
        pytest.param("listen: 127.0.0.1:2525", "listen: 127.0.0.1:25", False, id="a setting"),
        pytest.param("folder: out", "folder: sent", False, id="a setting in a setting"),
        pytest.param("kind: smtp", "kind: lmtp", False, id="another kind"),
        pytest.param("name: Nordlys\n", "name: Polaris\n", False, id="what the desk offers it"),
    ],
)
def test_a_channel_is_the_same_by_its_content(
    tmp_path: Path, before: str, after: str, same: bool
) -> None:
    old = contents(tmp_path)
    new = contents(tmp_path, YAML.replace(before, after))
    assert new["mail"].same(old["mail"]) is same


@pytest.mark.parametrize("file", ["chain.pem", "key.pem", "ca.pem"])
def test_the_files_that_it_names_are_part_of_it(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text("old")
    old = contents(tmp_path)["mail"]
    assert contents(tmp_path)["mail"].same(old)
    (tmp_path / file).write_text("new")
    assert not contents(tmp_path)["mail"].same(old)
    assert not old.same(None)


def test_a_large_file_is_told_by_its_size(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"x" * 2_000_000)
    old = contents(tmp_path)["mail"]
    assert contents(tmp_path)["mail"].same(old)
    (tmp_path / "ca.pem").write_bytes(b"x" * 2_000_001)
    assert not contents(tmp_path)["mail"].same(old)


@pytest.mark.parametrize(
    ("channels", "told"),
    [
        pytest.param(
            "  other: {kind: web-form, path: /new}", "'other' has the path '/new', as 'form' has"
        ),
        pytest.param("  other: {kind: web-form, path: new}", "'new' is not a path such as /new"),
        pytest.param("  o: {kind: web-form, path: '/{x}'}", "'/{x}' is not a path such as /new"),
    ],
)
def test_forms_that_no_server_could_show_are_refused(
    tmp_path: Path, channels: str, told: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, YAML.replace("specialists:", f"{channels}\nspecialists:"))
    assert [problem.text for problem in refused.value.problems] == [told]


def test_a_template_that_was_promised_is_kept_when_its_name_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    for name in ("old.en.md", "ack.en.md", "ack.nb.md"):
        (folder / name).write_text(name)
    text = YAML + "templates: templates\n"
    first = put_in_force(loaded(tmp_path, text), RING)
    for name in ("old.en.md", "ack.nb.md"):
        (folder / name).unlink()
    texts = put_in_force(loaded(tmp_path, text), RING, first).composing.templates.texts
    assert texts["old", "en"] == "old.en.md"
    assert texts["ack", "en"] == "ack.en.md"
    assert texts["ack", "nb"] != "ack.nb.md"  # the one that ships with the product


def test_what_is_made_of_a_configuration_carries_its_hash(tmp_path: Path) -> None:
    configuration = loaded(tmp_path)
    force = put_in_force(configuration, RING)
    assert force.routing.rules.configuration == configuration.hash
    later = put_in_force(replace(configuration, channels={}), RING, force)
    assert later.routing.contacts == {ChannelName("mail"): "mail", ChannelName("form"): "mail"}
