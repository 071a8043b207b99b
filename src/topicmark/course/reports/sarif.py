"""SARIF 2.1.0 (OASIS), as code review on GitHub reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import topicmark
from topicmark.course.findings import Finding, Severity, rules
from topicmark.course.reports.baseline import fingerprint

_LEVELS = {Severity.BLOCKS: "error", Severity.MISLEADS: "warning", Severity.COSMETIC: "note"}
_MOST = 5000
"""GitHub shows no more of a run."""


def text(findings: Sequence[Finding]) -> str:
    """One run with these findings; paths relative to the repository, fingerprints that survive moved lines."""
    shown = sorted(findings, key=lambda each: list(Severity).index(each.severity))[:_MOST]
    used = sorted({finding.rule.id for finding in shown})
    driver = {
        "name": "topicmark course",
        "version": topicmark.__version__,
        "rules": [_rule(name) for name in used],
    }
    seen: dict[str, int] = {}
    results = []
    for finding in shown:
        key = fingerprint(finding)
        seen[key] = seen.get(key, 0) + 1
        results.append(_result(finding, used.index(finding.rule.id), f"{key}:{seen[key]}"))
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The course repository."}}},
        "results": results,
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def _rule(name: str) -> dict[str, Any]:
    rule = rules()[name]
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why} Proof: {rule.proof}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["course", rule.severity.value]},
    }


def _result(finding: Finding, index: int, key: str) -> dict[str, Any]:
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "kind": "fail",
        "message": {"text": f"{finding.what}. {finding.why} Fix: {finding.remedy} (Proof: {finding.proof})"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.path), "uriBaseId": "ROOT"},
                    "region": {"startLine": max(finding.line, 1)},
                }
            }
        ],
        "partialFingerprints": {"topicmarkCourse/v1": key},
    }


def _uri(path: str) -> str:
    return path.replace("%", "%25").replace(" ", "%20").replace("#", "%23").replace("?", "%3F")
