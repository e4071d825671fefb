"""Does the lock file pin everything, and say nothing of where it came from?"""

import re
import tomllib
from pathlib import Path

from tests.layout.tree import text_of

LOCK = text_of(Path("requirements.lock"))


def test_it_names_no_place_to_fetch_from() -> None:
    assert re.findall(r"\w+://\S+|--(?:extra-)?index", LOCK) == []


def test_it_has_a_hash_for_every_package() -> None:
    entries = re.split(r"\n(?=\w)", LOCK.strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_it_pins_every_dependency() -> None:
    project = tomllib.loads(text_of(Path("pyproject.toml")))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = {line.partition("==")[0] for line in LOCK.splitlines() if "==" in line}
    names = {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower() for line in wanted}
    assert names - {name.lower() for name in pinned} == set()
