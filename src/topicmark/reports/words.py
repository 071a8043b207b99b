"""The words and marks that every report uses for the same thing."""

from __future__ import annotations

from collections.abc import Mapping

from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports.grouping import Exercise

MARKS: Mapping[Outcome, str] = {
    Outcome.PASSED: "\N{CHECK MARK}",
    Outcome.FAILED: "\N{BALLOT X}",
    Outcome.BLOCKED: "\N{BALLOT X}",
    Outcome.INFRA: "\N{BLACK UP-POINTING TRIANGLE}",
    Outcome.NOT_RUN: "\N{EN DASH}",
    Outcome.REVIEW: "?",
}
"""Told apart by shape, so that colour is only ever a help. Failed and blocked share one: both cost points."""

_WHY: Mapping[Outcome, str] = {
    Outcome.BLOCKED: "a task that this one needs failed, and without it there is nothing to judge",
    Outcome.INFRA: "something of the grader broke, not your work",
    Outcome.NOT_RUN: "not selected, or this lab cannot judge it",
    Outcome.REVIEW: "a human reads it",
}


_ASCII = str.maketrans(
    {
        **dict(zip(MARKS.values(), "+xx!-?", strict=True)),
        **dict(zip("…·│└╭╮╰╯─", "~-||++++-", strict=True)),
    }
)


def in_ascii(text: str) -> str:
    """``text`` for a terminal without Unicode: the marks by similar ones, one for one, anything else by ``?``."""
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def why_not_judged(task: TaskResult) -> str:
    """Why a blocked, infra, not_run or review task has no verdict: what the run says, or a general word."""
    return task.observed or _WHY.get(task.outcome, "")


def points_text(task: TaskResult) -> str:
    """``2 of 4``; ``+5 bonus`` for an earned bonus; a word where points were not given at all."""
    if task.outcome is Outcome.INFRA:
        return "not graded"
    if task.outcome is Outcome.NOT_RUN:
        return "not run"
    if task.outcome is Outcome.REVIEW:
        return "review"
    return f"+{task.points} bonus" if task.bonus else f"{task.points} of {task.max_points}"


def exercise_text(exercise: Exercise) -> str:
    """``8 of 12``; ``+5 bonus`` where there is nothing but bonus; a word where no task was judged."""
    if not exercise.was_judged:
        return "not graded"
    return f"+{exercise.points} bonus" if exercise.is_bonus else f"{exercise.points} of {exercise.max_points}"


def score_text(run: RunResult) -> str:
    """``Score 41 of 47``; ``Score 100 of 100 and 10 bonus`` if there is any, which is never part of the hundred."""
    bonus = sum(task.points for task in run.tasks if task.bonus)
    if not any(task.outcome.counts for task in run.tasks):
        return "No score: nothing was graded"
    if not run.max_score:
        return f"Score: {bonus} bonus"
    text = f"Score {run.score - bonus} of {run.max_score}"
    return f"{text} and {bonus} bonus" if bonus else text
