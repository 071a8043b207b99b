"""What GitHub Actions reads from a step: annotations, GitHub Classroom's notices, and a result for its reporter.

A run that could not be graded tells Classroom no points, so that what it had stays.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports.explanation import fitted, reasons_ungraded, title, told
from topicmark.reports.grouping import by_exercise, lost_points
from topicmark.reports.text import clipped, one_line, visible

FILE_NAME = "github-classroom.json"
_MOST_ANNOTATIONS = 10
"""Of one kind in a step; GitHub drops those that follow."""
_LONGEST_MESSAGE = 500
_MAX_BYTES = 90_000
"""It travels in one environment variable, in Base64; Linux allows 128 KiB."""


def to_classroom(run: RunResult) -> bytes:
    """The result for Classroom's grading reporter, JSON of at most 90 kB; the reporter's total is the sum of
    ``tests[].score``, its maximum ``max_score``. Bonus tasks that were not earned are left out: nothing failed."""
    return fitted(lambda longest: _payload(run, longest), _MAX_BYTES, (_LONGEST_MESSAGE, 100, 30))


def to_output(run: RunResult) -> str:
    """``result`` as the reporter expects it of a step: Base64 on one line."""
    return base64.b64encode(to_classroom(run)).decode("ascii")


def to_commands(run: RunResult) -> str:
    """Workflow commands, one a line: an error for each task that lost points, a warning for each that could not be
    graded, ten of a kind at most, and last the two notices that Classroom reads."""
    errors = [_command("error", title(task), told(task, _LONGEST_MESSAGE)) for task in lost_points(run.tasks)]
    spoilt = [task for task in run.tasks if task.outcome is Outcome.INFRA]
    warnings = [_command("warning", title(task), told(task, _LONGEST_MESSAGE)) for task in spoilt]
    if not spoilt and (reasons := reasons_ungraded(run)):
        warnings.append(_command("warning", "Topicmark", " ".join(reasons)))
    lines = [*_capped("error", errors), *_capped("warning", warnings)]
    if run.could_be_graded and run.max_score:
        report = {"totalPoints": run.score, "maxPoints": run.max_score}
        lines.append(_command("notice", "Autograding complete", f"Points {run.score}/{run.max_score}"))
        lines.append(_command("notice", "Autograding report", json.dumps(report, separators=(",", ":"))))
    return "".join(f"{line}\n" for line in lines)


def _payload(run: RunResult, longest: int) -> bytes:
    tasks = [task for exercise in by_exercise(run.tasks) for task in exercise.tasks]
    told_of = [task for task in tasks if not task.bonus or task.points]
    status = "error" if not run.could_be_graded else "fail" if run.lost else "pass"
    document = {
        "version": 3,
        "status": status,
        "max_score": run.max_score if run.could_be_graded else 0,
        "message": clipped(" ".join(reasons_ungraded(run)), _LONGEST_MESSAGE),
        "tests": [_test(task, longest) for task in told_of if task.outcome.counts or task.outcome is Outcome.INFRA],
    }
    return json.dumps(document, allow_nan=False).encode("ascii")


def _test(task: TaskResult, longest: int) -> dict[str, Any]:
    statuses = {Outcome.PASSED: "pass", Outcome.INFRA: "error"}
    return {
        "name": title(task),
        "status": statuses.get(task.outcome, "fail"),
        "score": task.points,
        "message": "" if task.outcome is Outcome.PASSED else clipped(told(task, longest), _LONGEST_MESSAGE),
        "test_code": "",
        "task_id": task.id,
        "filename": "",
        "line_no": 0,
        "duration": max(0, round(task.duration_s * 1000)),
    }


def _capped(kind: str, commands: list[str]) -> list[str]:
    if len(commands) <= _MOST_ANNOTATIONS:
        return commands
    kept = commands[: _MOST_ANNOTATIONS - 1]
    return [*kept, _command(kind, "Topicmark", f"and {len(commands) - len(kept)} more; see the summary of the job")]


def _command(kind: str, name: str, message: str) -> str:
    """A workflow command: in its message %, CR and LF are escaped, in its properties also colon and comma."""
    return f"::{kind} title={_property(one_line(name))}::{_data(visible(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
