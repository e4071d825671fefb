"""Is a desk found by what can still be read of its file?"""

from pathlib import Path

import pytest

from config.data_dir import data_dir_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("desk: {data_dir: data}", "data", id="all is well"),
        pytest.param("desk:\n  name: [x]\n  data_dir: ${env:DATA}\n", "here", id="taken in"),
        pytest.param("desk:\n  data_dir: ${env:NONE}", None, id="refers to nothing"),
        pytest.param("desk: {data_dir: ../data}\nrules:\n\t- x", "../data", id="no YAML below"),
        pytest.param("rules:\n\t- x\ndesk: {data_dir: data}", None, id="no YAML above"),
        pytest.param("desk: {name: {data_dir: no}, data_dir: yes}", "yes", id="another one inside"),
        pytest.param("x: [desk, data_dir, no]\ndesk: {data_dir: yes}", "yes", id="in a list"),
        pytest.param("data_dir: no", None, id="not of the desk"),
        pytest.param("a: &a desk\nb: *a\ndesk: {data_dir: yes}", "yes", id="after an alias"),
        pytest.param("[desk, data_dir]", None, id="a list"),
        pytest.param("", None, id="nothing"),
        pytest.param("desk: {data_dir: a\0b}", None, id="what YAML allows nowhere"),
    ],
)
def test_the_data_dir_of_a_file(tmp_path: Path, text: str, found: str | None) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(text)
    wanted = tmp_path / found if found else None
    assert data_dir_in(file, {"DATA": "here"}) == wanted


def test_a_file_that_is_none(tmp_path: Path) -> None:
    assert data_dir_in(tmp_path / "none.yaml") is None
    (tmp_path / "latin.yaml").write_bytes(b"desk: {data_dir: \xe5}")
    assert data_dir_in(tmp_path / "latin.yaml") is None
