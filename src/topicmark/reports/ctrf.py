"""``ctrf.json``, the Common Test Report Format 1.0: tasks are tests, exercises suites, milliseconds integers."""

from __future__ import annotations

import datetime
import json
import uuid
from collections import Counter
from typing import Any

import topicmark
from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports.explanation import fitted, title, told
from topicmark.reports.grouping import by_exercise
from topicmark.reports.text import clipped, one_line, visible

FILE_NAME = "ctrf.json"
_MAX_BYTES = 4_000_000
_LONGEST_FACT = 300
_TASKS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:topicmark:tasks")
_STATUS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.BLOCKED: "failed",  # it costs points
    Outcome.INFRA: "other",
    Outcome.NOT_RUN: "skipped",
    Outcome.REVIEW: "pending",
}


def to_ctrf(run: RunResult) -> bytes:
    """The run as JSON. What broke on our side is ``other`` and makes the environment unhealthy; our own word for an
    outcome is the ``rawStatus``, points are in ``extra``. An unknown start is 0."""
    return fitted(lambda longest: _bytes(run, longest), _MAX_BYTES)


def _bytes(run: RunResult, longest: int) -> bytes:
    exercises = by_exercise(run.tasks)
    counts = Counter(_STATUS[task.outcome] for task in run.tasks)
    start_ms, took_ms = _epoch_ms(run.started_at), _ms(run.duration_s)
    document = {
        "reportFormat": "CTRF",
        "specVersion": "1.0.0",
        "generatedBy": "topicmark",
        "results": {
            "tool": {"name": "topicmark", "version": topicmark.__version__},
            "summary": {
                "tests": len(run.tasks),
                **{status: counts[status] for status in ("passed", "failed", "skipped", "pending", "other")},
                "suites": len(exercises),
                "start": start_ms,
                "stop": start_ms + took_ms,
                "duration": took_ms,
                "extra": {"points": run.score, "max_points": run.max_score},
            },
            "tests": [_test(task, longest) for exercise in exercises for task in exercise.tasks],
            "environment": {
                "testEnvironment": _fact(run.backend),
                "healthy": not run.faults and not any(task.outcome is Outcome.INFRA for task in run.tasks),
                "extra": {
                    "submission": _fact(run.submission),
                    "sandbox": _fact(run.sandbox),
                    "finished": run.finished,
                    "versions": {_fact(part): _fact(version) for part, version in run.versions.items()},
                    "faults": [_fact(f"{fault.service}: {fault.reason}") for fault in run.faults],
                    "remarks": [_fact(remark) for remark in run.remarks],
                },
            },
        },
    }
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode("ascii")


def _test(task: TaskResult, longest: int) -> dict[str, Any]:
    test: dict[str, Any] = {
        "id": str(uuid.uuid5(_TASKS, task.id)),
        "name": title(task),
        "status": _STATUS[task.outcome],
        "rawStatus": str(task.outcome),
        "duration": _ms(task.duration_s),
        "suite": [task.exercise],
        "tags": [task.exercise, *(["bonus"] if task.bonus else [])],
        "extra": {
            "task": task.id,
            "points": task.points,
            "max_points": task.max_points,
            "bonus": task.bonus,
            "hint": visible(clipped(task.hint, longest)),
            "remarks": [visible(clipped(remark, longest)) for remark in task.remarks],
        },
    }
    if task.outcome is not Outcome.PASSED:
        test["message"] = told(task, longest)
    return test


def _fact(text: str) -> str:
    return one_line(clipped(text, _LONGEST_FACT))


def _ms(duration_s: float) -> int:
    return max(0, round(duration_s * 1000))


def _epoch_ms(started_at: str) -> int:
    try:
        moment = datetime.datetime.fromisoformat(started_at)
    except ValueError:
        return 0
    return round(moment.timestamp() * 1000) if moment.tzinfo else 0
