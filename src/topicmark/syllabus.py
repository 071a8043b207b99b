"""``course.toml``: what an instructor changes without touching a test. Points, due dates, headings, the language."""

from __future__ import annotations

import dataclasses
import datetime
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topicmark.model import Task, TaskResult, UsageError
from topicmark.reports.language import SOURCE, Language, languages
from topicmark.reports.page import Section

FILE_NAME = "course.toml"
_EXERCISE = re.compile(r"ex\d+")
_LINK = re.compile(r"https?://[^\s\"'<>]+")
_KEYS = {"language", "points", "exercises"}
_KEYS_OF_EXERCISE = {"title", "link", "due"}


@dataclass(frozen=True, slots=True)
class Syllabus:
    """``points`` by task; ``sections`` by exercise."""

    language: Language = field(default_factory=Language)
    points: Mapping[str, int] = field(default_factory=dict)
    sections: Mapping[str, Section] = field(default_factory=dict)

    def of_course(self, task: Task) -> Task:
        """The task with the course's points, and its texts in the course's language."""
        told, points = self.language.translate, self.points.get(task.id, task.points)
        return dataclasses.replace(
            task, points=points, title=told(task.title), hint=told(task.hint), judged=told(task.judged)
        )

    def result_of_course(self, result: TaskResult) -> TaskResult:
        """The result with the course's points, and its texts in the course's language. Points for a part of a task
        keep their share, rounded down."""
        told, most = self.language.translate, self.points.get(result.id, result.max_points)
        points = result.points * most // result.max_points
        return dataclasses.replace(
            result, points=points, max_points=most, title=told(result.title), hint=told(result.hint)
        )

    def require_known(self, tasks: Iterable[str]) -> None:
        """Raises ``UsageError`` for points of a task that there is not."""
        known = set(tasks)
        for name in self.points:
            if name not in known:
                raise UsageError(f"{FILE_NAME}: points: there is no task {name}. Tasks: {', '.join(sorted(known))}")


def load(path: Path) -> Syllabus:
    """What ``path`` says; everything as the tasks have it if there is no such file. Raises ``UsageError`` naming file,
    key and remedy."""
    if not path.exists():
        return Syllabus()
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{path}: this is not TOML: {error}") from None
    _only(path, "", told, _KEYS)
    language = told.get("language", SOURCE)
    if language not in languages():
        raise UsageError(f"{path}: language = {language!r}: there are {', '.join(languages())}")
    exercises = _table(path, told, "exercises")
    return Syllabus(
        language=Language(language),
        points={name: _points(path, name, value) for name, value in _table(path, told, "points").items()},
        sections={name: _section(path, name, value) for name, value in exercises.items()},
    )


def _points(path: Path, task: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise UsageError(f"{path}: points: {task} = {value!r}: write a whole number above 0")
    return value


def _section(path: Path, name: str, told: object) -> Section:
    where = f"exercises.{name}: "
    if not _EXERCISE.fullmatch(name) or not isinstance(told, dict):
        raise UsageError(f"{path}: {where}write [exercises.ex5], with a title below")
    _only(path, where, told, _KEYS_OF_EXERCISE)
    title, link, due = told.get("title", name), told.get("link", ""), told.get("due")
    if not isinstance(title, str) or not title.strip():
        raise UsageError(f"{path}: {where}title is to be a text")
    if not isinstance(link, str) or (link and not _LINK.fullmatch(link)):
        raise UsageError(f"{path}: {where}link = {link!r}: write an address that begins with https://")
    if due is not None and (not isinstance(due, datetime.datetime) or due.tzinfo is None):
        raise UsageError(f"{path}: {where}due: write a date with time and zone, as 2027-02-20T23:59:00+01:00")
    return Section(title, link, f"{due:%Y-%m-%d %H:%M %Z}" if due is not None else "")


def _table(path: Path, told: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = told.get(key, {})
    if not isinstance(found, dict):
        raise UsageError(f"{path}: {key}: write a table, [{key}]")
    return found


def _only(path: Path, where: str, told: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(told.keys() - known)
    if unknown:
        raise UsageError(f"{path}: {where}{unknown[0]}: this is not known. There are {', '.join(sorted(known))}")
