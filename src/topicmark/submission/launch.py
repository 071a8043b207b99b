"""How a Python file of a submission is started: arguments, working folder, environment."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from topicmark.submission.sources import Sources, ancestors, parent

_DATA = frozenset(
    {".ini", ".cfg", ".conf", ".properties", ".env", ".json", ".yaml", ".yml", ".toml", ".csv", ".avsc", ".txt"}
)


@dataclass(frozen=True, slots=True)
class Start:
    """A command line, its folder relative to the submission, and what it needs in its environment."""

    argv: tuple[str, ...]
    workdir: str = "."
    env: Mapping[str, str] = field(default_factory=dict)


def launch(sources: Sources, path: str) -> Start:
    """``python <file>`` in the file's own folder, or as its author must have started it where that cannot work.

    A file with relative imports runs as a module of its package. One that imports from a folder above gets that
    folder as ``PYTHONPATH``. One that names a data file as seen from a folder above runs there.
    """
    home = parent(path)
    module = PurePosixPath(path)
    if home and sources.import_levels(path):
        top = _above_package(sources, path)
        inside = posixpath.relpath(path, top) if top else path
        return Start(("python", "-m", inside.removesuffix(".py").replace("/", ".")), top or ".")
    workdir = _data_folder(sources, path)
    env: dict[str, str] = {}
    needed = sources.search_folder(path)
    if needed is not None:
        env["PYTHONPATH"] = posixpath.relpath(needed or ".", workdir or ".")
    if workdir == home:
        return Start(("python", module.name), home or ".", env)
    return Start(("python", posixpath.relpath(path, workdir or ".")), workdir or ".", env)


def _above_package(sources: Sources, path: str) -> str:
    """The folder above the outermost package that the file's imports reach."""
    levels = max(sources.import_levels(path))
    folders = ancestors(path)
    at = min(levels, len(folders) - 1)
    while at < len(folders) - 1 and f"{folders[at]}/__init__.py" in sources.files:
        at += 1
    return folders[at]


def _data_folder(sources: Sources, path: str) -> str:
    """The nearest folder from which a data file that the program names can be seen; its own if there is none."""
    home = parent(path)
    known = frozenset(sources.files)
    for name in sources.module(path).strings():
        if PurePosixPath(name).suffix.lower() not in _DATA or len(name) > 200 or name.startswith("/"):
            continue
        for folder in ancestors(path):
            if posixpath.normpath(posixpath.join(folder, name)) in known:
                if folder != home:
                    return folder
                break
    return home
