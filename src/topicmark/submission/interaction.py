"""Exercise 2's steps with ``test-redpanda``, as a script or program does them. Nothing of it is run here."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from topicmark.sandbox.spec import Command
from topicmark.submission import scripts
from topicmark.submission.artefacts import Missing, Problem
from topicmark.submission.choosing import named, one_of
from topicmark.submission.launch import launch
from topicmark.submission.manifest import Manifest
from topicmark.submission.sources import Sources, by_pattern

TOPIC = "test-redpanda"
LOOKED_FOR = (
    f"exercise02.sh, or the only *.sh that names {TOPIC}, or exercise02.py: write what you did in the console as lines "
    "with Kafka's tools, docs/hand-in.md shows how"
)


@dataclass(frozen=True, slots=True)
class Interaction:
    """The script or program (``kind``) that creates the topic, produces to it and deletes its records. ``file`` is its
    path in the submission, empty for a command of ``submission.toml``."""

    argv: Sequence[str]
    workdir: str
    file: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    kind: str = "script"

    def command(self) -> Command:
        """What the sandbox is to run."""
        return Command(tuple(self.argv), self.workdir, dict(self.env))


def find(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> Interaction | Problem | Missing:
    """The submission's script or program for ``test-redpanda``."""
    entry = manifest.interaction_command if manifest is not None else None
    workdir, env = (entry.workdir, dict(entry.env)) if entry is not None else (None, {})
    if manifest is not None and manifest.interaction is not None:
        chosen = named(sources, manifest, manifest.interaction)
    elif manifest is not None and entry is not None and entry.argv is not None:
        kind = "script" if scripts.is_script(entry.argv) else "program"
        return Interaction(entry.argv, workdir or manifest.base, "", env, kind)
    else:
        paths = by_pattern(sources.visible, r"exercise0?2\.sh")
        paths = paths or [path for path in by_pattern(sources.visible, r".*\.sh") if names_topic(sources, path)]
        paths = paths or by_pattern(sources.visible, r"exercise0?2\.py")
        if not paths:
            return Missing(LOOKED_FOR)
        chosen = one_of(sources, paths, f"the steps with {TOPIC}", remarks, table="interaction")
    if isinstance(chosen, Problem):
        return chosen
    found = load(sources, chosen)
    if isinstance(found, Interaction) and entry is not None:
        argv = found.argv if workdir is None else (found.argv[0], posixpath.relpath(chosen, workdir))
        return replace(
            found, argv=argv, workdir=found.workdir if workdir is None else workdir, env={**found.env, **env}
        )
    return found


def load(sources: Sources, path: str) -> Interaction | Problem:
    """The script or Python program at ``path``."""
    text = sources.text(path)
    if text is None:
        return Problem(path, "cannot be read, or is far too long.")
    if path.lower().endswith(".py"):
        start = launch(sources, path)
        return Interaction(start.argv, start.workdir, path, start.env, "program")
    if not scripts.code(text).strip():
        remedy = "Write the lines of exercise 2 into it: docs/hand-in.md shows how."
        return Problem(path, "holds no command.", remedy)
    argv, workdir = scripts.start(sources, path)
    return Interaction(argv, workdir, path)


def names_topic(sources: Sources, path: str) -> bool:
    """Whether a script names the topic outside comments."""
    return re.search(rf"(?<![\w.-]){TOPIC}(?![\w.-])", scripts.code(sources.text(path) or "")) is not None
