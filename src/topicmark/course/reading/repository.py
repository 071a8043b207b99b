"""The files of a course repository."""

from __future__ import annotations

import functools
import os
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from topicmark.model import UsageError

MAX_FILES = 20_000
MAX_BYTES = 2 * 2**20
_NEVER = frozenset({".git", ".venv", "venv", "node_modules", "__pycache__", ".ipynb_checkpoints", ".idea", "target"})
_NO_TEXTS = re.compile(
    r"(?:^|/)\.github/|(?:^|/)(?:CHANGE(?:LOG|S)|HISTORY|RELEASES?|NEWS|CODE_OF_CONDUCT|LICENSE|SECURITY|PULL_REQUEST_TEMPLATE)[\w.-]*$",
    re.IGNORECASE,
)
"""Markdown that is no text of a course."""
_PAST = frozenset({"archive", "archived", "old", "deprecated", "legacy"})
"""Folders with what is no longer taught: read only if asked for by name."""


class Repository:
    """The tree below ``root``; paths are relative to it, with ``/``. ``chosen`` limits what is judged, not read."""

    def __init__(self, root: Path, chosen: Sequence[Path] = ()) -> None:
        if not root.exists():
            raise UsageError(f"{root}: there is no such folder. Name the course repository.")
        if root.is_file():
            root, chosen = root.parent, (root,)
        self.root = root.resolve()
        self._chosen = tuple(self._inside(path) for path in chosen)
        self.files = tuple(self._walk())
        self._files = frozenset(self.files)
        self._folders = {""} | {str(parent) for path in self.files for parent in PurePosixPath(path).parents}
        if not self.markdown:
            raise UsageError(f"{root}: there is no Markdown text (*.md) to check. Name the course repository.")

    def _inside(self, path: Path) -> str:
        for base in (Path.cwd(), self.root):
            full = Path(os.path.normpath(base / path))
            if full.exists() and full.is_relative_to(self.root):
                relative = full.relative_to(self.root).as_posix()
                return "" if relative == "." else relative
        raise UsageError(f"{path}: is not in {self.root}. Name a folder or file of the course repository.")

    def _walk(self) -> list[str]:
        found: list[str] = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(each for each in folders if each not in _NEVER)
            base = Path(folder).relative_to(self.root).as_posix()
            found += [posixpath.normpath(posixpath.join(base, each)) for each in sorted(files)]
            if len(found) > MAX_FILES:
                raise UsageError(f"{self.root}: holds more than {MAX_FILES} files. Name the folder of the course.")
        return found

    def is_judged(self, path: str) -> bool:
        """Whether findings in this file are wanted."""
        if self._chosen:
            return any(not each or path == each or path.startswith(f"{each}/") for each in self._chosen)
        is_past = any(part.lower() in _PAST for part in PurePosixPath(path).parts[:-1])
        return not is_past and not _NO_TEXTS.search(path)

    @functools.cached_property
    def markdown(self) -> tuple[str, ...]:
        """The texts that are judged."""
        return tuple(path for path in self.by_suffix(".md", ".markdown") if self.is_judged(path))

    @functools.cached_property
    def is_excerpt(self) -> bool:
        """Whether only texts are here, without what they speak of: nothing can be said of missing files then."""
        return not any(path.endswith((".yaml", ".yml", ".py", ".sh", "Dockerfile", ".json")) for path in self.files)

    def by_suffix(self, *suffixes: str) -> list[str]:
        """All files whose names end so."""
        return [path for path in self.files if path.lower().endswith(suffixes)]

    def has_file(self, path: str) -> bool:
        """Whether this file is there, in these very letters."""
        return path in self._files

    def has_folder(self, path: str) -> bool:
        """Whether this folder is there and not empty."""
        return posixpath.normpath(path or ".") in self._folders

    @property
    def folders(self) -> frozenset[str]:
        """All folders that are not empty, the top one as ``""``."""
        return frozenset(self._folders)

    def named(self, name: str) -> list[str]:
        """The files of this name, in whatever folder."""
        return [path for path in self.files if posixpath.basename(path) == name and self.is_judged(path)]

    @functools.cache  # noqa: B019 - a repository lives as long as the command
    def text(self, path: str) -> str:
        """A file's text, LF line ends; empty for one that is no text or too large."""
        full = self.root / path
        try:
            if full.is_symlink() or full.stat().st_size > MAX_BYTES:
                return ""
            return full.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
        except OSError:
            return ""


def resolve(folder: str, target: str) -> str | None:
    """A path as it is meant in a folder; ``None`` if it leads out of the repository."""
    path = posixpath.normpath(posixpath.join(folder, target))
    return None if path.startswith(("../", "/")) or path == ".." else ("" if path == "." else path)
