"""What is made of real-looking mails, each named after what is wrong with it?"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from inquiry.data import as_data
from inquiry.journey import MAIL, Envelope
from inquiry.understood import Known, Message, Report, Understood
from normalizer.normalize import normalize

MAILS = Path(__file__).parent.parent / "mails"
DESK = Known(
    languages=("nb", "pl", "et", "ru", "en"),
    own_addresses=frozenset({"help@nordlys.example"}),
)
NAMES = sorted(path.stem for path in MAILS.glob("*.eml"))


def understood(name: str) -> Understood:
    return normalize(MAIL, (MAILS / f"{name}.eml").read_bytes(), Envelope(), DESK)


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_understood_as_written_down_beside_it(name: str, *, update_golden: bool) -> None:
    found = shown(understood(name))
    expected = MAILS / f"{name}.expected.json"
    if update_golden:
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_no_word_of_a_mail_is_lost_between_new_words_signature_and_quotes(name: str) -> None:
    found = understood(name)
    message = found.message if isinstance(found, Report) else found
    assert isinstance(message, Message)
    parts = f"{message.new_text}\n{message.signature}\n{message.quoted_text}"
    assert Counter(parts.split()) == Counter(message.text.split())


def shown(found: Understood) -> dict[str, Any]:
    """Return what matters of it; headers are left out, for they only repeat the mail."""
    assert isinstance(found, Message | Report)
    data: dict[str, Any] = as_data(found)
    message = data["message"] if isinstance(found, Report) else data
    message.pop("headers", None)
    return {"is": type(found).__name__.lower(), **data}


def test_every_mail_has_its_expectation_and_none_is_left_over() -> None:
    expected = sorted(path.name.removesuffix(".expected.json") for path in MAILS.glob("*.json"))
    assert expected == NAMES


def test_there_are_mails_in_all_languages_of_the_demo_desk() -> None:
    spoken = set()
    for name in NAMES:
        found = understood(name)
        message = found.message if isinstance(found, Report) else found
        assert isinstance(message, Message)
        spoken.add(message.language)
    assert {"nb", "pl", "et", "ru", "en"} <= spoken
