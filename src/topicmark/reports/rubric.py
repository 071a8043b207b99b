"""A task before it is tried: what it asks, how it is judged, how to look oneself. For a terminal, and as the rubric."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from topicmark.model import Task
from topicmark.reports.language import Language
from topicmark.reports.page import Section
from topicmark.reports.text import shell_lines

_WIDTH = 80
_INDENT = 4


class Explanation:
    """Tasks for a terminal of at most 80 columns, with their texts as the ``tasks`` hold them."""

    def __init__(self, tasks: Sequence[Task], sections: Mapping[str, Section], language: Language) -> None:
        self._tasks = tasks
        self._sections = sections
        self._told = language.translate

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(_WIDTH, options.max_width)
        for task in self._tasks:
            yield Text.assemble((task.id, "bold"), " ", (task.title, "bold"))
            yield Text(f"{_heading(task.exercise, self._sections)}: {_points(task, self._told)}", style="dim")
            for label, text in self._parts(task):
                yield Text()
                yield Text(label, style="cyan")
                for row in Text(text).wrap(console, width - _INDENT):
                    row.rstrip()
                    yield Text(" " * _INDENT) + row
            yield Text()
            yield Text(self._told("Look yourself"), style="cyan")
            for line in shell_lines(task.look, width - _INDENT):
                yield Text(" " * _INDENT + line)
            yield Text()

    def _parts(self, task: Task) -> Iterator[tuple[str, str]]:
        if task.judged:
            yield self._told("How it is judged"), task.judged
        yield self._told("Hint"), task.hint
        if task.needs:
            yield self._told("Needs"), task.needs


def rubric(tasks: Sequence[Task], sections: Mapping[str, Section], language: Language) -> str:
    """All tasks as Markdown: points by exercise, then each task with what earns its points."""
    told = language.translate
    ordered = sorted(tasks, key=lambda task: [int(number) for number in task.id.removeprefix("ex").split(".")])
    total = sum(task.points for task in ordered if not task.bonus)
    title, due = told("What earns points"), told("Due")
    columns = (told("Task"), told("Points"), told("How it is judged"))
    lines = [f"# {title}", ""]
    lines += [told("{points} points. Made from the tasks in tests/ by `./topicmark rubric`.").format(points=total), ""]
    for exercise, group in groupby(ordered, key=lambda task: task.exercise):
        mine = list(group)
        section = sections.get(exercise, Section(exercise))
        heading = f"[{section.title}]({section.link})" if section.link else section.title
        lines += [f"## {heading}", ""]
        if section.due:
            lines += [f"{due}: {section.due}", ""]
        lines += [f"| {' | '.join(columns)} |", "|---|---|---|"]
        for task in mine:
            points = f"+{task.points}" if task.bonus else str(task.points)
            lines.append(f"| {task.id} | {points} | **{_cell(task.title)}.** {_cell(task.judged)} |")
        lines.append("")
    return "\n".join(lines)


def _heading(exercise: str, sections: Mapping[str, Section]) -> str:
    return sections[exercise].title if exercise in sections else exercise


def _points(task: Task, told: Callable[[str], str]) -> str:
    return told("{points} points").format(points=task.points) + (told(" (bonus)") if task.bonus else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
