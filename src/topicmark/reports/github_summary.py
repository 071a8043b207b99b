"""``github.md``: the summary of a job on GitHub Actions (``$GITHUB_STEP_SUMMARY``).

What comes from a submission stands in ``<pre>``, where GitHub's Markdown takes neither marks nor mentions nor links,
with HTML's own characters escaped; titles and names that stand in tables are escaped for both.
"""

from __future__ import annotations

import html
import re

from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports.explanation import explanation, fitted, reasons_ungraded, verdict_words
from topicmark.reports.grouping import Exercise, by_exercise
from topicmark.reports.text import clipped, one_line, visible
from topicmark.reports.words import MARKS, exercise_text, points_text, score_text, why_not_judged

FILE_NAME = "github.md"
_MAX_BYTES = 1_000_000
"""GitHub drops a step's summary of more than 1024 KiB; the rest is left to other commands of the step."""
_LONGEST_NAME = 200
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>:@/$^=])")


def to_summary(run: RunResult) -> bytes:
    """The run as GitHub Flavored Markdown, UTF-8, at most 1,000,000 bytes: score, a table, and what lost points."""
    return fitted(lambda longest: _text(run, longest).encode("utf-8"), _MAX_BYTES)


def _text(run: RunResult, longest: int) -> str:
    exercises = by_exercise(run.tasks)
    blocks = [f"## Topicmark: {_inline(score_text(run))}"]
    blocks += [f"**{_inline(reason)}**" for reason in reasons_ungraded(run)]
    blocks.append(f"{_inline(run.submission)}, on the {_inline(run.backend)} lab")
    if exercises:
        rows = [row for exercise in exercises for row in _rows(exercise)]
        blocks.append("\n".join(["| | task | points |", "|---|---|---|", *rows]))
    explained = [task for exercise in exercises for task in exercise.tasks if _needs_words(task)]
    blocks += [block for task in explained for block in _details(task, longest)]
    if run.remarks:
        blocks.append(_pre("\n".join(f"· {clipped(remark, longest)}" for remark in run.remarks)))
    return "\n\n".join(blocks) + "\n"


def _rows(exercise: Exercise) -> list[str]:
    of_exercise = f"| | **{exercise.id}** | **{_inline(exercise_text(exercise))}** |"
    tasks = [
        f"| {MARKS[task.outcome]} | {_inline(task.id)} {_inline(task.title)} | {_inline(points_text(task))} |"
        for task in exercise.tasks
    ]
    return [of_exercise, *tasks]


def _needs_words(task: TaskResult) -> bool:
    return task.outcome is not Outcome.PASSED or bool(task.remarks)


def _details(task: TaskResult, longest: int) -> list[str]:
    if task.outcome in (Outcome.PASSED, Outcome.FAILED):
        text = explanation(task, longest)
    else:
        text = f"{verdict_words(task)}: {clipped(why_not_judged(task), longest)}"
    text = "\n".join([text, *(f"Remark: {clipped(remark, longest)}" for remark in task.remarks)])
    name = html.escape(one_line(clipped(f"{task.id} {task.title}", _LONGEST_NAME)))
    opening = f"<details><summary>{MARKS[task.outcome]} <code>{name}</code></summary>"
    return [opening, _pre(text), "</details>"]


def _pre(text: str) -> str:
    return f"<pre>\n{html.escape(visible(text))}\n</pre>"


def _inline(text: str) -> str:
    shown = html.escape(one_line(clipped(text, _LONGEST_NAME)), quote=False)
    return re.sub(r"&(?:amp|lt|gt);|" + _MARKDOWN.pattern, lambda m: f"\\{m[1]}" if m[1] else m[0], shown)
