"""``topicmark course REPO``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from topicmark.course.checking import examine
from topicmark.course.findings import Finding
from topicmark.course.reports import baseline, fixing, sarif, screen
from topicmark.model import UsageError

NOTHING_FOUND, FOUND = 0, 1


def run(arguments: argparse.Namespace) -> int:
    """Check a course: 0 nothing found, 1 findings (2 and 3 are raised as ``UsageError`` and ``LabFault``)."""
    root: Path = arguments.repo
    findings = examine(root, arguments.exercises)
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
    screen.show(findings, console, root=str(root), accepted=accepted, verbose=arguments.verbose)
    return FOUND if findings else NOTHING_FOUND


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
