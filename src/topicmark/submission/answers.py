"""``answers.toml``: what a student says in words, and whether it names a default of Kafka."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from topicmark.submission import tomltext
from topicmark.submission.artefacts import Problem
from topicmark.submission.choosing import one_of
from topicmark.submission.defaults import names_default
from topicmark.submission.sources import Sources, by_pattern

__all__ = ["Answers", "find", "names_default", "parse"]


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers, by table (``ex4``) and key. ``name`` is the file's path, empty if there is no such file."""

    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    name: str = ""

    def text(self, exercise: str, key: str) -> str:
        """One answer without blanks around it; empty if it was not given."""
        return self.tables.get(exercise, {}).get(key, "").strip()


def parse(text: str, name: str) -> Answers | Problem:
    """Read answers. Every value becomes text; a ``Problem`` carries the line."""
    try:
        data = tomltext.parse(text).data
    except tomltext.TomlError as error:
        remedy = 'An answer is key = "text" on one line, or between """ and """ on several.'
        return Problem(f"{name}:{error.line}", error.what, remedy)
    tables: dict[str, dict[str, str]] = {}
    for exercise, table in data.items():
        if isinstance(table, dict):
            answers = {key.lower(): _as_text(value) for key, value in table.items()}
            tables.setdefault(exercise.lower(), {}).update(answers)
    return Answers(tables, name)


def find(sources: Sources, remarks: list[str], path: str | None = None) -> Answers | Problem:
    """The submission's answers; none at all is no problem."""
    paths = [path] if path else by_pattern(sources.visible, r"answers\.toml")
    if not paths:
        return Answers()
    chosen = one_of(sources, paths, "answers.toml", remarks, table="answers")
    if isinstance(chosen, Problem):
        return chosen
    text = sources.text(chosen)
    if text is None:
        return Problem(chosen, "cannot be read, or is far too long.")
    return parse(text, chosen)


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_as_text(each) for each in value[:100])
    if isinstance(value, dict):
        return ""
    return str(value)
