"""All checks over one repository."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from topicmark.course import plan
from topicmark.course.checks import (
    clocks,
    commands,
    deletions,
    fences,
    files,
    images,
    lifecycle,
    links,
    objects,
    pods,
    programs,
    schemas,
    spelling,
    streams,
    text,
    values,
    wiring,
)
from topicmark.course.findings import Finding, Severity
from topicmark.course.plan import Course
from topicmark.course.reading.repository import Repository

Check = Callable[[Course], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    commands.check, files.check, wiring.check, objects.check, lifecycle.check, images.check, schemas.check, pods.check,
    values.check, programs.check, streams.check, links.check, fences.check, text.check, spelling.check,
    clocks.check, deletions.check,
)  # fmt: skip
_ORDER = list(Severity)


def examine(root: Path, chosen: Sequence[Path] = ()) -> list[Finding]:
    """Every finding in a repository, by file and line; ``chosen`` are the folders or files in which they are wanted.

    Raises ``UsageError`` if there is nothing to check.
    """
    return judged(plan.read(Repository(root, chosen)))


def judged(course: Course) -> list[Finding]:
    """Every finding in a course that was read, by file and line."""
    found: dict[tuple[str, int, str, str], Finding] = {}
    for check in CHECKS:
        for finding in check(course):
            if course.repository.is_judged(finding.path):
                found.setdefault((finding.path, finding.line, finding.rule.id, finding.what), finding)
    return in_order(found.values())


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file, line and severity."""
    return sorted(findings, key=lambda each: (each.path, each.line, _ORDER.index(each.severity), each.rule.id))
