"""The pytest plugin: turns the tests of ``tests/`` into tasks, and what they raise into verdicts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from topicmark import syllabus
from topicmark.model import Fault, Outcome, Task, TaskResult, UsageError
from topicmark.options import declare, settings
from topicmark.reports import terminal
from topicmark.run import Run, Settings
from topicmark.scoring import Parts, Unmet, verdict

RUN = pytest.StashKey[Run]()
NOTES = pytest.StashKey["Notes"]()
_ATTEMPT_BEGAN = pytest.StashKey[float]()
_TOOK_S = pytest.StashKey[float]()
_COLLECTED = pytest.StashKey[frozenset[str]]()
"""Ids of all tasks that were collected, also of those that -k left out."""
_MARK = "task"
SERVICES = {
    "hdfs": "hdfs",
    "table": "table",
    "registry": "registry",
    "connect": "connect",
    "connect_from_manifest": "connect",
    "ksqldb": "ksqldb",
    "ksqldb_from_manifest": "ksqldb",
}
"""Fixtures that need a service of the lab, by name; all of these are started at once."""
_VENUE = "venue"
"""The fixture that is the run's lab, or the one in which somebody worked by hand."""
_WORKED_ON = "test-redpanda"
_SHORT = {
    Outcome.PASSED: ("passed", ".", "PASSED"),
    Outcome.FAILED: ("failed", "F", "FAILED"),
    Outcome.BLOCKED: ("blocked", "b", "BLOCKED"),
    Outcome.INFRA: ("infra", "!", "NOT GRADED"),
    Outcome.NOT_RUN: ("not run", "-", "NOT RUN"),
    Outcome.REVIEW: ("review", "?", "REVIEW"),
}


class Notes:
    """What a test wants in its result besides the verdict: evidence (data) and remarks (words, no points)."""

    def __init__(self) -> None:
        self.evidence: dict[str, Any] = {}
        self.remarks: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("topicmark", "grading")
    group.addoption("--submission", type=Path, metavar="PATH", help="folder or archive (default: submission/)")
    declare(group.addoption)
    group.addoption("--course-repo", type=Path, metavar="REPO", help="the course that test_course_repo.py checks")
    group.addoption("--course-baseline", type=Path, metavar="FILE", help="findings in it that were accepted")
    group.addoption("--graded-by-command", action="store_true", help="used by `topicmark grade`: its own terminal")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A course is checked only where one is named."""
    return True if collection_path.name == "test_course_repo.py" and config.option.course_repo is None else None


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{_MARK}(task): the task that this test grades")
    if config.option.graded_by_command:
        config.pluginmanager.unregister(name="terminalreporter")
        config.pluginmanager.register(_Screen(config.option.verbose), "topicmark-screen")


class _Screen:
    """The terminal of `topicmark grade`: progress while it works, then the summary, and nothing of pytest's own."""

    def __init__(self, verbose: int) -> None:
        self._verbose = verbose
        self._progress = terminal.Progress()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        run = session.config.stash.get(RUN, None)
        if run is not None:
            self._progress.__enter__()
            run.say = self._progress.step
            self._progress.step("starting the lab")

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        task = task_of(item)
        if task is not None:
            self._progress.task(task.id, task.title)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result: TaskResult | None = getattr(report, "topicmark", None)
        if result is not None:
            self._progress.done(result)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        run = session.config.stash.get(RUN, None)
        if run is not None:
            self._progress.__exit__(None, None, None)
            terminal.show(run.result(finished=_complete(exitstatus)), verbose=self._verbose, report=run.report)


def task_of(item: pytest.Item) -> Task | None:
    """The task that a test carries, if any."""
    mark = item.get_closest_marker(_MARK)
    return mark.args[0] if mark else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """``-k ex5.4`` selects a task by its id."""
    task = task_of(item)
    if task is not None:
        item.extra_keyword_matches.add(task.id)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Before any is deselected."""
    config.stash[_COLLECTED] = frozenset(task.id for item in items if (task := task_of(item)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    items = [(item, task) for item in session.items if (task := task_of(item))]
    if not items or session.config.option.collectonly:
        return
    tasks: dict[str, Task] = {}
    for item, task in items:
        if task.id in tasks:
            raise pytest.UsageError(f"{item.nodeid}: task {task.id} is graded by another test too")
        tasks[task.id] = task
    try:
        chosen = _settings(session.config)
        if session.config.option.graded_by_command:  # it collects all there are: what is none of them is a slip
            collected = session.config.stash[_COLLECTED]
            chosen.syllabus.require_known(collected)
        run = Run(chosen, tasks=tasks, selected=frozenset(tasks))
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    session.config.stash[RUN] = run
    names = {name for item, _ in items for name in getattr(item, "fixturenames", ())}
    if _VENUE in names:
        run.observe_by_hand(_WORKED_ON)
        names |= set() if run.by_hand is not None else {"lab", "student"}
    services = {service for fixture, service in SERVICES.items() if fixture in names}
    run.prepare(lab="lab" in names, services=services, programs="student" in names)


def _settings(config: pytest.Config) -> Settings:
    option = config.option
    folder = option.submission or config.rootpath / "submission"
    if not folder.exists():
        remedy = "" if option.submission else " Say which folder to grade: --submission DIR."
        raise pytest.UsageError(f"{folder}: there is no such file.{remedy}")
    return settings(option, folder, syllabus.load(config.rootpath / syllabus.FILE_NAME))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Exercise by exercise; one that a fault of ours spoilt is run once more on a rebuilt lab."""
    run = session.config.stash.get(RUN, None)
    if run is None or session.testsfailed:
        return None
    for _, group in groupby(session.items, key=lambda item: item.path):
        items = list(group)
        _attempt(items)
        again = [item for item in items if _spoilt(run, item)]
        if again and run.rebuild_lab():
            _attempt(items)
        if run.overused():  # the next exercise must not suffer from it
            run.rebuild_lab()
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
    return True


def _attempt(items: list[pytest.Item]) -> None:
    began = time.monotonic()
    for index, item in enumerate(items):
        item.stash[_ATTEMPT_BEGAN] = began
        item.stash[_TOOK_S] = 0.0
        following = items[index + 1] if index + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _spoilt(run: Run, item: pytest.Item) -> bool:
    task = task_of(item)
    return task is not None and (r := run.results.get(task.id)) is not None and r.outcome is Outcome.INFRA


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Points that are given in parts are settled when the test's body is through."""
    outcome = yield
    parts = pyfuncitem.funcargs.get("parts")
    if isinstance(parts, Parts):
        parts.settle()
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[None]:  # yields to pytest's own report and returns it changed
    report: pytest.TestReport = yield  # type: ignore[assignment]
    task, run = task_of(item), item.config.stash.get(RUN, None)
    if task is None or run is None:
        return report  # type: ignore[return-value]
    error = call.excinfo.value if call.excinfo else None
    item.stash[_TOOK_S] = item.stash.get(_TOOK_S, 0.0) + call.duration
    verdict_is_due = call.when == "call" or error is not None
    if verdict_is_due and not isinstance(error, (KeyboardInterrupt, pytest.exit.Exception)):
        result, fault = _judge(run, task, item, error)
        run.record(result, fault)
        _shape(report, result, error)
    return report  # type: ignore[return-value]


def _judge(run: Run, task: Task, item: pytest.Item, error: BaseException | None) -> tuple[TaskResult, Fault | None]:
    notes = item.stash.get(NOTES, Notes())
    faults = run.lab_faults(item.stash[_ATTEMPT_BEGAN]) if error is not None else []
    result, fault = verdict(
        task,
        error,
        faults=faults,
        overused=run.overused() if error is not None else "",
        duration_s=item.stash[_TOOK_S],
        evidence=notes.evidence,
        remarks=notes.remarks,
    )
    return run.settings.syllabus.result_of_course(result), fault


def _shape(report: pytest.TestReport, result: TaskResult, error: BaseException | None) -> None:
    """Make pytest's report say what ours says."""
    report.topicmark = result  # type: ignore[attr-defined]
    if result.outcome is Outcome.PASSED:
        return
    report.outcome = "skipped" if result.outcome in (Outcome.NOT_RUN, Outcome.REVIEW) else "failed"
    if isinstance(error, Unmet) or result.outcome is not Outcome.INFRA:
        report.longrepr = f"{result.id}: expected {result.expected}; seen: {result.observed}"


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    result: TaskResult | None = getattr(report, "topicmark", None)
    return _SHORT[result.outcome] if result is not None else None


def pytest_terminal_summary(config: pytest.Config, exitstatus: int) -> None:
    run = config.stash.get(RUN, None)
    if run is not None:
        finished = exitstatus in (0, 1, 3)  # ours by now
        terminal.show(run.result(finished=finished), verbose=config.option.verbose, report=run.report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    run = session.config.stash.get(RUN, None)
    if run is None:
        return
    run.finish(complete=_complete(exitstatus))
    if _complete(exitstatus):
        session.exitstatus = exit_code(run)


def _complete(exitstatus: int) -> bool:
    """Whether pytest came to the end of the tests: neither interrupted nor broken."""
    return exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def exit_code(run: Run) -> int:
    """0 full marks, 1 graded with points lost, 3 could not be graded: through a fault of ours, or because this lab can
    judge nothing of what was asked for, which must not look like full marks."""
    result = run.result(finished=True)
    if not result.could_be_graded or result.is_empty:
        return 3
    return 1 if result.lost else 0


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(RUN, None)
    if run is not None:
        run.close()


__all__ = ["NOTES", "RUN", "Notes", "exit_code", "task_of"]
