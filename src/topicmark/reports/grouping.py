"""The tasks of a run by exercise, in the order of the exercise text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from topicmark.model import Outcome, TaskResult

_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Exercise:
    """The results of one exercise. ``id`` is ``ex5``."""

    id: str
    tasks: Sequence[TaskResult]

    @property
    def points(self) -> int:
        """Points earned, bonus included."""
        return sum(task.points for task in self.tasks)

    @property
    def max_points(self) -> int:
        """Points that could be earned: judged tasks, bonus left out."""
        return sum(task.max_points for task in self.tasks if task.outcome.counts and not task.bonus)

    @property
    def was_judged(self) -> bool:
        """Whether any task of the exercise got a verdict."""
        return any(task.outcome.counts for task in self.tasks)

    @property
    def is_bonus(self) -> bool:
        """Whether there is nothing but bonus to earn."""
        return all(task.bonus for task in self.tasks)

    @property
    def was_run(self) -> bool:
        """Whether any task of the exercise was to be judged."""
        return any(task.outcome is not Outcome.NOT_RUN for task in self.tasks)


def by_exercise(tasks: Iterable[TaskResult]) -> list[Exercise]:
    """Exercises and their tasks by number: ``ex2`` before ``ex10``, ``ex5.2`` before ``ex5.10``."""
    groups: dict[str, list[TaskResult]] = {}
    for task in sorted(tasks, key=lambda task: _by_number(task.id)):
        groups.setdefault(task.exercise, []).append(task)
    return [Exercise(name, tuple(groups[name])) for name in sorted(groups, key=_by_number)]


def lost_points(tasks: Iterable[TaskResult]) -> list[TaskResult]:
    """The judged tasks that cost points, in order. Bonus tasks cost nothing."""
    return [
        task
        for exercise in by_exercise(tasks)
        for task in exercise.tasks
        if task.outcome.counts and not task.bonus and task.points < task.max_points
    ]


def _by_number(name: str) -> tuple[list[int], str]:
    return [int(digits) for digits in _NUMBER.findall(name)], name
