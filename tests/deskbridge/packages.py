"""Packages from outside, as pip leaves them: modules and their metadata in a folder."""

import importlib
import sys
from pathlib import Path

import pytest

from deskbridge import kinds

WORKS = '''\
import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from channels.contract import Kind, Limits

@dataclass(frozen=True, kw_only=True)
class Settings:
    """A loft."""
    host: str

class Channel:
    def __init__(self, name): self.name = name

@asynccontextmanager
async def open_channel(name, settings, premises):
    if settings.host == "silent":
        await asyncio.Event().wait()
    if settings.host == "nowhere":
        raise LookupError("no loft there")
    yield Channel(name)

KIND = Kind(name="pigeon", contact="pigeon", settings=Settings, limits=Limits(),
            open_channel=open_channel)
'''
"""A channel that neither receives nor sends."""


class Packages:
    """Installs packages for one test."""

    def __init__(self, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        site.mkdir()
        monkeypatch.syspath_prepend(site)
        self._site = site
        self._modules: list[str] = []

    def install(self, package: str, code: str, kind: str = "pigeon", **groups: str) -> None:
        """Install a package of one module; ``groups`` are other entry points than its kind."""
        module = package.replace("-", "_")
        (self._site / f"{module}.py").write_text(code)
        about = self._site / f"{module}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        points = groups or {kinds.GROUP: f"{kind} = {module}:KIND"}
        told = "".join(f"[{group}]\n{point}\n" for group, point in points.items())
        (about / "entry_points.txt").write_text(told)
        importlib.invalidate_caches()
        self._modules.append(module)
        self._look_again()

    def forget(self) -> None:
        """Let nobody find them any more, once the folder is out of the path."""
        for module in self._modules:
            sys.modules.pop(module, None)
        self._look_again()

    def _look_again(self) -> None:
        kinds.kind.cache_clear()
        kinds._outside.cache_clear()
