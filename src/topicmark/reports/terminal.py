"""What a student reads at the end of a run: at most 80 columns, marks that need no colour, text that is only text.

Every line is laid out here, none by the text itself: what comes from a submission never begins a line (runners of
CI systems take commands from the beginning of lines) and never is read as markup.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from topicmark.model import Fault, Outcome, RunResult, TaskResult
from topicmark.reports.grouping import Exercise, by_exercise, lost_points
from topicmark.reports.progress import Progress
from topicmark.reports.text import clipped, one_line, shell_lines, visible
from topicmark.reports.words import MARKS, exercise_text, in_ascii, points_text, score_text, why_not_judged

__all__ = ["WIDTH", "Progress", "show", "summary"]

WIDTH = 80
_NARROWEST = 40
_GUTTER = 4
_LABEL = 10
_LONGEST_TEXT = 20_000

_STYLES: Mapping[Outcome, str] = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.BLOCKED: "bold red",
    Outcome.INFRA: "bold yellow",
    Outcome.NOT_RUN: "dim",
    Outcome.REVIEW: "bold cyan",
}


def summary(run: RunResult, *, verbose: int = 0, exercise_names: Mapping[str, str] | None = None) -> RenderableType:
    """The run for a terminal: exercises and tasks, why points were lost, what was not graded, faults, the score.

    ``verbose`` -1: only what lost points; 0: every task, long texts shortened; 1: whole titles, longer texts,
    versions; 2: everything, with the evidence. ``exercise_names`` maps ``ex5`` to a name to show beside it.
    Never wider than 80 columns.
    """
    return _Summary(run, verbose, exercise_names or {})


def show(run: RunResult, *, verbose: int = 0, console: Console | None = None, report: Path | None = None) -> None:
    """Print the summary, on stdout if no ``console`` is given; in colour only if that is a terminal. ``report`` is
    where the page is."""
    console = console or Console(highlight=False)
    console.print(summary(run, verbose=verbose))
    if report is not None:
        told = one_line(os.path.relpath(report) if report.is_relative_to(Path.cwd()) else str(report))
        console.print(Text(f"Pictures, evidence and what to do next: {told}", style="dim"), soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Summary:
    run: RunResult
    verbose: int
    names: Mapping[str, str] = field(default_factory=dict)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(_NARROWEST, min(WIDTH, options.max_width))
        page = _Page(console, width, self.verbose)
        for line in page.lines(self.run, self.names):
            line.stylize_before(line.style)
            line.truncate(width, overflow="ellipsis")
            line.rstrip()
            segments = line.render(console)
            yield from (_in_ascii(segment) for segment in segments) if options.ascii_only else segments
            yield Segment.line()


@dataclass(frozen=True, slots=True)
class _Page:
    """Lays a run out as lines of at most ``width`` cells."""

    console: Console
    width: int
    verbose: int

    def lines(self, run: RunResult, names: Mapping[str, str]) -> Iterator[Text]:
        yield self._head(run)
        lost = {task.id for task in lost_points(run.tasks)}
        for exercise in by_exercise(run.tasks):
            shown = [task for task in exercise.tasks if self.verbose >= 0 or task.id in lost]
            if shown and (exercise.was_run or self.verbose >= 1):
                yield Text()
                yield self._exercise_line(exercise, names.get(exercise.id, ""))
                for task in shown:
                    yield self._task_line(task)
                    yield from self._details(task)
        yield from self._not_graded(run)
        yield from self._remarks(run)
        for fault in run.faults:
            yield Text()
            yield from self._fault_box(fault)
        yield Text()
        yield from self._score(run)

    def _head(self, run: RunResult) -> Text:
        facts = [f"{one_line(run.backend)} lab" if run.backend else ""]
        facts += [f"sandbox: {one_line(run.sandbox)}" if run.sandbox else "", _duration(run.duration_s)]
        right = Text(" · ".join(fact for fact in facts if fact), style="dim")
        left = Text.assemble(("Topicmark ", "bold"), (_path_end(one_line(run.submission), self.width // 2)))
        return self._spread(left, right)

    def _exercise_line(self, exercise: Exercise, name: str) -> Text:
        number = exercise.id.removeprefix("ex")
        title = f"Exercise {number}" if number.isdigit() else one_line(exercise.id)
        left = Text(title, style="bold")
        if name:
            left.append(f"  {one_line(name)}", style="not bold")
        style = "bold red" if lost_points(exercise.tasks) else "bold" if exercise.was_judged else "dim"
        return self._spread(left, Text(exercise_text(exercise), style=style))

    def _task_line(self, task: TaskResult) -> Text:
        style = _STYLES[task.outcome]
        loses = task.outcome in (Outcome.FAILED, Outcome.BLOCKED)
        left = Text.assemble(
            "  ",
            (MARKS[task.outcome], style),
            " ",
            (f"{one_line(task.id):<6}", "bold" if loses else ""),
            " ",
            (one_line(task.title), "bold" if loses else ""),
        )
        return self._spread(left, Text(points_text(task), style=style if loses else "dim"))

    def _details(self, task: TaskResult) -> Iterator[Text]:
        if task.outcome is Outcome.FAILED:
            rows = 4 if self.verbose <= 0 else 40
            if self.verbose >= 1 and cell_len(one_line(task.title)) > self.width - 24:
                yield from self._labelled("task", task.title, rows)
            yield from self._labelled("expected", task.expected, rows)
            yield from self._labelled("seen", task.observed, 2 * rows, style="bold")
            yield from self._labelled("hint", task.hint, rows)
            yield from self._look(task.look)
        elif task.outcome is Outcome.BLOCKED:
            yield from self._labelled("blocked", why_not_judged(task), 4)
        for remark in task.remarks:
            yield from self._labelled("remark", remark, 4 if self.verbose <= 0 else 40, style="dim")
        if self.verbose >= 2 and task.evidence:
            text = json.dumps(task.evidence, ensure_ascii=False, default=str, indent=1)
            yield from self._labelled("evidence", text, 400, style="dim")

    def _labelled(self, label: str, text: str, max_rows: int, *, style: str = "") -> Iterator[Text]:
        """A label and its text to the right of a rule. The rule keeps the text from beginning a line."""
        for row, line in enumerate(self._rows(text, self.width - _GUTTER - 2 - _LABEL, max_rows)):
            name = label if row == 0 else ""
            yield Text.assemble(" " * _GUTTER, ("│ ", "dim"), (f"{name:<{_LABEL}}", "cyan"), _styled(line, style))

    def _look(self, command: str) -> Iterator[Text]:
        """A shell command, broken so that it can be copied: without the rule, as long as nothing in it needs one."""
        command = one_line(command)
        width = self.width - _GUTTER - 2 - _LABEL
        lines = shell_lines(command, width)
        if "::" in command or any(cell_len(line) > width for line in lines):
            yield from self._labelled("look", command, 40)
            return
        for row, line in enumerate(lines):
            lead, name = ("└ ", "look") if row == 0 else ("", "")
            yield Text.assemble(" " * _GUTTER, (f"{lead:<2}", "dim"), (f"{name:<{_LABEL}}", "cyan"), line)

    def _not_graded(self, run: RunResult) -> Iterator[Text]:
        groups: dict[tuple[Outcome, str], list[str]] = {}
        points = 0
        for exercise in by_exercise(run.tasks):
            for task in exercise.tasks:
                if not task.outcome.counts:
                    points += 0 if task.bonus else task.max_points
                    groups.setdefault((task.outcome, one_line(why_not_judged(task))), []).append(task.id)
        if not groups:
            return
        yield Text()
        left_out = f", {_count(points, 'point')} not counted" if points else ""
        yield Text.assemble(("Not graded", "bold"), (left_out, "dim"))
        for (outcome, why), ids in groups.items():
            rows = self._rows(f"{_compact(ids, run)}: {why}", self.width - 4, 4 if self.verbose <= 0 else 40)
            for row, line in enumerate(rows):
                mark = MARKS[outcome] if row == 0 else "│"
                yield Text.assemble("  ", (mark, _STYLES[outcome] if row == 0 else "dim"), " ", line)

    def _remarks(self, run: RunResult) -> Iterator[Text]:
        lines = [*run.remarks]
        if self.verbose >= 1:
            lines += [f"{part} {version}" for part, version in run.versions.items()]
        if lines:
            yield Text()
        for remark in lines:
            for row, line in enumerate(self._rows(remark, self.width - 4, 4 if self.verbose <= 0 else 40)):
                yield Text.assemble(("  · " if row == 0 else "  │ ", "dim"), _styled(line, "dim"))

    def _fault_box(self, fault: Fault) -> Iterator[Text]:
        inner = self.width - 4
        title = f"─ {MARKS[Outcome.INFRA]} Not your fault: this cost no points "
        yield Text(f"╭{title}{'─' * (self.width - 2 - cell_len(title))}╮", style="yellow")
        body = [*self._rows(f"{fault.service}: {fault.reason}", inner, 6)]
        for line in body:
            line.stylize("bold")
        if fault.log.strip():
            log_rows = 4 if self.verbose <= 0 else 400
            last = "\n".join(visible(fault.log).strip("\n").split("\n")[-log_rows:])
            body += [_styled(line, "dim") for line in self._rows(last, inner, log_rows)]
        if fault.remedy:
            body += [*self._rows(f"What to do: {fault.remedy}", inner, 8)]
        for line in body:
            padding = " " * (inner - line.cell_len)
            yield Text.assemble(("│ ", "yellow"), line, padding, (" │", "yellow"))
        yield Text(f"╰{'─' * (self.width - 2)}╯", style="yellow")

    def _score(self, run: RunResult) -> Iterator[Text]:
        lost = lost_points(run.tasks)
        style = "bold red" if lost else "bold green"
        if not run.could_be_graded or not run.max_score:
            style = "bold yellow"
        yield Text(score_text(run), style=style)
        if lost:
            where = ", ".join(f"{task.id} ({task.max_points - task.points})" for task in lost)
            yield from self._plain(f"{_count(run.lost, 'point')} lost: {where}")
        if not run.finished:
            yield from self._plain("The run ended early: what is above is all that was graded.", "yellow")
        elif not run.could_be_graded:
            yield from self._plain("This grade is incomplete through a fault of the grader. Run it again.", "yellow")

    def _plain(self, text: str, style: str = "") -> Iterator[Text]:
        """Text of our own, without lead or rule."""
        for line in self._rows(text, self.width, 20):
            yield _styled(line, style)

    def _rows(self, text: str, width: int, max_rows: int) -> Sequence[Text]:
        """``text`` over rows of at most ``width`` cells; of more than ``max_rows``, the first and the last ones."""
        shown = clipped(visible(clipped(text, _LONGEST_TEXT)).strip(), _LONGEST_TEXT)
        if not shown:
            return ()
        rows = list(Text(shown).wrap(self.console, width, overflow="fold", tab_size=4))
        if len(rows) <= max_rows:
            return rows
        tail = (max_rows - 1) // 2
        head = max_rows - 1 - tail
        note = Text(f"… {len(rows) - head - tail} more lines …", style="dim italic")
        return [*rows[:head], note, *rows[len(rows) - tail :]]

    def _spread(self, left: Text, right: Text) -> Text:
        """``left`` and ``right`` at the two ends of one line; ``left`` is shortened if need be."""
        room = self.width - right.cell_len - 2
        left.truncate(room, overflow="ellipsis")
        return Text.assemble(left, " " * (self.width - left.cell_len - right.cell_len), right)


def _styled(line: Text, style: str) -> Text:
    if style:
        line.stylize(style)
    return line


def _compact(ids: Sequence[str], run: RunResult) -> str:
    """``ex1, ex5.2``: an exercise's name stands for all its tasks."""
    names: list[str] = []
    for exercise in by_exercise(run.tasks):
        mine = [task.id for task in exercise.tasks if task.id in ids]
        names += [exercise.id] if len(mine) == len(exercise.tasks) > 1 else mine
    return ", ".join(names)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _duration(seconds: float) -> str:
    if seconds <= 0:
        return ""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def _path_end(path: str, width: int) -> str:
    """A path is told by its end."""
    return path if cell_len(path) <= width else f"…{path[-(width - 1) :]}"


def _in_ascii(segment: Segment) -> Segment:
    return Segment(in_ascii(segment.text), segment.style, segment.control)
