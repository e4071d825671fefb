"""Does explain tell how a message would be decided, from a file, a mail or given fields?"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskbridge.cli.main import deskbridge
from tests.config.builders import DESK, PEOPLE, QUEUES, WORDS

CHANNELS = """\
channels:
  support-mail: {kind: smtp, listen: 127.0.0.1:2525, addresses: [support@nordlys.example]}
  fax-mail: {kind: smtp, listen: 127.0.0.1:2526, addresses: [fax@nordlys.example]}
  web: {kind: web-form, fields: {product: {label: {en: Product}, options: [router, tv]}}}
"""
RULES = """\
calendars:
  office: {open: {mon-fri: 08:00-16:00}}
customers:
  attributes: {vip: boolean}
urgency:
  signals: [{words: outage, points: 40}, {customer: {vip: yes}, points: 20}]
  levels: {high: 60}
rules:
  - name: outage
    when: {mentions: outage, not: {mentions: printer}}
    then: {category: outage, queue: second-line, priority: high}
  - name: products
    when: {form: {product: router}, header: {X-Priority: '1*'}}
    then: {tags: [product]}
  - name: programs
    when: {attachment: {extension: [exe]}, outside: office}
    then: {attachments: block}
  - name: everything-else
    when: always
    then: {category: other, queue: first-line, priority: normal, reply: ack}
"""
MAIL = b"From: jan@acme.example\r\nSubject: down again\r\n\r\nHelp!\r\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DESKBRIDGE_CONFIG", raising=False)
    path = Path("deskbridge.yaml")
    path.write_text(DESK + CHANNELS + PEOPLE + QUEUES + WORDS + RULES)
    return path


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(deskbridge, ["explain", *arguments], input=stdin)


def rows(result: Result) -> list[list[str]]:
    """Return the lines in words."""
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines()]


def test_the_short_form_is_one_line_for_each_field(file: Path) -> None:
    result = run("--subject", "All is DOWN", "--from", "jan@acme.example", "--at", "2026-01-05")
    lines = result.stdout.splitlines()
    assert lines[0].startswith(
        "Message · 05 Jan 2026 00:00:00 CET · support-mail · jan@acme.example · “All is DOWN”"
    )
    place = f"deskbridge.yaml:{_line(file, 'name: outage')}"
    why = ["mentions", "outage:", "“down”"]
    assert ["queue", "second-line", "outage", place, *why] in [row[:7] for row in rows(result)]
    assert [row[0] for row in rows(result)[2:6]] == ["queue", "category", "priority", "reply"]
    assert ["urgency", "40", "outage", "+40", "(mentions", "outage:", "“down”)"] in rows(result)
    assert not any("products" in line for line in lines)


@pytest.mark.parametrize("option", ["--rules", "-v"])
def test_rule_by_rule(file: Path, option: str) -> None:
    result = run(option, "--subject", "All is DOWN")
    assert "     ✓ mentions outage: “down”\n" in result.stdout
    assert "     → queue: first-line   (already decided by 'outage')\n" in result.stdout
    every = "     ✗ header x-priority: -\n" in result.stdout
    assert every is (option == "-v")
    assert "     ✗ form product: -\n" in result.stdout


@pytest.mark.parametrize("given", ["mail.eml", "-"])
def test_a_mail_is_read(file: Path, given: str) -> None:
    Path("mail.eml").write_bytes(MAIL)
    data = json.loads(run(given, "--json", stdin=MAIL).stdout)
    assert data["decision"]["queue"] == "second-line"
    assert data["message"]["from"] == "jan@acme.example"
    assert data["rules"][0]["conditions"][0] == {
        "holds": True,
        "words": "mentions outage: “down”",
    }
    assert data["today"] is None


def test_everything_that_rules_look_at_can_be_given(file: Path) -> None:
    given = ["--subject", "Nede", "--customer", "vip=yes", "--channel", "fax-mail"]
    more = ["--header", "X-Priority=1 (highest)", "--form", "product=Router"]
    night = ["--attachment", "setup.exe", "--at", "2026-01-05T20:00"]
    found = rows(run(*given, *more, *night))
    assert "fax-mail" in found[0]
    assert ["tags", "+product", "products"] in [row[:3] for row in found]
    assert ["attachments", "block", "programs"] in [row[:3] for row in found]
    assert ["urgency", "60", "high"] in [row[:3] for row in found]
    by_day = rows(run(*given, *more, "--attachment", "setup.exe", "--at", "2026-01-05 10:00:00"))
    assert "attachments" not in [row[0] for row in by_day if row]


def test_why_not_names_the_words_that_were_looked_for(file: Path) -> None:
    result = run("--subject", "Drukarka", "--text", "stoi cicho", "--why-not", "queue=second-line")
    told = result.stdout.split("Why not queue: second-line?\n")[1].splitlines()
    place = f"deskbridge.yaml:{_line(file, 'name: outage')}"
    assert told == [
        f"  outage  {place}  would set queue: second-line, but did not match:",
        "      ✗ mentions outage: none of nede, down, outage, nie działa in 3 words",
        "      ✗ not mentions printer: “drukarka”",
        f"  Instead queue is first-line, by everything-else "
        f"(deskbridge.yaml:{_line(file, 'name: everything-else')}).",
    ]


def test_why_not_urgent_enough(file: Path) -> None:
    said = run("--subject", "printer is down", "--why-not", "priority=high").stdout
    assert "  urgency  40 points, 60 make it high: 20 were missing\n" in said
    assert "      vip +20 if it were so: customer vip is no, not yes\n" in said


def test_why_not_what_no_rule_sets(file: Path) -> None:
    said = run("--subject", "a", "--why-not", "queue=first-lin").stdout
    assert "  No rule sets queue: first-lin. Did you mean 'first-line'?\n" in said
    assert run("--subject", "a", "--why-not", "tags=gold").stdout.endswith(
        "  No rule sets tags: gold. Rules set product.\n"
    )


def test_why_not_what_is_so(file: Path) -> None:
    said = run("--subject", "down", "--why-not", "queue=second-line").stdout
    assert "  It is so: by outage  deskbridge.yaml:" in said


def test_why_not_as_data(file: Path) -> None:
    result = run("--subject", "a", "--why-not", "queue=second-line", "--json")
    answer = json.loads(result.stdout)["why_not"]
    assert (answer["field"], answer["value"], answer["so"]) == ("queue", "second-line", None)
    (kept,) = answer["rules"]
    assert (kept["name"], kept["matched"], kept["effect"]["value"]) == (
        "outage",
        False,
        "second-line",
    )
    assert kept["missed"][0]["words"].startswith("mentions outage: none of nede")
    assert answer["instead"]["rule"] == "everything-else"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param([], 2, "Name a reference, a file or -", id="nothing to explain"),
        pytest.param(["--text", "a", "--channel", "fax"], 2, "No channel 'fax'", id="a channel"),
        pytest.param(["--text", "a", "--form", "x"], 2, "--form 'x' is not NAME", id="no pair"),
        pytest.param(
            ["--text", "a", "--why-not", "queu=x"], 2, "did you mean 'queue'?", id="no field"
        ),
        pytest.param(["NL-2026-00001"], 4, "nothing is in", id="a reference"),
    ],
)
def test_what_cannot_be_explained_is_said(
    file: Path,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert not Path("data").exists()


def _line(file: Path, words: str) -> int:
    lines = file.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param((".",), 2, "cannot read '.': Is a directory", id="a folder"),
        pytest.param(("x" * 300,), 4, "nothing is in data yet", id="no name of a file"),
        pytest.param(
            ("--text", "Hi", "--at", "0001-01-01"),
            2,
            "--at: '0001-01-01T00:00:00' is not in the years 1970 to 9998",
            id="before all calendars",
        ),
        pytest.param(
            ("--text", "Hi", "--customer", "vip=maybe"),
            2,
            "--customer vip: 'maybe' is not yes or no",
            id="a value that nobody has",
        ),
        pytest.param(
            ("--text", "Hi", "--customer", "known=maybe"),
            2,
            "--customer known: 'maybe' is not yes or no",
            id="known or not",
        ),
        pytest.param(
            ("--text", "Hi", "--customer", "vpi=yes"),
            2,
            "--customer vpi: no such attribute; there are vip, known, organization",
            id="an attribute that nobody has",
        ),
        pytest.param(("--text", "Hi \udcff"), 0, "", id="letters that are none"),
    ],
)
@pytest.mark.usefixtures("file")
def test_what_cannot_be_is_told(arguments: tuple[str, ...], code: int, said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert said in result.stderr
