"""Do check, test and explain say what they found, on the right stream, with the right exit code?"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from channels.mail import verify
from deskbridge.cli.main import deskbridge
from tests.config.builders import DESK, PEOPLE, QUEUES, RULES, WORDS

ROOT = Path(__file__).parents[2]
EXAMPLES = [
    *sorted((ROOT / "examples").glob("*/deskbridge.yaml")),
    ROOT / "deskbridge/demo/desk.yaml",
]
CHANNELS = """\
channels:
  support-mail: {kind: smtp, listen: 127.0.0.1:2525, addresses: [support@nordlys.example]}
"""
TESTS = """\
tests:
  - name: an outage is for the second line
    given: {subject: All is down}
    expect: {queue: second-line}
"""
FAILING = TESTS.replace("All is down", "Hello")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("DESKBRIDGE_CONFIG", raising=False)
    path = Path("deskbridge.yaml")
    path.write_text(DESK + CHANNELS + PEOPLE + QUEUES + WORDS + RULES + TESTS)
    return path


def change(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new))


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(deskbridge, arguments, input=stdin)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("command", ["check", "test"])
def test_every_example_is_right(example: Path, command: str) -> None:
    result = run(command, str(example))
    assert result.exit_code == 0, result.output
    assert "error[" not in result.output


def test_check_counts_what_is_there(file: Path) -> None:
    result = run("check")
    assert result.exit_code == 0
    assert result.stderr == "configuration deskbridge.yaml\n"
    assert "  ✓ 1 channel   2 specialists   2 queues   2 rules   1 test\n" in result.stdout


def test_check_shows_every_problem_with_its_line(file: Path) -> None:
    change(file, "role: lead", "rle: lead")
    change(file, "priority: high", "priority: hihg")
    result = run("check")
    assert result.exit_code == 3
    lines = file.read_text().splitlines()
    wrong = [number for number, line in enumerate(lines, 1) if "rle:" in line or "hihg" in line]
    columns = [
        lines[number - 1].index(word) for number, word in zip(wrong, ("rle", "hihg"), strict=True)
    ]
    assert result.stdout.startswith(
        f"deskbridge.yaml:{wrong[0]}:{columns[0] + 1}: error[unknown-key]: unknown key 'rle'\n"
        f"{lines[wrong[0] - 1]}\n"
        f"{' ' * columns[0]}^ did you mean 'role'?\n"
        f"deskbridge.yaml:{wrong[1]}:{columns[1] + 1}: error[value]: "
        "'hihg' is not one of low, normal, high, urgent\n"
        f"{lines[wrong[1] - 1]}\n"
        f"{' ' * columns[1]}^ did you mean 'high'?\n"
        "names, patterns and the order of the rules are checked once this is right\n"
        "2 errors in "
    )


def test_check_as_data(file: Path) -> None:
    change(file, "queue: second-line, priority", "queue: second-lin, priority")
    result = run("check", "--json")
    assert result.exit_code == 3
    data = json.loads(result.stdout)
    assert (data["ok"], data["hash"]) == (False, None)
    (problem,) = data["problems"]
    assert (problem["code"], problem["hint"]) == ("reference", "did you mean 'second-line'?")


def test_check_writes_annotations_where_github_runs_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    change(file, "role: lead", "rle: lead")
    assert "::error file=deskbridge.yaml,line=" in run("check").stdout


def test_check_writes_annotations_alone_if_asked_to(file: Path) -> None:
    change(file, "role: lead", "rle: lead")
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "rle:" in text)
    column = file.read_text().splitlines()[line - 1].index("rle") + 1
    assert run("check", "--format", "github").stdout == (
        f"::error file=deskbridge.yaml,line={line},col={column},title=unknown-key::"
        "unknown key 'rle': did you mean 'role'?\n"
    )


def test_check_speaks_sarif(file: Path) -> None:
    change(file, "role: lead", "rle: lead")
    result = run("check", "--format", "sarif")
    log = json.loads(result.stdout)
    assert (result.exit_code, log["version"]) == (3, "2.1.0")
    (found,) = log["runs"][0]["results"]
    location = found["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (found["ruleId"], location["uri"]) == ("unknown-key", "deskbridge.yaml")


def test_sarif_of_several_files_is_one_document(file: Path) -> None:
    change(file, "role: lead", "rle: lead")
    Path("two.yaml").write_text(file.read_text())
    log = json.loads(run("check", "--format", "sarif", str(file), "two.yaml").stdout)
    assert len(log["runs"][0]["results"]) == 2


def test_check_mentions_a_few_rules_without_a_test(file: Path) -> None:
    rules = "".join(
        f"  - {{name: r{n}, when: {{subject: s{n}}}, then: {{tags: [t]}}}}\n" for n in range(5)
    )
    change(file, "rules:\n", f"rules:\n{rules}")
    first = file.read_text().splitlines().index("rules:") + 2
    lines = run("check").stdout.splitlines()
    told = [f"  ! no test reaches rule 'r{n}' (deskbridge.yaml:{first + n})" for n in range(5)]
    more = "  ! 2 more notices: deskbridge check --verbose"
    assert lines[2:-1] == [*told[:3], more]
    assert lines[-1].startswith("5 notices in ")
    assert run("check", "-v").stdout.splitlines()[2:-1] == told


def test_the_schema_is_printed(file: Path) -> None:
    plain, named = (json.loads(run("schema", *more).stdout) for more in ((), ("-c", str(file))))
    assert plain["definitions"]["queue"] == {"type": ["string", "number", "boolean"]}
    offered = named["definitions"]["queue"]["anyOf"][0]["enum"]
    assert offered == ["first-line", "second-line"]
    assert "ack" in named["definitions"]["template"]["anyOf"][0]["enum"]


@pytest.mark.parametrize("mistake", [("", ""), ("role: lead", "rle: lead")])
def test_check_writes_the_schema_beside_the_file(file: Path, mistake: tuple[str, str]) -> None:
    change(file, *mistake)
    result = run("check", "--write-schema")
    assert "wrote deskbridge.schema.json\n" in result.stderr
    written = json.loads(Path("deskbridge.schema.json").read_text("utf-8"))
    assert written == json.loads(run("schema", "-c", str(file)).stdout)


@pytest.mark.parametrize("arguments", [("--dry-run",), ()])
def test_a_file_with_present_names_is_left_alone(file: Path, arguments: tuple[str, ...]) -> None:
    before = file.read_bytes()
    result = run("config", "migrate", *arguments)
    assert (result.exit_code, result.stdout) == (0, "nothing to rename\n")
    assert file.read_bytes() == before


def test_check_can_give_present_names_first(file: Path) -> None:
    before = file.read_bytes()
    assert run("check", "--fix").exit_code == 0
    assert file.read_bytes() == before


def test_what_is_no_yaml_is_not_migrated(file: Path) -> None:
    file.write_text("queues: [")
    result = run("config", "migrate")
    assert result.exit_code == 3
    assert "error[yaml]" in result.stderr


def test_a_check_is_explained(file: Path) -> None:
    result = run("check", "--explain", "shadowed")
    assert result.exit_code == 0
    assert result.stdout.startswith("shadowed\n\nError; may be silenced.\n\nWhat a rule decides")


def test_a_check_that_there_is_not_is_no_check(file: Path) -> None:
    result = run("check", "--explain", "shadwed")
    assert result.exit_code == 2
    assert "No check 'shadwed'. Did you mean 'shadowed'?" in result.stderr


def test_check_runs_the_tests_unless_told_not_to(file: Path) -> None:
    change(file, TESTS, FAILING)
    assert run("check").exit_code == 3
    assert run("check", "--skip-tests").exit_code == 0


def test_check_names_languages_without_a_template(file: Path) -> None:
    Path("templates").mkdir()
    Path("templates/night-ack.en.md").write_text("Good night")
    change(file, "reply: ack", "reply: night-ack")
    file.write_text(file.read_text() + "templates: templates\n")
    told = "template 'night-ack' is missing in nb, pl"
    assert f"  ! {told} (deskbridge.yaml:25)\n" in run("check").stdout
    (found,) = json.loads(run("check", "--json").stdout)["problems"]
    assert (found["code"], found["severity"], found["line"]) == ("template-language", "notice", 25)
    assert found["text"] == told
    (shown,) = json.loads(run("check", "--format", "sarif").stdout)["runs"][0]["results"]
    assert (shown["ruleId"], shown["level"]) == ("template-language", "note")
    assert ",line=25,col=" in run("check", "--format", "github").stdout


@pytest.mark.parametrize("missing", [True, False], ids=["missing", "there"])
def test_check_names_what_a_setting_needs_and_this_machine_has_not(
    file: Path, monkeypatch: pytest.MonkeyPatch, *, missing: bool
) -> None:
    change(file, "kind: smtp,", "kind: smtp, check_senders: yes,")
    monkeypatch.setattr(verify, "find_spec", lambda name: None if missing else name)
    result = run("check")
    assert result.exit_code == 0
    told = (
        "warning[not-installed]: channel support-mail: check_senders needs the extra mailauth"
        " (no module dkim, dns, spf); install it with: pip install '.[mailauth]'\n"
    )
    assert (told in result.stdout) is missing
    assert ("not-installed" in run("check", "--json").stdout) is missing


def test_without_a_configuration_it_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DESKBRIDGE_CONFIG", raising=False)
    result = run("check")
    assert result.exit_code == 2
    assert "looked for deskbridge.yaml and /etc/deskbridge/deskbridge.yaml" in result.stderr


def test_the_environment_may_name_the_configuration(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = file.rename("other.yaml")
    monkeypatch.setenv("DESKBRIDGE_CONFIG", str(moved))
    assert run("check").exit_code == 0


def test_test_tells_what_passed(file: Path) -> None:
    result = run("test")
    assert result.exit_code == 0
    assert result.stdout == ("  ✓ an outage is for the second line\n  1 passed\n")


def test_test_tells_what_came_out_otherwise(file: Path) -> None:
    change(file, TESTS, FAILING)
    result = run("test")
    assert result.exit_code == 1
    place = file.read_text().splitlines().index("  - name: an outage is for the second line") + 1
    outage = file.read_text().splitlines().index("  - name: outage") + 1
    assert result.stdout == (
        f"  ✗ {'an outage is for the second line':<66} deskbridge.yaml:{place}\n"
        "      queue    expected second-line\n"
        "               got      first-line, by everything-else\n"
        f"               nearest  outage (deskbridge.yaml:{outage}): "
        "mentions outage: none of the words\n"
        "  0 passed, 1 failed · rules never reached by a test: outage\n"
    )


def test_test_runs_those_that_are_asked_for(file: Path) -> None:
    other = "  - {name: all else, given: {subject: Hello}, expect: {queue: first-line}}\n"
    change(file, TESTS, TESTS + other)
    assert run("test", "-k", "ELSE").stdout == "  ✓ all else\n  1 passed\n"


def test_test_says_so_if_no_test_is_called_like_that(file: Path) -> None:
    result = run("test", "-k", "printer")
    assert result.exit_code == 4
    assert "no test has 'printer' in its name" in result.stderr


def test_test_lists_which_test_reaches_which_rule(file: Path) -> None:
    lines = run("test", "--coverage").stdout.splitlines()
    assert f"  {'outage':<30}   1  an outage is for the second line" in lines


def test_test_as_data(file: Path) -> None:
    change(file, TESTS, FAILING)
    data = json.loads(run("test", "--json").stdout)
    (told,) = data["tests"]
    assert (told["verdict"], told["matched"]) == ("failed", ["everything-else"])
    assert told["differences"][0]["expected"] == "second-line"


def test_test_of_a_wrong_file_shows_its_errors(file: Path) -> None:
    change(file, "role: lead", "rle: lead")
    result = run("test")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "unknown key 'rle'" in result.stderr
