"""Gradescope's ``results.json`` (Autograder Specifications, "Output format").

The platform knows no "could not be graded": a task that has no verdict carries no score of its own there, so that it
shows no lost points, and says in its output why. The sum of the scores is the score; bonus tasks have a maximum of 0.
"""

from __future__ import annotations

import json
from typing import Any

from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports.explanation import fitted, state, title, told
from topicmark.reports.grouping import by_exercise

FILE_NAME = "gradescope.json"
_MAX_BYTES = 1_000_000


def to_gradescope(run: RunResult) -> bytes:
    """The run so far, as UTF-8 JSON of at most 1 MB; points are integers, ``execution_time`` whole seconds."""
    return fitted(lambda longest: _bytes(run, longest), _MAX_BYTES)


def _bytes(run: RunResult, longest: int) -> bytes:
    document = {
        "score": run.score,
        "execution_time": max(0, round(run.duration_s)),
        "output": state(run),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"max_score": run.max_score, "finished": run.finished, "graded": run.could_be_graded},
        "tests": [_test(task, longest) for exercise in by_exercise(run.tasks) for task in exercise.tasks],
    }
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode("ascii")


def _test(task: TaskResult, longest: int) -> dict[str, Any]:
    test: dict[str, Any] = {
        "number": task.id.removeprefix("ex"),
        "name": title(task),
        "output": told(task, longest),
        "tags": [task.exercise],
        "visibility": "visible",
        "extra_data": {"task": task.id, "verdict": str(task.outcome)},
    }
    if task.outcome.counts:
        test |= {
            "score": task.points,
            "max_score": 0 if task.bonus else task.max_points,
            "status": "passed" if task.outcome is Outcome.PASSED else "failed",
        }
    return test
