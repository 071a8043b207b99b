"""Repairs that are certain, as a diff and as new texts."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from topicmark.course.findings import Edit, Finding


def repaired(root: Path, findings: Sequence[Finding]) -> Mapping[str, tuple[str, str]]:
    """By path, the text of each file that changes, before and after. Line ends and everything else stay as they are."""
    edits: dict[str, list[Edit]] = defaultdict(list)
    for finding in findings:
        for edit in finding.edits:
            if edit not in edits[finding.path]:
                edits[finding.path].append(edit)
    changed: dict[str, tuple[str, str]] = {}
    for path, wanted in edits.items():
        before = (root / path).read_bytes().decode("utf-8", errors="surrogateescape")
        lines = before.splitlines(keepends=True)
        for edit in wanted:
            place = edit.line - 1
            if place < len(lines) and edit.old in lines[place]:
                lines[place] = lines[place].replace(edit.old, edit.new, 1)
        after = "".join(lines)
        if after != before:
            changed[path] = (before, after)
    return changed


def diff(changed: Mapping[str, tuple[str, str]]) -> str:
    """The changes as ``git diff`` would show them."""
    parts: list[str] = []
    for path, (before, after) in sorted(changed.items()):
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", n=1, lineterm=""
        )
        parts += lines
    return "\n".join(parts)


def write(root: Path, changed: Mapping[str, tuple[str, str]]) -> None:
    """Put the new texts in their files."""
    for path, (_, after) in changed.items():
        (root / path).write_bytes(after.encode("utf-8", errors="surrogateescape"))
