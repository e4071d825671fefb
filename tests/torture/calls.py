"""What a traced program did to files, from strace's log."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TRACED = (
    "trace=pwrite64,write,ftruncate,fdatasync,fsync,openat,"
    "rename,renameat,renameat2,unlink,unlinkat,link,linkat,mkdir,mkdirat"
)
OPTIONS = ("-f", "-qq", "-xx", "-y", "-s", "10000000", "-e", TRACED)
_LINE = re.compile(r"(?P<pid>\d+)\s+(?P<text>.*)", re.DOTALL)
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\)\s+=\s+(?P<result>-?\d+)", re.DOTALL)
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_OPENED = re.compile(r"^-?\w+<([^>]*)>")
_CREATES = "O_CREAT"


@dataclass(frozen=True, slots=True)
class Call:
    """One successful system call: its name, the file it is about, what it carried."""

    name: str
    path: str
    other: str = ""
    data: bytes = b""
    number: int = 0
    """The offset of a pwrite64, the length of an ftruncate, the descriptor of a write."""


def calls(log: Path) -> Iterator[Call]:
    """Read the log; a call that another thread interrupts counts where it ends."""
    begun: dict[str, str] = {}
    with log.open(errors="replace") as lines:
        for line in lines:
            found = _LINE.match(line)
            if not found:
                continue
            pid, text = found["pid"], found["text"].rstrip()
            if text.endswith("<unfinished ...>"):
                begun[pid] = text.removesuffix("<unfinished ...>").rstrip()
                continue
            if text.startswith("<..."):
                text = begun.pop(pid, "") + text.partition("resumed>")[2]
            if (call := _call(text)) is not None:
                yield call


def _call(text: str) -> Call | None:
    found = _CALL.match(text)
    if not found or int(found["result"]) < 0:
        return None
    name, arguments = found["name"], found["arguments"]
    if name in {"pwrite64", "write", "ftruncate", "fdatasync", "fsync"}:
        return _on_open_file(name, arguments)
    paths = [_text(string) for string in _STRING.findall(arguments)]
    if name == "openat":
        return Call("create", paths[0]) if _CREATES in arguments else None
    kind = re.sub(r"at2?$", "", name)
    return Call(kind, paths[0], paths[1] if len(paths) > 1 else "")


def _on_open_file(name: str, arguments: str) -> Call | None:
    opened = _OPENED.match(arguments)
    if not opened:
        return None
    path = _text(opened[1]) if "\\x" in opened[1] else opened[1]
    last = arguments.rpartition(",")[2].strip()
    if name == "pwrite64":
        return Call(name, path, data=_data(arguments), number=int(last))
    if name == "write":
        descriptor = int(arguments.partition("<")[0])
        return Call(name, path, data=_data(arguments), number=descriptor)
    if name == "ftruncate":
        return Call(name, path, number=int(last))
    return Call("sync", path)


def _data(arguments: str) -> bytes:
    found = _STRING.search(arguments)
    return bytes.fromhex(found[1].replace("\\x", "")) if found else b""


def _text(string: str) -> str:
    return bytes.fromhex(string.replace("\\x", "")).decode(errors="surrogateescape")
