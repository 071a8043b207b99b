"""Findings that were looked at and accepted: a file that hides them until what they are about changes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from topicmark.course.findings import Finding
from topicmark.model import UsageError

SCHEMA = "topicmark/course-baseline/1"


def fingerprint(finding: Finding) -> str:
    """What a finding is known by, wherever in its file it moves: rule, file and words, without line numbers."""
    words = "".join(char for char in finding.what if not char.isdigit())
    return hashlib.sha256(f"{finding.rule.id}\n{finding.path}\n{words}".encode()).hexdigest()[:16]


def read(path: Path) -> Counter[str]:
    """How many of each fingerprint are accepted. Raises ``UsageError`` for a file that is no baseline."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise UsageError(f"{path}: is a baseline of another version. Write it anew with --write-baseline.")
        return Counter(str(entry["fingerprint"]) for entry in data["accepted"])
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file. Write it with --write-baseline.") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path}: is no baseline. Write it anew with --write-baseline.") from None


def text(findings: Iterable[Finding]) -> str:
    """The file that accepts these findings."""
    accepted = [
        {"fingerprint": fingerprint(each), "rule": each.rule.id, "file": each.path, "what": each.what, "reason": ""}
        for each in findings
    ]
    return json.dumps({"schema": SCHEMA, "accepted": accepted}, indent=1, ensure_ascii=False) + "\n"


def without(findings: Sequence[Finding], accepted: Counter[str]) -> list[Finding]:
    """The findings that are not accepted: of several that are alike, as many are hidden as are accepted."""
    left = Counter(accepted)
    kept: list[Finding] = []
    for finding in findings:
        key = fingerprint(finding)
        if left[key] > 0:
            left[key] -= 1
        else:
            kept.append(finding)
    return kept
