"""``class.html``: what a teacher reads of a whole class, in one file that needs no network and no script."""

from __future__ import annotations

import importlib.resources
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from topicmark.batch import reasons
from topicmark.batch.tables import tasks_of
from topicmark.batch.verdicts import State, Verdict
from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports import page
from topicmark.reports.words import MARKS, score_text

FILE_NAME = "class.html"
_BINS = 10
_MOST_REASONS = 40
_MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class _Cell:
    """One task of one hand-in: how it is coloured, shown, and read out."""

    kind: str
    shown: str
    told: str


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    link: str
    state: str
    score: str
    duration_s: float | None
    cells: Sequence[_Cell]


@dataclass(frozen=True, slots=True)
class _Column:
    """A task: ``passed`` of ``judged`` hand-ins have it in full, ``lost_percent`` of its points were lost."""

    id: str
    title: str
    passed: int
    judged: int
    lost_percent: int


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    count: int
    percent: int


def to_html(verdicts: Sequence[Verdict], left_out: Sequence[str] = ()) -> bytes:
    """The class in UTF-8; ``left_out`` are files beside the hand-ins that are none. The same gives the same bytes."""
    tasks = tasks_of(verdicts)
    graded = [(one, one.run) for one in verdicts if one.state is State.GRADED and one.run is not None]
    durations_s = [run.duration_s for one, run in graded if not one.twin_of]
    text = page.template(importlib.resources.files(__package__).joinpath("class.html.j2").read_text("utf-8")).render(
        css=page.stylesheet(),
        total=len(verdicts),
        graded=len(graded),
        rows=[_row(verdict, tasks) for verdict in verdicts],
        columns=[_column(task, [run for _, run in graded]) for task in tasks],
        bars=_bars([run for _, run in graded]),
        median=_median_score([run for _, run in graded]),
        median_s=statistics.median(durations_s) if durations_s else None,
        longest_s=max(durations_s, default=None),
        reasons=reasons.commonest(verdicts)[:_MOST_REASONS],
        most_names=_MOST_NAMES,
        twins=_twins(verdicts),
        faults=[one for one in verdicts if one.state is State.FAULT],
        refused=[one for one in verdicts if one.state is State.REFUSED],
        left_out=left_out,
        marks=MARKS,
        link=_link,
    )
    return text.encode("utf-8", "replace")


def _link(name: str) -> str:
    return f"{quote(name, errors='replace')}/{page.FILE_NAME}"


def _row(verdict: Verdict, tasks: Sequence[TaskResult]) -> _Row:
    run = verdict.run
    results = {task.id: task for task in run.tasks} if run is not None else {}
    is_graded = verdict.state is State.GRADED and run is not None
    return _Row(
        verdict.name,
        _link(verdict.name) if is_graded else "",
        str(verdict.state),
        score_text(run).removeprefix("Score ") if is_graded and run is not None else str(verdict.state),
        run.duration_s if run is not None and is_graded else None,
        [_cell(results.get(task.id)) for task in tasks],
    )


def _cell(task: TaskResult | None) -> _Cell:
    if task is None:
        return _Cell("not_run", "", "no verdict")
    if task.outcome is Outcome.FAILED and task.points:
        return _Cell("partly", str(task.points), f"{task.points} of {task.max_points}")
    return _Cell(str(task.outcome), MARKS[task.outcome], page.WORDS[task.outcome])


def _column(task: TaskResult, runs: Sequence[RunResult]) -> _Column:
    judged = [one for run in runs for one in run.tasks if one.id == task.id and one.outcome.counts]
    most = sum(one.max_points for one in judged)
    lost = most - sum(one.points for one in judged)
    passed = sum(one.outcome is Outcome.PASSED for one in judged)
    return _Column(task.id, task.title, passed, len(judged), round(100 * lost / most) if most else 0)


def _shares(runs: Sequence[RunResult]) -> list[float]:
    """Of the points that could be had, from 0 to 1; bonus apart."""
    return [1 - run.lost / run.max_score for run in runs if run.max_score]


def _median_score(runs: Sequence[RunResult]) -> int | None:
    shares = _shares(runs)
    return round(100 * statistics.median(shares)) if shares else None


def _bars(runs: Sequence[RunResult]) -> list[_Bar]:
    """How many hand-ins have which share of the points, in tenths; full marks are among the last."""
    counts = [0] * _BINS
    for share in _shares(runs):
        counts[min(_BINS - 1, int(share * _BINS + 1e-9))] += 1
    most = max(counts) or 1
    width = 100 // _BINS
    labels = [f"{n * width} to {(n + 1) * width - 1} %" for n in range(_BINS - 1)]
    labels.append(f"{(_BINS - 1) * width} to 100 %")
    return [_Bar(label, count, round(100 * count / most)) for label, count in zip(labels, counts, strict=True)]


def _twins(verdicts: Sequence[Verdict]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for one in verdicts:
        if one.twin_of:
            groups.setdefault(one.twin_of, [one.twin_of]).append(one.name)
    return [sorted(names) for names in groups.values()]
