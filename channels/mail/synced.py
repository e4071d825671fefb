"""Files that survive a power cut."""

import os
import uuid
from pathlib import Path

from storage.originals import sync_folder


def write_synced(path: Path, raw: bytes, *, mode: int = 0o666) -> None:
    """Put a file in place such that a power cut leaves all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{uuid.uuid4().hex}.draft")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
