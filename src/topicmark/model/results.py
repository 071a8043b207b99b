"""What a run found: one result per task, and the run as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = "topicmark/results/1"


class Outcome(StrEnum):
    """How a task ended."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    """A task that this one needs failed, and without it there is nothing to judge. No points."""
    INFRA = "infra"
    """Our fault. Costs nothing: the task leaves the denominator and the run says that it is incomplete."""
    NOT_RUN = "not_run"
    """Not selected, or this backend cannot judge it. Leaves the denominator."""
    REVIEW = "review"
    """A human must read it. Never lowers the automatic score."""

    @property
    def counts(self) -> bool:
        """Whether the task's points belong to the denominator."""
        return self in (Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED)


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The verdict on one task. ``evidence`` is JSON-able data; ``remarks`` cost no points."""

    id: str
    exercise: str
    title: str
    outcome: Outcome
    points: int
    max_points: int
    expected: str = ""
    observed: str = ""
    hint: str = ""
    look: str = ""
    remarks: Sequence[str] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    duration_s: float = 0.0
    bonus: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.points <= self.max_points:
            raise ValueError(f"{self.id}: {self.points} points of {self.max_points}")
        if self.points and self.outcome not in (Outcome.PASSED, Outcome.FAILED):
            raise ValueError(f"{self.id}: {self.outcome} with {self.points} points")
        if self.outcome is Outcome.PASSED and self.points != self.max_points:
            raise ValueError(f"{self.id}: passed with {self.points} of {self.max_points} points")
        if self.outcome is not Outcome.PASSED and self.points == self.max_points:
            raise ValueError(f"{self.id}: {self.outcome} with full points")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of ours that broke: which service, what happened, its last log lines, what to do."""

    service: str
    reason: str
    log: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """One grading run. ``versions`` says what every part was; ``sandbox`` at which level programs ran; ``lab_start_s``
    how long it took until labs could be used that it started or reset, much of which is done beside other things."""

    submission: str
    backend: str
    tasks: Sequence[TaskResult]
    faults: Sequence[Fault] = ()
    remarks: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    sandbox: str = ""
    started_at: str = ""
    duration_s: float = 0.0
    finished: bool = False
    lab_start_s: float = 0.0

    @property
    def score(self) -> int:
        """Points earned, bonus included."""
        return sum(task.points for task in self.tasks)

    @property
    def max_score(self) -> int:
        """Points that could be earned in this run: tasks that were judged, bonus left out."""
        return sum(task.max_points for task in self.tasks if task.outcome.counts and not task.bonus)

    @property
    def lost(self) -> int:
        """Points of judged tasks that were not earned, bonus left out."""
        return sum(task.max_points - task.points for task in self.tasks if task.outcome.counts and not task.bonus)

    @property
    def could_be_graded(self) -> bool:
        """False if a task that was to be judged could not be, through a fault of ours."""
        return self.finished and not any(task.outcome is Outcome.INFRA for task in self.tasks)

    @property
    def is_empty(self) -> bool:
        """Whether the lab could judge nothing of what was asked for: no fault, and no grade either."""
        return all(task.outcome is Outcome.NOT_RUN for task in self.tasks)
