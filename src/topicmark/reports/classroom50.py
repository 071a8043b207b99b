"""classroom50's ``result.json`` (schema ``classroom50/result/v1``): integers, and never more than the maximum.

It cannot say that something was not graded: then there is none, and its runner, told by the exit code, reports an
error instead of a score. A bonus, which it has no place for either, is told beside the score and not added to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports.explanation import fitted, title, told
from topicmark.reports.grouping import by_exercise

FILE_NAME = "classroom50.json"
_MAX_BYTES = 1_000_000
_TAG = re.compile(r"submit/(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})Z-")


@dataclass(frozen=True, slots=True)
class HandIn:
    """Whose work it is, as the platform's runner tells an autograder in its environment; URLs are links for people."""

    classroom: str
    assignment: str
    owner: str
    submission: str
    """The tag ``submit/<UTC time>-<commit>``. The time in it is the hand-in's, and the same whenever it is graded."""
    commit: str
    release: str
    review: str
    is_group: bool = False

    @classmethod
    def told_by(cls, environ: Mapping[str, str]) -> HandIn | None:
        """None where no such runner is, or it tells no time of the hand-in."""
        names = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
        owner = environ.get("OWNER") or environ.get("USERNAME", "")
        if not owner or not all(environ.get(name) for name in names):
            return None
        if not _TAG.match(environ["SUBMISSION_TAG"]):
            return None
        return cls(
            classroom=environ["CLASSROOM"],
            assignment=environ["ASSIGNMENT"],
            owner=owner,
            submission=environ["SUBMISSION_TAG"],
            commit=environ["COMMIT_URL"],
            release=environ["RELEASE_URL"],
            review=environ.get("REVIEW_URL") or environ["COMMIT_URL"],
            is_group=environ.get("ASSIGNMENT_TYPE") == "group",
        )

    @property
    def at(self) -> str:
        """When it was handed in, UTC."""
        match = _TAG.match(self.submission)
        assert match is not None
        day, hour, minute, second = match.groups()
        return f"{day}T{hour}:{minute}:{second}Z"


def to_classroom50(run: RunResult, hand_in: HandIn) -> bytes | None:
    """The run as JSON of at most 1 MB; None for one that could not be graded or goes on still."""
    if not run.could_be_graded:
        return None
    return fitted(lambda longest: _bytes(run, hand_in, longest), _MAX_BYTES)


def _bytes(run: RunResult, hand_in: HandIn, longest: int) -> bytes:
    bonus = sum(task.points for task in run.tasks if task.bonus)
    document = {
        "schema": "classroom50/result/v1",
        "classroom": hand_in.classroom,
        "assignment": hand_in.assignment,
        "assignment_type": "group" if hand_in.is_group else "individual",
        "owner": hand_in.owner,
        "submission": hand_in.submission,
        "commit": hand_in.commit,
        "release": hand_in.release,
        "review": hand_in.review,
        "datetime": hand_in.at,
        "score": run.score - bonus,
        "max-score": run.max_score,
        "tests": [_test(task, longest) for exercise in by_exercise(run.tasks) for task in exercise.tasks],
    }
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode("ascii")


def _test(task: TaskResult, longest: int) -> dict[str, Any]:
    counts = task.outcome.counts and not task.bonus
    test = {
        "test-name": title(task),
        "passed": task.outcome is Outcome.PASSED,
        "score": task.points if counts else 0,
        "max-score": task.max_points if counts else 0,
        "verdict": str(task.outcome),
        "message": told(task, longest),
    }
    return {**test, "bonus": task.points} if task.bonus else test
