"""``config migrate``: old names of keys are rewritten at their places; all else stays as it was.

No YAML is printed anew: comments, blanks and quotes are the operator's.
"""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from config.files import Files
from config.findings import Findings
from config.load import spliced
from config.regular import read_bytes
from config.renamed import RENAMED, Modernizer, Rename, Splice
from inquiry.errors import ConfigError

_MARK = "\ufeff"


def migrated(path: Path, renames: Sequence[Rename] = RENAMED) -> Mapping[Path, str]:
    """Return the new texts of those files of a configuration that have old names in them.

    Raises:
        ConfigError: a file is no YAML, so that nothing in it can be found for sure.
    """
    findings = Findings()
    files = Files(path, findings)
    root = files.root()
    modernizer = Modernizer(findings, renames)
    modernizer.table(spliced(files, root, ()))
    if findings.failed:
        raise ConfigError(findings.problems)
    by_file: dict[Path, set[Splice]] = {}
    for splice in modernizer.splices:
        by_file.setdefault(splice.place.file, set()).add(splice)
    return {file: rewritten(_text(file), found) for file, found in by_file.items()}


def rewritten(text: str, splices: Iterable[Splice]) -> str:
    """Return the text with other keys at their places; a byte order mark is kept."""
    mark, text = (_MARK, text[1:]) if text.startswith(_MARK) else ("", text)
    lines = text.splitlines(keepends=True)
    for splice in sorted(splices, key=lambda each: each.place, reverse=True):
        line, column = splice.place.line - 1, splice.place.column - 1
        start = column + (lines[line][column : column + 1] in ("'", '"'))
        end = start + len(splice.old)
        if lines[line][start:end] != splice.old:  # written with an escape: left to the operator
            continue
        lines[line] = f"{lines[line][:start]}{splice.new}{lines[line][end:]}"
    return mark + "".join(lines)


def write(file: Path, text: str) -> None:
    """Replace a file at once, keeping who may read it."""
    target = file.resolve()
    with NamedTemporaryFile(
        "wb", dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as new:
        try:
            new.write(text.encode())
            new.flush()
            os.fsync(new.fileno())
            shutil.copystat(target, new.name)
            Path(new.name).replace(target)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise


def _text(file: Path) -> str:
    return read_bytes(file).decode("utf-8")
