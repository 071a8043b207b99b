"""``class.csv`` and ``review.csv``: for spreadsheets. No cell acts as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from topicmark.batch.hand_ins import HandIn
from topicmark.batch.verdicts import State, Verdict
from topicmark.model import TaskResult
from topicmark.reports.grouping import by_exercise
from topicmark.reports.lms_csv import cell

_LONGEST = 1000
_LONGEST_ANSWER = 10_000


def tasks_of(verdicts: Iterable[Verdict]) -> list[TaskResult]:
    """Each task that anybody was graded in, once, in the order of the exercise text."""
    tasks = {task.id: task for verdict in verdicts if verdict.run is not None for task in verdict.run.tasks}
    return [task for exercise in by_exercise(tasks.values()) for task in exercise.tasks]


def class_csv(verdicts: Sequence[Verdict]) -> bytes:
    """UTF-8, a line for each student below one of names: submission, state, score, max_score, bonus (part of score),
    identical_to, reason, then points by task. What was not found out is an empty cell, never a 0."""
    tasks = [task.id for task in tasks_of(verdicts)]
    names = ["submission", "state", "score", "max_score", "bonus", "identical_to", "reason", *tasks]
    return _table([names, *(_row(verdict, tasks) for verdict in verdicts)])


def _row(verdict: Verdict, tasks: Sequence[str]) -> list[str]:
    run = verdict.run
    results = {task.id: task for task in run.tasks} if run is not None else {}
    whole = run is not None and verdict.state is State.GRADED and bool(run.max_score or run.score)
    scores = ["", "", ""]
    if run is not None and whole:
        bonus = sum(task.points for task in run.tasks if task.bonus)
        scores = [str(run.score), str(run.max_score), str(bonus)]
    points = [str(results[name].points) if name in results and results[name].outcome.counts else "" for name in tasks]
    told = [cell(verdict.twin_of, _LONGEST), cell(verdict.reason, _LONGEST)]
    return [cell(verdict.name, _LONGEST), str(verdict.state), *scores, *told, *points]


def review_csv(hand_ins: Iterable[HandIn]) -> bytes:
    """What students say in ``answers.toml``, a line for each answer: submission, exercise, question, answer, and two
    empty cells for whoever reads it: points, comment."""
    rows = [
        [cell(one.name, _LONGEST), cell(exercise, _LONGEST), cell(key, _LONGEST), cell(text, _LONGEST_ANSWER), "", ""]
        for one in hand_ins
        for exercise, answers in sorted(one.answers.items())
        for key, text in answers.items()
        if text.strip()
    ]
    return _table([["submission", "exercise", "question", "answer", "points", "comment"], *rows])


def _table(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode("utf-8")
