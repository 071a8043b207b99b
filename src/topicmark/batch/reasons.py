"""Why points were lost, over a whole class: what was seen, grouped with names and numbers masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from topicmark.batch.verdicts import State, Verdict
from topicmark.reports.grouping import lost_points
from topicmark.reports.text import clipped, one_line

_LONGEST = 240
_LONGEST_READ = 2000
"""Patterns look far ahead: on endless texts that would take endless time."""
_MASKS = (
    (re.compile(r"“[^”]*”|\"[^\"]*\"|`[^`]*`|(?<!\w)'[^']*'(?!\w)"), "“…”"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "ID"),
    (re.compile(r"\b[\w.-]+:\d{2,5}\b"), "ADDRESS"),
    (re.compile(r"(?<![\w/])(?:[\w.-]*/)+[\w.-]+"), "PATH"),
    (re.compile(r"\b[\w-]+\.(?:py|ya?ml|toml|sh|json|sql|ksql|conf|properties|java|txt)\b(?::\d+)?"), "FILE"),
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{6,}\b"), "NAME"),
    (re.compile(r"\d+(?:[.,]\d+)*"), "N"),
    (re.compile(r"\b(?:NAME|PATH|FILE|ADDRESS|ID|N)(?:, (?:NAME|PATH|FILE|ADDRESS|ID|N)\b)+"), "…"),
)
"""From the most to the least special: each sees what those before it have left."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that went wrong at ``task`` for the hand-ins ``names``. ``example`` is what was seen at the first."""

    task: str
    title: str
    masked: str
    example: str
    names: Sequence[str]


def masked(seen: str) -> str:
    """``lost 3 of 60: “a”, /x/y.py`` as ``lost N of N: “…”, PATH``."""
    text = one_line(clipped(seen, _LONGEST_READ))
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return clipped(text, _LONGEST)


def commonest(verdicts: Iterable[Verdict]) -> list[Reason]:
    """All reasons, those of most hand-ins first; those of few in the order of the tasks."""
    groups: dict[tuple[str, str], Reason] = {}
    for verdict in verdicts:
        if verdict.run is None or verdict.state is not State.GRADED:
            continue
        for task in lost_points(verdict.run.tasks):
            key = (task.id, masked(task.observed))
            before = groups.get(key)
            names = [*(before.names if before is not None else ()), verdict.name]
            example = before.example if before is not None else clipped(one_line(task.observed), _LONGEST)
            groups[key] = Reason(task.id, task.title, key[1], example, names)
    return sorted(groups.values(), key=lambda reason: -len(reason.names))
