"""``topicmark course REPO``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from topicmark.course import plan
from topicmark.course.checking import examine, in_order, judged
from topicmark.course.findings import Finding, Severity
from topicmark.course.plan import Course
from topicmark.course.reading.repository import Repository
from topicmark.course.replay import Replayed
from topicmark.course.reports import baseline, fixing, sarif, screen, steps
from topicmark.model import UsageError

NOTHING_FOUND, FOUND = 0, 1
Replay = Callable[[Course], tuple[list[Replayed], list[Finding]]]


def run(arguments: argparse.Namespace, replay: Replay | None = None) -> int:
    """Check a course: 0 nothing found, 1 findings (2 and 3 are raised as ``UsageError`` and ``LabFault``).

    With ``replay`` it is carried out as well, and what that finds is added.
    """
    root: Path = arguments.repo
    if replay is not None and arguments.fix:
        raise UsageError("--replay carries out the course as it is: give --fix first, and --replay afterwards.")
    course = plan.read(Repository(root, arguments.exercises))
    findings = judged(course)
    carried_out: list[Replayed] = []
    if replay is not None:
        carried_out, more = replay(course)
        findings = in_order([*findings, *_news(more, findings)])
    if arguments.write_baseline:
        _write(arguments.write_baseline, baseline.text(findings))
        print(f"{arguments.write_baseline}: {len(findings)} findings accepted. Give a reason for each.")  # noqa: T201
        return NOTHING_FOUND
    before = len(findings)
    if arguments.baseline:
        findings = baseline.without(findings, baseline.read(arguments.baseline))
    accepted = before - len(findings)
    if arguments.fix and _fixed(root if root.is_dir() else root.parent, findings, sure=arguments.yes):
        findings = examine(root, arguments.exercises)
        if arguments.baseline:
            findings = baseline.without(findings, baseline.read(arguments.baseline))
    if arguments.sarif:
        _write(arguments.sarif, sarif.text(findings))
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    if replay is not None:
        steps.show(carried_out, console)
    screen.show(findings, console, root=str(root), accepted=accepted, verbose=arguments.verbose)
    return FOUND if findings else NOTHING_FOUND


def _news(more: list[Finding], known: list[Finding]) -> list[Finding]:
    """What carrying out found that reading did not: of one line the reason is said once."""
    places = {each.place for each in known if each.severity is Severity.BLOCKS}
    return [each for each in more if each.place not in places]


def _fixed(root: Path, findings: list[Finding], *, sure: bool) -> bool:
    """Show what would change, ask, and change it; whether anything was changed."""
    changed = fixing.repaired(root, findings)
    if not changed:
        print("Nothing can be repaired with certainty.")  # noqa: T201
        return False
    print(fixing.diff(changed))  # noqa: T201
    if not sure:
        if not sys.stdin.isatty():
            raise UsageError("--fix asks before it writes, and there is nobody to ask. Add --yes to go on.")
        if input(f"Write these changes to {len(changed)} files? [y/N] ").strip().lower() not in ("y", "yes"):
            return False
    fixing.write(root, changed)
    return True


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}). Name another file.") from None
