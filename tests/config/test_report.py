"""Do people and machines get where, what, and what instead, and never a secret?"""

from pathlib import Path

import pytest

from config import redact
from config.redact import redacted
from config.report import annotation, as_json, counted, rendered
from inquiry.errors import Place, Problem
from tests.config.builders import DESK, told


def problem(file: Path, line: int = 1, column: int = 7, **changes: str) -> Problem:
    values = {"code": "value", "text": "'a' is wrong", "hint": "did you mean 'b'?"} | changes
    return Problem(place=Place(file, line, column), **values)  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.yaml"
    path.write_text("desk: a\n  password: hunter2 # mine\n")
    return path


def test_the_caret_stands_under_the_place(file: Path) -> None:
    assert rendered(problem(file)) == (
        f"{file}:1:7: error[value]: 'a' is wrong\ndesk: a\n      ^ did you mean 'b'?"
    )


def test_without_a_hint_there_is_no_caret(file: Path) -> None:
    expected = f"{file}:1:7: error[value]: 'a' is wrong\ndesk: a"
    assert rendered(problem(file, hint="")) == expected


def test_a_line_with_a_secret_is_shown_without_it(file: Path) -> None:
    assert rendered(problem(file, line=2, hint="")).endswith("\n  password: •••")


def test_a_place_that_is_no_line_is_told_all_the_same(tmp_path: Path) -> None:
    assert rendered(problem(tmp_path / "nowhere")) == (
        f"{tmp_path}/nowhere:1:7: error[value]: 'a' is wrong\n    ^ did you mean 'b'?"
    )


def test_annotations_stay_on_one_line() -> None:
    found = problem(Path("desk.yaml"), text="100 %\nwrong", hint="")
    assert annotation(found) == ("::error file=desk.yaml,line=1,col=7,title=value::100 %25%0Awrong")


def test_annotations_name_files_as_the_repository_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = [annotation(problem(file)) for file in (tmp_path / "a, b.yaml", Path("/etc/desk.yaml"))]
    assert [line.partition(",line")[0] for line in told] == [
        "::error file=a%2C b.yaml",
        "::error file=/etc/desk.yaml",
    ]


def test_a_notice_is_told_as_one() -> None:
    place = Place(Path("desk.yaml"), 1)
    found = Problem(place=place, code="untested-rule", text="a", warning=True, notice=True)
    assert annotation(found).startswith("::notice file=desk.yaml")
    assert str(found) == "desk.yaml:1:1: notice[untested-rule]: a"
    assert (as_json(found)["severity"], counted([found])) == ("notice", "1 notice")


def test_problems_as_data() -> None:
    assert as_json(problem(Path("desk.yaml"))) == {
        "file": "desk.yaml",
        "line": 1,
        "column": 7,
        "severity": "error",
        "code": "value",
        "text": "'a' is wrong",
        "hint": "did you mean 'b'?",
    }


@pytest.mark.parametrize(
    ("errors", "warnings", "expected"),
    [
        (0, 0, "no problems"),
        (1, 0, "1 error"),
        (2, 1, "2 errors, 1 warning"),
        (0, 2, "2 warnings"),
    ],
)
def test_counts(errors: int, warnings: int, expected: str) -> None:
    place = Place(Path("desk.yaml"), 1)
    found = [
        Problem(place=place, code="value", text="", warning=warning)
        for warning in [False] * errors + [True] * warnings
    ]
    assert counted(found) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password: hunter2", "password: •••"),
        ('  "password": "hunter 2"', '  "password": •••'),
        ("{user: a, password: 'x', port: 1}", "{user: a, password: •••, port: 1}"),
        ("app_token: xoxb-1", "app_token: •••"),
        ("password: ${env:PASSWORD}", "password: ${env:PASSWORD}"),
        ("reply_token: message-id", "reply_token: message-id"),
        ("storage: postgresql://desk:pw@db/desk", "storage: postgresql://desk:•••@db/desk"),
        ("url: https://help.example", "url: https://help.example"),
    ],
)
def test_secrets_are_left_out(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert redact.shown(text) == shown


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pasword: [hunter2]", "pasword: •••"),
        ("{password: {x: hunter2}, port: 1}", "{password: •••, port: 1}"),
        ("  pasword: hunter2", "  pasword: •••"),
        ("  passwd: hunter2, port: 1", "  passwd: •••"),
        ("  {passwd: hunter2, port: 1}", "  {passwd: •••, port: 1}"),
        ("  secret: {en: [secret]}", "  secret: •••"),
    ],
)
def test_a_line_that_is_printed_hides_more_than_one_that_is_kept(line: str, expected: str) -> None:
    """What is kept must stay YAML: a list of words may be called 'secret'."""
    assert redact.shown(line) == expected
    assert redacted(line) == line


CHANNEL = "channels:\n  ærlig:\n    user: Bø\n"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("    password: hun,ter#2}\n", "    password: •••\n"),
        ('    password: "hun\\"ter2"\n', "    password: •••\n"),
        ("    password: 'hun''ter2'\n", "    password: •••\n"),
        ("    password: >-\n      hun\n      ter2\n", "    password: •••\n\n\n"),
        ("    password:\n      hunter2\n", "    password:\n      •••\n"),
        ('    password: "hun\n      ter2"\n', "    password: •••\n\n"),
        ("    note: &p hunter2\n    password: *p\n", "    note: &p •••\n    password: *p\n"),
        ("    port: 1  # password: hunter2\n", "    port: 1  # password: •••\n"),
        ("    proxy: http://a:hunter2@b\n", "    proxy: http://a:•••@b\n"),
        (
            "desk: {storage: postgresql://a:hun/ter@2@b}\n",
            "desk: {storage: postgresql://a:•••@b}\n",
        ),
        ("x: postgresql://b?password=hunter2\n", "x: postgresql://b?password=•••\n"),
    ],
)
def test_however_a_secret_is_written_it_is_not_kept(written: str, kept: str) -> None:
    assert redacted(CHANNEL + written) == CHANNEL + kept


@pytest.mark.parametrize("start", ["rules:\n", ""])
def test_what_rules_ask_for_is_no_secret(start: str) -> None:
    rule = "  - {name: a, when: {form: {token: x1}}, then: {set: {secret: '{x}'}}}\n"
    assert redacted(start + rule) == start + rule


def test_a_line_of_a_secret_is_not_printed(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("channels:\n  a:\n    password:\n      hunter2\n")
    found = Problem(place=Place(file, 4, 7), code="secret-in-file", text="a", warning=True)
    assert rendered(found).splitlines()[1:] == ["      •••"]


def test_no_sentence_holds_the_password_of_an_address(tmp_path: Path) -> None:
    desk = DESK + "  storage: mysql://desk:hunter2@db/desk\n"
    assert told(tmp_path, desk=desk) == [
        "value: 'mysql://desk:•••@db/desk' is neither sqlite nor an address postgresql://… | "
    ]
