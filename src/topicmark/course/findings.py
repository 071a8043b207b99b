"""What is wrong with a course, as data. Titles, reasons and ways of proof stand in ``tables/rules.toml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from topicmark.course import tables


class Severity(StrEnum):
    """How much a finding costs the class."""

    BLOCKS = "blocks"
    """A step that a student follows to the letter fails."""
    MISLEADS = "misleads"
    """The step works, or may, but something else happens than what is said."""
    COSMETIC = "cosmetic"
    """It only looks wrong."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of fault. ``why`` says what happens to the reader, ``proof`` how a finding of this kind is proven."""

    id: str
    severity: Severity
    title: str
    why: str
    proof: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A repair that is certain: on ``line`` (from 1), the first ``old`` becomes ``new``."""

    line: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: ``path`` relative to the repository with ``/``, ``line`` from 1; ``what`` fails, ``remedy`` in words.

    ``edits`` is the repair if it is certain, and empty if somebody has to decide. ``why`` and ``proof`` are the rule's
    unless this one knows better.
    """

    rule: Rule
    path: str
    line: int
    what: str
    remedy: str
    severity: Severity
    why: str
    proof: str
    edits: tuple[Edit, ...] = ()

    @property
    def place(self) -> str:
        """``path:line``."""
        return f"{self.path}:{self.line}"


@functools.cache
def rules() -> Mapping[str, Rule]:
    """All rules, by id."""
    return {
        name: Rule(name, Severity(each["severity"]), each["title"], each["why"], each["proof"])
        for name, each in tables.load("rules").items()
    }


def found(
    rule: str,
    path: str,
    line: int,
    what: str,
    remedy: str,
    *edits: Edit,
    severity: Severity | None = None,
    why: str = "",
    proof: str = "",
) -> Finding:
    """A finding of the rule with that id."""
    kind = rules()[rule]
    return Finding(
        kind, path, line, what, remedy, severity or kind.severity, why or kind.why, proof or kind.proof, edits
    )
