"""The list of modules in ARCHITECTURE.md: ``python -m tests.layout.map`` brings it up to date."""

import re
import textwrap
from pathlib import Path

from tests.layout.tree import PRODUCT, ROOT, modules, text_of

PAGE = Path("ARCHITECTURE.md")
INDENT = " " * 14


def with_modules(page: str) -> str:
    """Return the page with the modules of each package listed below the package's line."""
    for folder in PRODUCT:
        block = rf"^({folder}/ .*\n)(?:{INDENT}.*\n)*"
        page = re.sub(block, rf"\g<1>{_listed(folder)}", page, flags=re.MULTILINE)
    return page


def _listed(folder: str) -> str:
    names = {path.parts[1].removesuffix(".py") for path in modules(folder)} - {"__init__"}
    lines = textwrap.wrap(" ".join(sorted(names)), 98)
    return "".join(f"{INDENT}{line}\n" for line in lines)


if __name__ == "__main__":
    (ROOT / PAGE).write_text(with_modules(text_of(PAGE)), "utf-8")
