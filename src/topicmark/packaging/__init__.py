"""What is uploaded to a platform so that it grades there: this project, an entry script and the options of its runs."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from topicmark.model import UsageError
from topicmark.reports import atomic

PLATFORMS = ("gradescope", "prairielearn", "classroom50")
OPTIONS_FILE = "grade-options"
_PROJECT = (
    "topicmark", "conftest.py", "pytest.ini", "course.toml", "pyproject.toml", "requirements.txt", "README.md",
    "LICENSE", "src", "tests", "fixtures", "java", "manifests",
)  # fmt: skip
_LEFT_OUT = ("__pycache__", ".pyc", ".egg-info")
_TIME = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a package. ``path`` is relative, with slashes."""

    path: str
    data: bytes
    is_executable: bool


def write(platform: str, root: Path, options: Sequence[str], target: Path) -> Path:
    """Make the package of the project in ``root``: for Gradescope the archive ``target``, else a new folder of that
    name. ``options`` go to every ``topicmark grade`` there. Returns ``target``.

    Raises ``UsageError`` if there is something in the way, ``OSError``.
    """
    if any("\n" in option for option in options):
        raise UsageError("an option of a package has no line breaks")
    entries = list(_entries(platform, root, options))
    if platform == "gradescope":
        atomic.write(target, archive(entries))
        return target
    if target.exists():
        raise UsageError(f"{target}: exists already. Choose another name with --to.")
    for entry in entries:
        path = target / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry.data)
        path.chmod(0o755 if entry.is_executable else 0o644)
    return target


def archive(entries: Sequence[Entry]) -> bytes:
    """A zip, its files at its root as Gradescope wants them; the same entries give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in entries:
            info = zipfile.ZipInfo(entry.path, _TIME)
            info.external_attr = (0o100755 if entry.is_executable else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, entry.data)
    return buffer.getvalue()


def _entries(platform: str, root: Path, options: Sequence[str]) -> Iterator[Entry]:
    scripts = Path(str(resources.files(__package__).joinpath(platform)))
    for file in _files(scripts):
        yield _entry(file, file.relative_to(scripts).as_posix())
    yield Entry(OPTIONS_FILE, "".join(f"{option}\n" for option in options).encode(), False)
    for name in _PROJECT:
        for file in _files(root / name):
            yield _entry(file, f"topicmark/{file.relative_to(root).as_posix()}")


def _entry(file: Path, path: str) -> Entry:
    return Entry(path, file.read_bytes(), os.access(file, os.X_OK))


def _files(path: Path) -> list[Path]:
    found = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return [file for file in found if not any(part.endswith(_LEFT_OUT) for part in file.parts)]
