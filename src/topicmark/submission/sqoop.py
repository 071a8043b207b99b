"""Exercise 8's import: a script with a ``sqoop import`` line, or that line out of a report. Nothing is run here."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from topicmark.sandbox.spec import Command
from topicmark.submission import scripts
from topicmark.submission.artefacts import Missing, Problem
from topicmark.submission.choosing import named, one_of
from topicmark.submission.manifest import Manifest
from topicmark.submission.sources import Sources, by_pattern, parent

LOOKED_FOR = "exercise08.sh, or the only *.sh (else *.md or *.txt) with a sqoop import line"
_IMPORTS = re.compile(r"(?<![\w-])sqoop(?:\.sh)?[ \t]+(?:(?:-D|--)[^\s]*[ \t]+)*import(?:-all-tables)?(?![\w-])")
_PROMPT = re.compile(r"^\s*(?:[\w.@:~/()\[\]-]*[$#>%][ \t]+)?")
_TYPED = re.compile(r"(?:\w+=\S+[ \t]+)*(?:(?:kubectl|docker|podman|sudo|time)[ \t].*?)?(?:\S*/)?sqoop(?:\.sh)?[ \t]")


@dataclass(frozen=True, slots=True)
class TableImport:
    """A script, or the lines of one, that imports the table. ``file`` is where it was found; empty for a command of
    ``submission.toml``."""

    argv: Sequence[str]
    workdir: str = "."
    file: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    def command(self) -> Command:
        """What the sandbox is to run."""
        return Command(tuple(self.argv), self.workdir, dict(self.env))


def find(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> TableImport | Problem | Missing:
    """The submission's import."""
    entry = manifest.sqoop_command if manifest is not None else None
    workdir, env = (entry.workdir, dict(entry.env)) if entry is not None else (None, {})
    if manifest is not None and manifest.sqoop is not None:
        chosen = named(sources, manifest, manifest.sqoop)
    elif manifest is not None and entry is not None and entry.argv is not None:
        return TableImport(entry.argv, workdir or manifest.base, "", env)
    else:
        paths = by_pattern(sources.visible, r"exercise0?8\.sh")
        for pattern in (r".*\.sh", r".*\.(?:md|markdown|txt)"):
            every = by_pattern(sources.visible, pattern)
            paths = paths or [path for path in every if _IMPORTS.search(scripts.code(sources.text(path) or ""))]
        if not paths:
            return Missing(LOOKED_FOR)
        chosen = one_of(sources, paths, "the import", remarks, table="sqoop")
    if isinstance(chosen, Problem):
        return chosen
    found = load(sources, chosen)
    if isinstance(found, Problem) or entry is None:
        return found
    if workdir is None or found.argv[1:2] == ["-c"]:
        return replace(found, env=env)
    return replace(found, argv=(found.argv[0], posixpath.relpath(chosen, workdir)), workdir=workdir, env=env)


def load(sources: Sources, path: str) -> TableImport | Problem:
    """The import in a script, or in a text with what was typed."""
    text = sources.text(path)
    if text is None:
        return Problem(path, "cannot be read, or is far too long.")
    code = scripts.code(text)
    if not _IMPORTS.search(code):
        return Problem(path, "has no line with `sqoop import`.", "Write the line that you typed into it.")
    if path.lower().endswith((".md", ".markdown", ".txt")):
        return TableImport(("bash", "-c", "\n".join(_typed(text))), parent(path) or ".", path)
    argv, workdir = scripts.start(sources, path)
    return TableImport(argv, workdir, path)


def _typed(text: str) -> list[str]:
    """The lines of a report that call Sqoop, without prompts, continued ones whole."""
    found: list[str] = []
    open_line = False
    for line in text.splitlines():
        typed = line if open_line else _PROMPT.sub("", line, count=1)
        if open_line or _TYPED.match(typed):
            found.append(typed)
            open_line = typed.rstrip().endswith("\\")
    return found
