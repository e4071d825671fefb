"""Does ``deskbridge normalize`` show what understanding makes of files?"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deskbridge.cli.normalize import normalize

MAIL = (
    b"From: Kari <kari@fjell.example>\nTo: help@nordlys.example\nSubject: Hei\n\nHei, hva skjer?\n"
)
BOUNCE = (
    b"From: MAILER-DAEMON@mx.example\nX-Failed-Recipients: kari@fjell.example\n"
    b"Subject: failed\n\n550 5.1.1 user unknown\n"
)


def shown(path: Path, *arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(normalize, ["--jsonl", *arguments, str(path)])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def test_a_mail(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(MAIL)
    found = shown(path)
    assert found["file"] == str(path)
    assert found["ok"] is True
    assert found["from"] == {"address": "kari@fjell.example", "name": "Kari"}
    assert found["to"] == ["help@nordlys.example"]
    assert (found["subject"], found["text"], found["automated"]) == (
        "Hei",
        "Hei, hva skjer?",
        "none",
    )
    assert found["bounce"] is None


def test_a_bounce(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(BOUNCE)
    found = shown(path)
    assert found["automated"] == "bounce"
    assert found["bounce"] == {
        "recipients": [{"address": "kari@fjell.example", "status": "5.1.1", "permanent": True}]
    }


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("text", "Hei\n\n> sitat", "Hei"),
        ("html", "<p>Hei</p>", "Hei"),
        ("telegram", '{"update_id":1,"message":{"text":"Hei","chat":{"id":1}}}', "Hei"),
        ("slack", '{"event":{"type":"message","text":"Hei","user":"U1","channel":"C1"}}', "Hei"),
    ],
)
def test_other_kinds(kind: str, content: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(content, "utf-8")
    assert shown(path, "--kind", kind)["new_text"] == text


def test_an_edit_a_press_and_a_deletion_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(
        '{"update_id":1,"callback_query":{"id":"1","from":{"id":7},"data":"x"}}', "utf-8"
    )
    assert shown(path, "--kind", "telegram")["text"] == "x"
    path.write_text(
        '{"update_id":1,"edited_message":{"message_id":3,"text":"Hei","chat":{"id":1}}}', "utf-8"
    )
    assert shown(path, "--kind", "telegram")["edits"] == "3"
    path.write_text(
        '{"event":{"subtype":"message_deleted","deleted_ts":"5","channel":"C"}}', "utf-8"
    )
    assert shown(path, "--kind", "slack")["deletes"] == "5"


def test_languages_are_restricted_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Guten Tag, ich kann mich nicht mehr anmelden.", "utf-8")
    assert shown(path, "--kind", "text")["language"] == "de"
    restricted = shown(path, "--kind", "text", "--languages", "nb,pl")
    assert (restricted["language"], restricted["language_guess"]) == ("", "de")


def test_standard_input() -> None:
    result = CliRunner().invoke(normalize, ["--jsonl", "-"], input=MAIL)
    assert json.loads(result.output)["subject"] == "Hei"


def test_a_missing_file_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(MAIL)
    missing = tmp_path / "missing.eml"
    result = CliRunner().invoke(normalize, ["--jsonl", str(missing), str(path)])
    first, second = map(json.loads, result.output.splitlines())
    assert result.exit_code == 1
    assert first == {"file": str(missing), "ok": False, "problem": "No such file or directory"}
    assert second["ok"] is True


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom click.testing import CliRunner\n"
        "from deskbridge.cli.normalize import normalize\n"
        "CliRunner().invoke(normalize, ['--help'])\n"
        "print(sorted({'lingua', 'nh3', 'selectolax', 'email'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() in ("[]", "['email']")
