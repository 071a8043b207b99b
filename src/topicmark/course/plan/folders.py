"""Where the reader stands: a text's own folder, until it says ``cd``."""

from __future__ import annotations

import difflib
import posixpath
import re
from dataclasses import dataclass

from topicmark.course.reading.markdown import Document
from topicmark.course.reading.repository import Repository, resolve
from topicmark.course.reading.shell import PLACEHOLDER, Call

_PROSE = re.compile(
    r"(?:^|[^\w/`])`?cd`?\s+(?:in)?to\s+(?:the\s+)?`([\w./ -]+)`"
    r"|\b(?:navigate|change(?:\s+directory)?|go|move|switch)\s+(?:in)?to\s+(?:the\s+)?(?:folder\s+|directory\s+)?`([\w./-]+/[\w./-]*)`(?=\s+(?:folder|directory))",
    re.IGNORECASE,
)
_SIMILAR = 0.85
_MAKES_FOLDERS = re.compile(
    r"\b(?:git\s+clone|gh repo clone|mkdir|tar\s|unzip|helm\s+(?:pull|create)|virtualenv|-m venv)\b"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that a text sends its reader to. ``exists`` is ``None`` if the text may have made it."""

    path: str
    line: int
    target: str
    exists: bool | None


class Walk:
    """The reader's way through the folders of the repository, in one text."""

    def __init__(self, repository: Repository, document: Document) -> None:
        self._repository = repository
        self._document = document
        own = posixpath.dirname(document.path)
        self._start = (own, "") if own else ("",)
        self.standing: tuple[str, ...] = self._start
        self.places: list[Place] = []
        self._read = 0

    def prose(self, line: int) -> None:
        """Read the lines up to this one for what they say of folders; a heading brings the reader back."""
        for number in range(self._read + 1, line + 1):
            text = self._document.lines[number - 1] if number <= len(self._document.lines) else ""
            if re.match(r"#{1,3} ", text):
                self.standing = self._start
            match = _PROSE.search(text)
            if match:
                self._go(match[1] or match[2], number, from_start=True)
        self._read = max(self._read, line)

    def command(self, call: Call) -> None:
        """A ``cd`` in a block."""
        if len(call.words) == 2:
            self._go(call.words[1].text, call.line, from_start=False)

    def _go(self, target: str, line: int, *, from_start: bool) -> None:
        bases = (*self._start, *self.standing) if from_start else self.standing
        known = [path for base in bases if (path := resolve(base, target)) is not None]
        there = [path for path in known if self._repository.has_folder(path)]
        if there:
            self.standing = (there[0],)
            self.places.append(Place(self._document.path, line, target, exists=True))
            return
        before = "\n".join(self._document.lines[:line])
        first = target.strip("./").partition("/")[0]
        earlier = "\n".join(self._document.lines[: line - 1])
        named = bool(first) and re.search(rf"(?<![\w-]){re.escape(first)}(?![\w-])", earlier) and not from_start
        unsure = not self._is_slip(known) and (
            named or re.match(r"[/~$-]|\.\.$", target) or PLACEHOLDER.search(target) or _MAKES_FOLDERS.search(before)
        )
        exists = None if unsure or not known or not bases else False
        self.places.append(Place(self._document.path, line, target, exists))
        self.standing = ()

    def _is_slip(self, paths: list[str]) -> bool:
        """Whether one of these is a folder of the repository, but for a letter in the name of the one above it."""
        for path in paths:
            above, _, name = path.rpartition("/")
            for other in self._repository.folders:
                parent, _, own = other.rpartition("/")
                if (
                    own == name
                    and above
                    and parent != above
                    and difflib.get_close_matches(above, [parent], 1, _SIMILAR)
                ):
                    return not self._repository.has_folder(above)
        return False


def meant(repository: Repository, standing: tuple[str, ...], target: str) -> list[str]:
    """The files of the repository that a path means for a reader who stands there; those of a folder for a folder."""
    for folder in standing:
        path = resolve(folder, target)
        if path is None:
            continue
        if repository.has_file(path):
            return [path]
        if (target not in ("", ".") and repository.has_folder(path)) or target == ".":
            return [each for each in repository.files if posixpath.dirname(each) == path]
    return []
