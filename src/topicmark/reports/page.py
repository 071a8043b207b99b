"""``report.html``: what a student reads, in one file that needs no network and no script.

All that comes from a submission or a log is escaped by the template engine, and shown by ``text.visible``, so that it
is neither markup nor invisible. The page forbids itself scripts and foreign content besides.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
import shlex
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports.grouping import by_exercise, lost_points
from topicmark.reports.language import Language
from topicmark.reports.pictures import Picture, pictures_of
from topicmark.reports.text import clipped, one_line, shell_lines, visible
from topicmark.reports.words import MARKS, why_not_judged

if TYPE_CHECKING:
    from jinja2 import Template

FILE_NAME = "report.html"
_LONGEST_TEXT = 20_000
_LONGEST_LINE = 600
_COMMAND = 62  # characters of a line
_COMMENT = re.compile(r"\s{2,}(?=#|--\s)")
_MOST_PICTURES = 6  # of one task
_PRINTED = ("output", "consumer")
"""Keys of evidence under which stands what a program printed."""
_DRAWN = frozenset({"arrivals", "timeline", "lag_over_time", "ranges"})
"""Keys of what a picture's table says in fewer lines."""
_LONGEST_DATA = 6_000

WORDS: Mapping[Outcome, str] = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.BLOCKED: "blocked",
    Outcome.INFRA: "not graded",
    Outcome.NOT_RUN: "not run",
    Outcome.REVIEW: "a human reads it",
}


@dataclass(frozen=True, slots=True)
class Section:
    """An exercise in the exercise text: its heading, its address and when it is due; empty if they are not known."""

    title: str
    link: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture as the template has it. ``svg`` is markup of our own."""

    title: str
    told: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    svg: Any


@dataclass(frozen=True, slots=True)
class _View:
    """What there is to see of one task besides its verdict."""

    pictures: Sequence[_Drawn]
    outputs: Sequence[str]
    data: str


def to_html(
    run: RunResult, *, sections: Mapping[str, Section] | None = None, language: Language | None = None
) -> bytes:
    """The run as a page in UTF-8. ``sections`` is by exercise: ``ex5``. The same run gives the same bytes."""
    sections, language = sections or {}, language or Language()
    exercises = by_exercise(run.tasks)
    lost = lost_points(run.tasks)
    views = {task.id: _view(task, run.tasks) for exercise in exercises for task in exercise.tasks}
    text = _template().render(
        run=run,
        score=_score(run, language),
        lost=lost,
        exercises=exercises,
        views=views,
        ungraded=_ungraded(run),
        marks=MARKS,
        words=WORDS,
        why=lambda task: why_not_judged(task),
        heading=lambda exercise: sections[exercise].title if exercise in sections else exercise,
        sections=sections,
        again=functools.partial(_again, run),
        first=next((task.id for task in lost), next((task.id for task in run.tasks), "ex5.4")),
        css=stylesheet(),
        language=language.name,
        _=language.translate,
    )
    return text.encode("utf-8", "replace")


def _score(run: RunResult, language: Language) -> str:
    bonus = sum(task.points for task in run.tasks if task.bonus)
    if not any(task.outcome.counts for task in run.tasks):
        return language.translate("No score: nothing was graded")
    if not run.max_score:
        return language.translate("{bonus} bonus").format(bonus=bonus)
    text = language.translate("{points} of {most} points").format(points=run.score - bonus, most=run.max_score)
    return text + (language.translate(" and {bonus} bonus").format(bonus=bonus) if bonus else "")


def _view(task: TaskResult, tasks: Iterable[TaskResult]) -> _View:
    outputs = list(_outputs(task.evidence))
    left = _without(task.evidence, {*_PRINTED, *_DRAWN})
    data = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False, default=str)}" for key, value in left.items())
    own: list[Picture] = []
    for picture in pictures_of(task):
        if picture not in own and len(own) < _MOST_PICTURES and _is_shown_at(picture, task, tasks):
            own.append(picture)
    return _View([_drawn(one) for one in own], outputs, clipped(data, _LONGEST_DATA))


def _is_shown_at(picture: Picture, task: TaskResult, tasks: Iterable[TaskResult]) -> bool:
    """Tasks that were judged by the same evidence share a picture: it stands at the one that is worth most, of those
    that lost points if there are any."""
    sharing = [one for one in tasks if one.exercise == task.exercise and (one is task or picture in pictures_of(one))]
    return task is max(sharing, key=lambda one: (one.outcome is Outcome.FAILED, one.max_points))


def _drawn(picture: Picture) -> _Drawn:
    from markupsafe import Markup

    try:
        svg = picture.draw()
    except Exception:  # noqa: BLE001 — whatever the evidence holds: the table says the same
        svg = ""
    return _Drawn(picture.title, picture.told, picture.columns, picture.rows, Markup(svg))  # noqa: S704 — our own


def _outputs(evidence: Mapping[str, Any]) -> Iterable[str]:
    for key, value in evidence.items():
        if isinstance(value, Mapping):
            yield from _outputs(value)
        elif key in _PRINTED and isinstance(value, str) and value.strip():
            yield value


def _without(evidence: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    kept = {key: value for key, value in evidence.items() if key not in keys}
    return {key: _without(value, keys) if isinstance(value, Mapping) else value for key, value in kept.items()}


def _ungraded(run: RunResult) -> list[tuple[str, list[str]]]:
    """Reasons for which tasks have no verdict, each with their ids."""
    reasons: dict[str, list[str]] = {}
    for exercise in by_exercise(run.tasks):
        for task in exercise.tasks:
            if not task.outcome.counts:
                reasons.setdefault(why_not_judged(task), []).append(task.id)
    return list(reasons.items())


def _command(text: str) -> str:
    """A command over lines that can be copied, with what is remarked on it below."""
    command, *remarks = _COMMENT.split(clipped(text, _LONGEST_TEXT))
    lines = shell_lines(one_line(command), _COMMAND)
    for remark in remarks:
        sign = remark.partition(" ")[0]
        lines += textwrap.wrap(one_line(remark), _COMMAND, subsequent_indent=f"{sign} ")
    return "\n".join(lines)


def _again(run: RunResult, task: str) -> str:
    name = one_line(run.submission)
    folder = name if name and not name.startswith("-") else "your-folder"
    return f"./topicmark grade {shlex.quote(folder)}" + (f" -k {task}" if task else "")


def _resource(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def stylesheet() -> str:
    """The look of all pages: light, dark and on paper."""
    return _resource("page.css")


@functools.cache
def _template() -> Template:
    return template(_resource("page.html.j2"))


def template(source: str) -> Template:
    """A page that escapes whatever is put in, with the filters ``visible``, ``line`` and ``command`` for texts of
    strangers."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(loader=DictLoader({"page": source}), autoescape=True)
    environment.undefined = StrictUndefined
    environment.filters["visible"] = lambda text: clipped(visible(clipped(str(text), _LONGEST_TEXT)), _LONGEST_TEXT)
    environment.filters["command"] = _command
    environment.filters["line"] = lambda text: clipped(one_line(str(text)), _LONGEST_LINE)
    return environment.get_template("page")
