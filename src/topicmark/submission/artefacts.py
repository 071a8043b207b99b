"""What a submission holds, as data: its artefacts, what is wrong with them, and what was looked for in vain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from topicmark.sandbox.spec import Command
from topicmark.submission.placeholders import drop_option, expand, holds


@dataclass(frozen=True, slots=True)
class Problem:
    """An artefact that is there and cannot be used. The task that needs it fails with these words.

    ``where`` is ``file`` or ``file:line`` relative to the submission; ``remedy`` says what to do.
    """

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Missing:
    """An artefact that was not found. ``looked_for`` names the files that would have been taken."""

    looked_for: str

    def __str__(self) -> str:
        return f"not found: {self.looked_for}"


@dataclass(frozen=True, slots=True)
class TopicCommand:
    """A script or program that makes the topics and ends. ``kind`` is ``script`` or ``program``."""

    argv: Sequence[str]
    workdir: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    kind: str = "script"

    def command(self) -> Command:
        """What the sandbox is to run."""
        return Command(tuple(self.argv), self.workdir, dict(self.env), dict(self.files))


@dataclass(frozen=True, slots=True)
class Program:
    """A producer as it is to be run, placeholders already replaced.

    ``label`` is unique among the producers (``producer``, ``producer-3``); ``sensor`` is ``"1"`` to ``"6"`` if the
    program was told which sensor it is. Paths in ``files`` are relative to ``workdir``; they may begin with ``../``
    but never leave the submission.
    """

    label: str
    argv: Sequence[str]
    workdir: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    sensor: str | None = None

    def command(self) -> Command:
        """What the sandbox is to run."""
        return Command(tuple(self.argv), self.workdir, dict(self.env), dict(self.files))


@dataclass(frozen=True, slots=True)
class Consumer:
    """A consumer and the way it is given a group id.

    ``argv`` and the values of ``env`` and ``files`` are templates: ``{group}`` stands for the group id, a brace of the
    text itself is doubled. ``way`` says in words how the id is passed. ``bare`` is the command without a group id where
    it was given outright (templates too); ``None``: derive it. ``original_files`` is true if ``files`` are rewritten
    files of the submission, so that without a group id the student's own text stands. ``alternatives`` are other
    plausible ways, best first; theirs are empty.
    """

    argv: Sequence[str]
    workdir: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    way: str = ""
    label: str = "consumer"
    bare: Sequence[str] | None = None
    original_files: bool = False
    alternatives: tuple[Consumer, ...] = ()

    @property
    def takes_group(self) -> bool:
        """Whether the group id given has any place to go."""
        return any(holds("group", text) for text in (*self.argv, *self.env.values(), *self.files.values()))

    def with_group(self, group: str) -> Command:
        """The command with this group id."""
        known = {"group": group}
        return Command(
            tuple(expand(part, known) for part in self.argv),
            self.workdir,
            {name: expand(text, known) for name, text in self.env.items()},
            {path: expand(text, known) for path, text in self.files.items()},
        )

    def without_group(self) -> Command | None:
        """The command with no group id given; ``None`` if the submission leaves open what that would be."""
        files = {path: text for path, text in self.files.items() if not holds("group", text)}
        if len(files) < len(self.files) and self.bare is None and not self.original_files:
            return None
        argv = self.argv if self.bare is None else self.bare
        return Command(
            tuple(expand(part, {"group": ""}) for part in drop_option(argv, "group")),
            self.workdir,
            {name: expand(text, {}) for name, text in self.env.items() if not holds("group", text)},
            {path: expand(text, {}) for path, text in files.items()},
        )

    def retry_with(self, other: Consumer) -> Consumer:
        """``other`` as the way to go, this and the remaining ones as its alternatives."""
        rest = tuple(way for way in self.alternatives if way != other)
        return replace(other, alternatives=(*rest, replace(self, alternatives=())))


@dataclass(frozen=True, slots=True)
class Staged:
    """The copy of the submission: where it is and which files it holds (POSIX paths relative to ``tree``, sorted)."""

    tree: Path
    files: tuple[str, ...]
    remarks: tuple[str, ...] = ()
