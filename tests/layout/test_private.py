"""Does the repository speak of the product alone, and of nobody who exists?"""

import re
from pathlib import Path

import pytest

from tests.layout.tree import text_of, tracked

TEXTS = [
    path
    for path in tracked()
    if path.suffix in {".py", ".md", ".sql", ".yaml", ".html", ".css", ".js", ".toml", ".sh", ".po"}
    or path.name in {"Makefile", "run"}
]
FOREIGN = re.compile(
    r"/wo" r"rk/|/te" r"am/|\bshared/(design|corpus|samples)|\bissue \d+\b|\bsub-?agents?\b"
    r"|\b(this|the last|next) session\b|\b(reliability|workplace|routing|libraries|peers)\.md"
    r"|\bpyp" r"i\.org|pythonhos" r"ted|registry\.np" r"mjs|\bCE" r"O\b"
)  # fmt: skip
ADDRESS = re.compile(r"[\w.+-]+@(?P<domain>[\w-]+(?:\.[\w-]+)*\.[a-z]{2,})\b")
RESERVED = re.compile(r"(^|\.)(example|test|invalid|localhost|example\.(com|org|net))$")


@pytest.mark.parametrize("path", TEXTS, ids=str)
def test_the_product_alone_is_spoken_of(path: Path) -> None:
    found = [match[0] for match in FOREIGN.finditer(text_of(path))]
    assert found == []


@pytest.mark.parametrize("path", TEXTS, ids=str)
def test_every_mail_address_is_nobody_s(path: Path) -> None:
    domains = {match["domain"].lower() for match in ADDRESS.finditer(text_of(path))}
    assert {domain for domain in domains if not RESERVED.search(domain)} == set()
