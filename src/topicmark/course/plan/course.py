"""A course as a whole: its texts, the steps in them, its manifests and programs."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from topicmark.course.plan import folders
from topicmark.course.reading import manifests, markdown, programs
from topicmark.course.reading.manifests import Resource, YamlFile
from topicmark.course.reading.markdown import Document, Fence, Heading, Span
from topicmark.course.reading.options import Usage, understand
from topicmark.course.reading.programs import Program
from topicmark.course.reading.repository import Repository
from topicmark.course.reading.shell import SHELLS, Call, Script, Word, here_documents, is_command, script

_INTERACTIVE = frozenset({"bash", "sh", "zsh", "/bin/bash", "/bin/sh"})
_UNLABELLED = frozenset({"", "text", "txt", "plaintext"})


@dataclass(frozen=True, slots=True)
class Step:
    """A command that the reader is told to run.

    ``folders`` are where the reader may stand, likeliest first; empty if nobody can say. ``inside`` is the pod that the
    command runs in, empty for the reader's own machine. ``shown`` says whether it stands in a block of its own.
    """

    document: Document
    call: Call
    usage: Usage | None
    folders: tuple[str, ...]
    inside: str = ""
    shown: bool = True
    sudo: bool = False

    @property
    def line(self) -> int:
        """Where the command begins."""
        return self.call.line

    def is_a(self, tool: str, *subcommands: str) -> bool:
        """Whether it is this tool, with one of these subcommands if any are named."""
        return (
            self.usage is not None
            and self.usage.tool == tool
            and (not subcommands or self.usage.subcommand in subcommands)
        )


@dataclass(frozen=True, slots=True)
class Block:
    """A code block of commands, taken apart."""

    document: Document
    fence: Fence
    script: Script


@dataclass(frozen=True, eq=False)
class Course:
    """Everything that is known of a course repository, before anything is judged."""

    repository: Repository
    documents: tuple[Document, ...]
    blocks: tuple[Block, ...]
    steps: tuple[Step, ...]
    places: tuple[folders.Place, ...] = ()
    yaml_files: tuple[YamlFile, ...] = ()
    programs: tuple[Program, ...] = field(default=())

    @functools.cached_property
    def resources(self) -> tuple[Resource, ...]:
        """All Kubernetes objects of its manifests, also of those that are read for context only."""
        return tuple(resource for file in self.yaml_files for resource in file.resources)

    @functools.cached_property
    def typed_resources(self) -> tuple[Resource, ...]:
        """Kubernetes objects that stand in the texts: as blocks of YAML, or typed into a command."""
        shown = [
            (document.path, part.text)
            for document in self.documents
            for part in document.parts
            if isinstance(part, Fence) and part.language in ("yaml", "yml")
        ]
        typed = [
            (block.document.path, body)
            for block in self.blocks
            for piece in block.script.pieces
            for body in here_documents(piece.text)
        ]
        files = (manifests.read(path, text) for path, text in (*shown, *typed))
        return tuple(resource for file in files if file is not None for resource in file.resources)

    @functools.cached_property
    def judged_yaml(self) -> tuple[YamlFile, ...]:
        """The YAML files in which findings are wanted."""
        return tuple(file for file in self.yaml_files if self.repository.is_judged(file.path))

    def steps_of(self, document: Document) -> list[Step]:
        """The steps of one text."""
        return [step for step in self.steps if step.document is document]

    def manifest_files(self, step: Step) -> list[str]:
        """The files in the repository that a ``kubectl apply -f`` or ``delete -f`` means."""
        found: list[str] = []
        for given in step.usage.values("-f", "--filename", "-k", "--kustomize") if step.usage else []:
            for part in (given.value or "").split(","):
                found += folders.meant(self.repository, step.folders, part)
        return found


def read(repository: Repository) -> Course:
    """The plan of a repository."""
    documents = tuple(markdown.read(path, repository.text(path)) for path in repository.markdown)
    blocks: list[Block] = []
    steps: list[Step] = []
    places: list[folders.Place] = []
    for document in documents:
        reader = _Reader(repository, document)
        reader.read()
        blocks += reader.blocks
        steps += reader.steps
        places += reader.places
    yaml_files = [manifests.read(path, repository.text(path)) for path in repository.by_suffix(".yaml", ".yml")]
    return Course(
        repository,
        documents,
        tuple(blocks),
        tuple(steps),
        tuple(places),
        tuple(file for file in yaml_files if file is not None),
        tuple(programs.read(path, repository.text(path)) for path in _course_programs(repository, documents)),
    )


def _course_programs(repository: Repository, documents: tuple[Document, ...]) -> list[str]:
    """The Python files that a text names, or that lie beside or right below one: the rest is software, not course."""
    beside = {posixpath.dirname(document.path) for document in documents}
    words = {word for document in documents for word in re.findall(r"[\w-]+\.py\b", document.text)}
    return [
        path
        for path in repository.by_suffix(".py")
        if posixpath.basename(path) in words
        or posixpath.dirname(path) in beside
        or posixpath.dirname(posixpath.dirname(path)) in beside - {""}
    ]


def is_shell(fence: Fence) -> bool:
    """Whether a code block is meant for a shell."""
    lines = [line for line in fence.text.split("\n") if line.strip() and not line.strip().startswith("#")]
    if fence.language in SHELLS:
        return True
    return fence.language in _UNLABELLED and bool(lines) and _looks_like_command(lines[0])


def _looks_like_command(line: str) -> bool:
    return is_command(line) and (len(line.split()) > 1 or line.strip() in ("ls", "pwd"))


class _Reader:
    """One text being read as a student would do what it says."""

    def __init__(self, repository: Repository, document: Document) -> None:
        self._repository = repository
        self._document = document
        self._walk = folders.Walk(repository, document)
        self._inside = ""
        self.blocks: list[Block] = []
        self.steps: list[Step] = []

    @property
    def places(self) -> list[folders.Place]:
        return self._walk.places

    def read(self) -> None:
        for part in self._document.parts:
            self._walk.prose(part.line)
            if isinstance(part, Heading) and part.level <= 3:
                self._inside = ""
            elif isinstance(part, Fence) and is_shell(part):
                taken = script(part.text, part.line, labelled=part.language in SHELLS)
                self.blocks.append(Block(self._document, part, taken))
                for call in taken.calls:
                    self._take(call, shown=True)
            elif isinstance(part, Span) and is_command(part.text) and len(part.text.split()) > 1:
                for call in script(" ".join(part.raw.split()), part.line).calls:
                    self._take(call, shown=False)

    def _take(self, call: Call, *, shown: bool) -> None:
        sudo = call.name == "sudo"
        if sudo:
            words = list(call.words[1:])
            while words and words[0].text.startswith("-"):
                words.pop(0)
            if not words:
                return
            call = Call(tuple(words), call.writes)
        usage = understand(call)
        step = Step(self._document, call, usage, self._walk.standing, self._inside, shown, sudo)
        self.steps.append(step)
        if call.name == "cd":
            self._walk.command(call)
        elif call.name == "exit":
            self._inside = ""
        elif usage is not None and usage.tool == "kubectl" and usage.subcommand in ("exec", "run"):
            self._enter(step, usage)

    def _enter(self, step: Step, usage: Usage) -> None:
        """What runs in a pod: the words after ``--``, or what follows once its shell is open."""
        pod = usage.arguments[0].text if usage.arguments else "pod"
        words = usage.rest or tuple(usage.arguments[1:])
        if not words:
            return
        if words[0].text in _INTERACTIVE and len(words) == 1:
            self._inside = pod if step.shown or usage.subcommand == "run" else self._inside
            return
        for call in _inner(words):
            self.steps.append(Step(self._document, call, understand(call), (), pod, step.shown))


def _inner(words: tuple[Word, ...]) -> Iterator[Call]:
    if words[0].text in _INTERACTIVE and len(words) > 2 and re.fullmatch(r"-\w*c", words[1].text):
        yield from script(words[2].text, words[2].line).calls
    else:
        yield Call(words)


def basename(path: str) -> str:
    """The last part of a path."""
    return posixpath.basename(path.rstrip("/"))
