"""``grade.csv``: one line for a learning management system's import, under a line of names.

A cell that a spreadsheet would take for a formula is preceded by an apostrophe; a score that was not found out is
an empty cell, which imports leave as it is, and never a 0.
"""

from __future__ import annotations

import csv
import io

from topicmark.model import RunResult
from topicmark.reports.explanation import reasons_ungraded
from topicmark.reports.grouping import by_exercise, lost_points
from topicmark.reports.text import clipped, one_line

FILE_NAME = "grade.csv"
_LONGEST_FEEDBACK = 1000
_LONGEST_NAME = 200
_FORMULA = ("=", "+", "-", "@", "|", "%")


def to_csv(run: RunResult) -> bytes:
    """UTF-8, two lines that end in CR LF: submission, state, score, max_score, bonus (part of score), feedback, then
    the points of each task under its id, empty for those without a verdict."""
    tasks = [task for exercise in by_exercise(run.tasks) for task in exercise.tasks]
    graded = run.could_be_graded and bool(run.max_score or run.score)
    bonus = sum(task.points for task in tasks if task.bonus)
    names = ["submission", "state", "score", "max_score", "bonus", "feedback", *(task.id for task in tasks)]
    values = [
        cell(run.submission, _LONGEST_NAME),
        "graded" if graded else "not graded",
        str(run.score) if graded else "",
        str(run.max_score) if graded else "",
        str(bonus) if graded else "",
        cell(_feedback(run), _LONGEST_FEEDBACK),
        *(str(task.points) if task.outcome.counts else "" for task in tasks),
    ]
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([names, values])
    return text.getvalue().encode("utf-8")


def _feedback(run: RunResult) -> str:
    if reasons := reasons_ungraded(run):
        return " ".join(reasons)
    return "; ".join(
        f"{task.id} {task.points} of {task.max_points}: {task.observed}" for task in lost_points(run.tasks)
    )


def cell(text: str, longest: int) -> str:
    """``text`` on one line, at most ``longest`` characters of it, that no spreadsheet takes for a formula."""
    shown = one_line(clipped(text, longest))
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
