"""A disk that keeps only what it was told to keep, and not a byte more.

The worst that is legal after a power cut: of each file what stood in it at its last sync, under the
names that its folder had when the folder was last synced.
"""

from dataclasses import dataclass, field
from pathlib import Path, PurePath

from tests.torture.calls import Call


@dataclass(slots=True, eq=False)
class Content:
    """A file's bytes, now and at its last sync. A folder has none."""

    now: bytearray = field(default_factory=bytearray)
    kept: bytes = b""


class Disk:
    """Follows the calls of one program below one folder, which is there from the beginning."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._folders = {self._root}
        self._names: dict[str, Content] = {}
        self._kept: dict[str, Content] = {}

    def follow(self, call: Call) -> None:
        """Do to this disk what the program did to its own."""
        if not call.path.startswith(self._root):
            return
        match call.name:
            case "create":
                self._of(call.path)
            case "mkdir":
                self._folders.add(call.path)
                self._of(call.path)
            case "pwrite64":
                self._write(self._of(call.path), call.number, call.data)
            case "write":
                content = self._of(call.path)
                self._write(content, len(content.now), call.data)
            case "ftruncate":
                content = self._of(call.path)
                content.now[call.number :] = bytes(max(0, call.number - len(content.now)))
            case "link":
                self._names[call.other] = self._of(call.path)
            case "rename":
                self._names[call.other] = self._names.pop(call.path)
            case "unlink":
                self._names.pop(call.path, None)
            case "sync":
                self._sync(call.path)

    def restore(self, folder: Path) -> None:
        """Write down what is left after a power cut now."""
        for path, content in self._kept.items():
            target = folder / PurePath(path).relative_to(self._root)
            if not self._reachable(path) or path.endswith(("-shm", "ballast")):
                continue
            if path in self._folders:
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.kept)

    def _of(self, path: str) -> Content:
        return self._names.setdefault(path, Content())

    def _write(self, content: Content, offset: int, data: bytes) -> None:
        if len(content.now) < offset:
            content.now.extend(bytes(offset - len(content.now)))
        content.now[offset : offset + len(data)] = data

    def _sync(self, path: str) -> None:
        if path not in self._folders:
            content = self._of(path)
            content.kept = bytes(content.now)
            return
        inside = {name: here for name, here in self._names.items() if _folder_of(name) == path}
        elsewhere = {name: c for name, c in self._kept.items() if _folder_of(name) != path}
        self._kept = elsewhere | inside

    def _reachable(self, path: str) -> bool:
        """Are all folders above it kept too?"""
        above = map(str, PurePath(path).parents)
        return all(parent in self._kept for parent in above if len(parent) > len(self._root))


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]
