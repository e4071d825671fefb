"""Do code hosts get what SARIF 2.1.0 asks for?"""

from pathlib import Path

from config.sarif import as_sarif
from inquiry.errors import Place, Problem

PROBLEMS = [
    Problem(place=Place(Path("/desk/å b.yaml"), 3, 7), code="value", text="wrong", hint="right"),
    Problem(place=Place(Path("/desk/rules/x.yaml"), 1), code="dead-word", text="w", warning=True),
    Problem(
        place=Place(Path("/etc/else.yaml"), 2),
        code="untested-rule",
        text="n",
        warning=True,
        notice=True,
    ),
]


def test_a_log_names_rules_results_and_places() -> None:
    log = as_sarif(PROBLEMS, Path("/desk"), "1.2.3")
    (run,) = log["runs"]
    assert log["$schema"].endswith("sarif-2.1.0.json")
    assert (run["tool"]["driver"]["name"], run["tool"]["driver"]["semanticVersion"]) == (
        "deskbridge",
        "1.2.3",
    )
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "dead-word",
        "untested-rule",
        "value",
    ]
    assert run["results"][0] == {
        "ruleId": "value",
        "ruleIndex": 2,
        "level": "error",
        "message": {"text": "wrong: right"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "%C3%A5%20b.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3, "startColumn": 7},
                }
            }
        ],
    }


def test_severities_have_their_levels() -> None:
    results = as_sarif(PROBLEMS, Path("/desk"), "1")["runs"][0]["results"]
    assert [result["level"] for result in results] == ["error", "warning", "note"]


def test_a_file_elsewhere_is_named_in_full() -> None:
    results = as_sarif(PROBLEMS, Path("/desk"), "1")["runs"][0]["results"]
    location = results[2]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "file:///etc/else.yaml"}


def test_each_rule_is_told_in_a_sentence_and_in_full() -> None:
    rules = as_sarif(PROBLEMS, Path("/desk"), "1")["runs"][0]["tool"]["driver"]["rules"]
    assert rules[2]["shortDescription"] == {"text": "A value is not of the sort that belongs here."}
    assert "Durations are" in rules[2]["help"]["markdown"]


def test_nothing_wrong_is_a_log_too() -> None:
    assert as_sarif([], Path("/desk"), "1")["runs"][0]["results"] == []
