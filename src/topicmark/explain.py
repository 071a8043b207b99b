"""The tasks that there are, read from ``tests/`` without running one; told to students and instructors."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from rich.console import Console

from topicmark import syllabus
from topicmark.model import Task, UsageError
from topicmark.plugin import task_of
from topicmark.reports.rubric import Explanation, rubric


class _Collector:
    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.tasks = [task for item in items if (task := task_of(item)) is not None]


def tasks(root: Path, select: str | None = None) -> list[Task]:
    """Every task of ``tests/`` below ``root`` that ``select`` chooses, as ``-k`` does, in the order of the exercises.
    Raises ``UsageError`` if it chooses none, or with pytest's words if they cannot be collected."""
    collector = _Collector()
    said = io.StringIO()
    options = ["--collect-only", "-q", f"--rootdir={root}", f"--config-file={root / 'pytest.ini'}"]
    options += [f"-k={select}"] if select else []
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main([str(root / "tests"), *options], plugins=[collector])
    if code is pytest.ExitCode.NO_TESTS_COLLECTED:
        raise UsageError(f"no task matches -k {select!r}")
    if code is not pytest.ExitCode.OK:
        raise UsageError(f"the tests cannot be collected:\n{said.getvalue()}")
    return collector.tasks


def explain(root: Path, names: list[str]) -> None:
    """Print what tasks ask: ``ex5.4``, or all of ``ex5``. Raises ``UsageError`` for one that there is not."""
    known = tasks(root)
    course = syllabus.load(root / syllabus.FILE_NAME)
    chosen = [task for task in known if not names or task.id in names or task.exercise in names]
    unknown = [name for name in names if not any(name in (task.id, task.exercise) for task in known)]
    if unknown:
        raise UsageError(f"there is no task {unknown[0]}. Tasks: {', '.join(task.id for task in known)}")
    told = [course.of_course(task) for task in chosen]
    Console(highlight=False).print(Explanation(told, course.sections, course.language))


def rubric_of(root: Path) -> str:
    """The rubric of the course, as Markdown. Raises ``UsageError``."""
    known = tasks(root)
    course = syllabus.load(root / syllabus.FILE_NAME)
    course.require_known(task.id for task in known)
    return rubric([course.of_course(task) for task in known], course.sections, course.language)
