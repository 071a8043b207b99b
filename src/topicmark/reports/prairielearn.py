"""PrairieLearn's ``/grade/results/results.json`` (its documentation, "External Grading").

A run that could not be graded is ``gradable: false``: it costs neither points nor one of the student's attempts.
"""

from __future__ import annotations

import json
from typing import Any

from topicmark.model import RunResult, TaskResult
from topicmark.reports.explanation import fitted, reasons_ungraded, state, title, told
from topicmark.reports.grouping import by_exercise

FILE_NAME = "prairielearn.json"
_MAX_BYTES = 240_000
"""A larger one does not travel with the message that tells of it; from 1 MB on it is refused."""


def to_prairielearn(run: RunResult) -> bytes:
    """The run as JSON of at most 240 kB. ``score`` is the share of the maximum, at most 1: a bonus makes up for lost
    points and adds no more. Every test has points: one without would hide those of all; a maximum of 0 is neutral."""
    return fitted(lambda longest: _bytes(run, longest), _MAX_BYTES)


def _bytes(run: RunResult, longest: int) -> bytes:
    reasons = reasons_ungraded(run)
    if not run.max_score:
        reasons = reasons or ["Nothing was graded."]
    document: dict[str, Any] = {"gradable": not reasons, "message": state(run)}
    if reasons:
        document["format_errors"] = reasons
    else:
        document["score"] = min(1.0, run.score / run.max_score)
    document["tests"] = [_test(task, longest) for exercise in by_exercise(run.tasks) for task in exercise.tasks]
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode("ascii")


def _test(task: TaskResult, longest: int) -> dict[str, Any]:
    return {
        "name": title(task),
        "points": task.points,
        "max_points": task.max_points if task.outcome.counts and not task.bonus else 0,
        "message": told(task, longest),
    }
