"""Exercise 3's console lines: a script with a console producer and a console consumer. Nothing of it is run here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from topicmark.sandbox.spec import Command
from topicmark.submission import scripts
from topicmark.submission.artefacts import Missing, Problem
from topicmark.submission.choosing import missing, named, one_of
from topicmark.submission.interaction import names_topic
from topicmark.submission.manifest import Manifest
from topicmark.submission.sources import Sources, by_pattern

LOOKED_FOR = "exercise03.sh, or the only *.sh with a kafka-console-producer and a kafka-console-consumer"
_TOOLS = ("kafka-console-producer", "kafka-console-consumer")


@dataclass(frozen=True, slots=True)
class Console:
    """The script with the lines of both terminals; ``file`` is its path in the submission."""

    argv: Sequence[str]
    workdir: str
    file: str
    env: Mapping[str, str] = field(default_factory=dict)
    kind: str = "console"

    def command(self) -> Command:
        """What the sandbox is to run."""
        return Command(tuple(self.argv), self.workdir, dict(self.env))


def find(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> Console | Problem | Missing:
    """The submission's console script."""
    if manifest is not None and manifest.console is not None:
        chosen = named(sources, manifest, manifest.console)
    else:
        paths = by_pattern(sources.visible, r"exercise0?3\.sh")
        paths = paths or [path for path in by_pattern(sources.visible, r".*\.sh") if names_both(sources, path)]
        paths = [path for path in paths if not _is_of_exercise_2(sources, path)] or paths
        if not paths:
            return missing(sources, LOOKED_FOR, _TOOLS[0], "copy yours into exercise03.sh.")
        chosen = one_of(sources, paths, "the console lines", remarks, table="console")
    return chosen if isinstance(chosen, Problem) else load(sources, chosen)


def load(sources: Sources, path: str) -> Console | Problem:
    """The script at ``path``, if it names both programs outside comments."""
    text = sources.text(path)
    if text is None:
        return Problem(path, "cannot be read, or is far too long.")
    lines = scripts.code(text)
    absent = [tool for tool in _TOOLS if not _named(tool, lines)]
    if not absent:
        argv, workdir = scripts.start(sources, path)
        return Console(argv, workdir, path)
    remedy = "Write the lines of both terminals into it, as you typed them: docs/hand-in.md shows how."
    hidden = [tool for tool in absent if _named(tool, text)]
    if hidden:
        return Problem(path, f"has its {hidden[0]} in a comment only, so it is not run.", "Take the # away.")
    if not lines.strip():
        return Problem(path, "holds no command.", remedy)
    return Problem(path, f"names no {' and no '.join(absent)}.", remedy)


def names_both(sources: Sources, path: str) -> bool:
    """Whether a script names a console producer and a console consumer outside comments."""
    lines = scripts.code(sources.text(path) or "")
    return all(_named(tool, lines) for tool in _TOOLS)


def _is_of_exercise_2(sources: Sources, path: str) -> bool:
    """A script that looks at ``test-redpanda`` names a consumer too."""
    return re.fullmatch(r"(?:.*/)?exercise0?2\.sh", path, re.IGNORECASE) is not None or names_topic(sources, path)


def _named(tool: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){tool}(?:\.sh|\.bat)?(?![\w-])", text) is not None
