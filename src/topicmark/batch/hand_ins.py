"""The hand-ins of a class: which there are, what they are called, and which are the same."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from topicmark.model import SubmissionError, UsageError
from topicmark.submission import Answers, load
from topicmark.submission.unpacking import name_of
from topicmark.submission.words import shown

FILES_OF_THE_CLASS = ("class.csv", "class.html", "review.csv")
_PACKED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".rar", ".7z", ".zst")
"""Endings of what was meant as a hand-in, whether it can be unpacked here or not: nobody is overlooked."""


@dataclass(frozen=True, slots=True)
class HandIn:
    """``name`` is unique in the class and can be a folder's name; ``path`` is absolute. ``digest`` is SHA-256 over what
    is graded: paths, contents and what was left out; empty if it cannot be read. ``answers`` by exercise and key."""

    name: str
    path: Path
    digest: str = ""
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def found(places: Sequence[Path], out: Path) -> tuple[dict[str, Path], list[str]]:
    """The hand-ins by name, in order: each folder and archive in a folder of ``places``, and each archive among them;
    with the names of files that are neither. ``out`` is none of them. Raises ``UsageError``."""
    paths: list[Path] = []
    left_out: list[str] = []
    for place in places:
        if place.is_dir():
            taken, others = _inside(place, out.resolve())
            paths += taken
            left_out += others
        elif place.exists():
            paths.append(place.absolute())
        else:
            raise UsageError(f"{shown(str(place))}: there is no such folder or archive.")
    if not paths:
        raise UsageError(f"{shown(str(places[0]))}: no hand-ins are in here. Give the folder that holds one each.")
    return dict(sorted(_named(list(dict.fromkeys(paths))).items())), left_out


def _inside(folder: Path, out: Path) -> tuple[list[Path], list[str]]:
    if (folder / "submission.toml").exists():
        raise UsageError(f"{shown(str(folder))}: this is one hand-in: it has a submission.toml. Give the folder above.")
    try:
        entries = sorted(folder.absolute().iterdir())
    except OSError as error:
        raise UsageError(f"{shown(str(folder))}: cannot be read: {error.strerror}.") from None
    entries = [one for one in entries if not one.name.startswith((".", "__MACOSX")) and one.resolve() != out]
    taken = [one for one in entries if one.is_dir() or one.name.lower().endswith(_PACKED)]
    return taken, [shown(one.name) for one in entries if one not in taken]


def _named(paths: Sequence[Path]) -> dict[str, Path]:
    """``anna.zip`` is ``anna``; beside a folder ``anna`` it stays ``anna.zip``, and two of them are counted."""
    plain = {path: _as_folder(name_of(path)) for path in paths}
    often = Counter(plain.values())
    named: dict[str, Path] = {}
    for path in paths:
        name = plain[path] if often[plain[path]] == 1 else _as_folder(shown(path.name))
        numbers = (f"{name}-{number}" for number in range(2, len(paths) + 2))
        named[name if name not in named else next(one for one in numbers if one not in named)] = path
    return named


def _as_folder(name: str) -> str:
    safe = name.replace("/", "_").strip()
    while len(safe.encode()) > 200:  # file systems allow 255 bytes
        safe = safe[:-1]
    return f"_{safe}" if not safe or safe.startswith(".") or safe in FILES_OF_THE_CLASS else safe


def read(named: Mapping[str, Path]) -> Iterator[HandIn]:
    """Each with its digest and answers. One that cannot be read has neither: the run that is to grade it says why."""
    for name, path in named.items():
        with tempfile.TemporaryDirectory(prefix="topicmark-class-") as scratch:
            try:
                submission = load(path, Path(scratch) / "tree")
                digest = _digest(submission.tree, submission.files, submission.remarks)
                answers = submission.answers
            except SubmissionError:
                yield HandIn(name, path)
            except Exception:  # noqa: BLE001 — whatever one student handed in, the others are graded
                yield HandIn(name, path)
            else:
                yield HandIn(name, path, digest, answers.tables if isinstance(answers, Answers) else {})


def _digest(tree: Path, files: Sequence[str], remarks: Sequence[str]) -> str:
    whole = hashlib.sha256()
    for name in sorted(files):
        path = tree / name
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{name!r} {path.stat().st_mode & 0o111:o} {content}\n".encode())
    for remark in remarks:
        whole.update(f"{remark!r}\n".encode())
    return whole.hexdigest()
