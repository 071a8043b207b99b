"""How a test ended → the outcome of its task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topicmark.model import Fault, LabFault, Outcome, Task, TaskResult, Unable
from topicmark.scoring.expect import Blocked, NotJudged, Unmet
from topicmark.waiting import WaitExpired


def verdict(
    task: Task,
    error: BaseException | None,
    *,
    faults: Sequence[Fault],
    overused: str = "",
    duration_s: float,
    evidence: Mapping[str, Any],
    remarks: Sequence[str],
) -> tuple[TaskResult, Fault | None]:
    """The result of ``task``, and the fault of ours that spoilt it, if any.

    ``error`` is what the test raised. ``faults`` are the lab's during the test: with any of them nothing that is
    missing can be held against the student, so what is not ``passed`` becomes ``infra``. An exception that is
    neither an expectation nor a known fault is a bug of ours, and ``infra`` too. ``overused`` says what the submission
    used up of its lab: whatever broke then broke by its doing, and is no fault of ours.
    """

    def result(outcome: Outcome, points: int, expected: str = "", observed: str = "", **more: Any) -> TaskResult:
        return TaskResult(
            id=task.id,
            exercise=task.exercise,
            title=task.title,
            outcome=outcome,
            points=points,
            max_points=task.points,
            expected=expected,
            observed=observed,
            hint=task.hint if outcome in (Outcome.FAILED, Outcome.BLOCKED) else "",
            look=task.look if outcome in (Outcome.FAILED, Outcome.BLOCKED) else "",
            remarks=tuple(remarks),
            evidence=more.get("evidence", evidence),
            duration_s=round(duration_s, 3),
            bonus=task.bonus,
        )

    if error is None:
        return result(Outcome.PASSED, task.points), None
    if isinstance(error, (NotJudged, Unable)):
        return result(Outcome.NOT_RUN, 0, observed=str(error)), None
    if overused:
        points = error.points if isinstance(error, Unmet) else 0
        return result(
            Outcome.FAILED, points, "programs that leave the lab room", f"the lab is used up: {overused}"
        ), None
    fault = _told_by(error) or (faults[0] if faults else None) or _unexplained(error)
    if fault is not None:
        return result(Outcome.INFRA, 0, observed=f"{fault.service}: {fault.reason}"), fault
    if isinstance(error, Blocked):
        return result(Outcome.BLOCKED, 0, expected=f"{error.needs} to be there", observed=error.why), None
    assert isinstance(error, Unmet)
    merged = {**evidence, **error.evidence}
    return result(Outcome.FAILED, error.points, error.expected, error.observed, evidence=merged), None


def _told_by(error: BaseException) -> Fault | None:
    return Fault(error.service, error.reason, error.log, error.remedy) if isinstance(error, LabFault) else None


def _unexplained(error: BaseException) -> Fault | None:
    """What has no reason that anybody knows of."""
    if isinstance(error, (Unmet, Blocked)):
        return None
    if isinstance(error, WaitExpired):
        return Fault("lab", str(error), remedy="The machine may be overloaded. Run again; it costs no points.")
    return Fault(
        "grader",
        f"{type(error).__name__}: {error}",
        remedy="This is a bug of Topicmark. Please report it with results.json; it costs no points.",
    )
