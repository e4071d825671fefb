"""Are files with many mistakes told whole: each at its place, as it is printed?"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from config.load import load
from config.report import rendered
from inquiry.errors import ConfigError
from tests.config.builders import KINDS

BROKEN = Path(__file__).parent / "broken"


@pytest.mark.parametrize("name", ["shape", "meaning"])
def test_every_mistake_is_told(name: str, update_golden: bool) -> None:
    with pytest.raises(ConfigError) as refused:
        load(BROKEN / f"{name}.yaml", KINDS, known_templates={"ack"}, environment={})
    told = "\n".join(map(rendered, refused.value.problems)).replace(f"{BROKEN}/", "") + "\n"
    golden = BROKEN / f"{name}.txt"
    if update_golden:
        golden.write_text(told, encoding="utf-8")
    assert told.splitlines() == golden.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", ["shape", "meaning"])
def test_no_secret_is_told(name: str) -> None:
    assert "hunter2" not in (BROKEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("shape", ["value", "unknown-key", "missing", "duplicate-key", "include", "yaml-escape"]),
        ("meaning", ["reference", "pattern", "shadowed", "no-default", "missing-template"]),
    ],
)
def test_the_file_has_mistakes_of_every_kind(name: str, codes: Sequence[str]) -> None:
    text = (BROKEN / f"{name}.txt").read_text(encoding="utf-8")
    assert [code for code in codes if f"error[{code}]" not in text] == []
