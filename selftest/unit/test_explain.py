"""``explain`` and the rubric: what is told of a task before it is tried."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from selftest.cases import ROOT
from topicmark import cli
from topicmark.explain import rubric_of, tasks
from topicmark.model import Task
from topicmark.reports.language import Language
from topicmark.reports.page import Section
from topicmark.reports.rubric import Explanation, rubric

TASK = Task(
    "ex5.4", 4, "Consumers share", "The same group id?", "kafka-consumer-groups.sh --bootstrap-server kafka:9092 "
    "--describe --all-groups --members --verbose", "ex5.1", judged="Two consumers run. " * 10,
)  # fmt: skip
SECTIONS = {"ex5": Section("Exercise 5 - Consume", "https://example.org/#5", "2027-01-01")}


def test_every_task_says_how_it_is_judged() -> None:
    known = tasks(ROOT)
    assert [task.id for task in known if not task.judged] == []
    assert len(known) == len({task.id for task in known})


def test_the_rubric_in_docs_is_that_of_the_tasks() -> None:
    assert (ROOT / "docs" / "rubric.md").read_text() == rubric_of(ROOT), "./topicmark rubric > docs/rubric.md"


def test_a_task_in_80_columns() -> None:
    out = io.StringIO()
    Console(file=out, width=200, _environ={}).print(Explanation([TASK], SECTIONS, Language()))
    told = out.getvalue()
    assert max(len(line) for line in told.splitlines()) <= 80
    for part in ("ex5.4 Consumers share", "Exercise 5 - Consume: 4 points", "Two consumers run.", "The same group id?",
                 "--members --verbose", "ex5.1"):  # fmt: skip
        assert part in told, part
    assert "\x1b" not in told


def test_a_rubric_with_bonus_link_and_due_date() -> None:
    bonus = Task("ex8.1", 5, "Flume | Kafka", "h", "l", bonus=True, judged="An event is posted.")
    told = rubric([bonus, TASK], SECTIONS, Language("da"))
    assert "4 point." in told  # bonus points are not among them
    assert "## [Exercise 5 - Consume](https://example.org/#5)\n\nFrist: 2027-01-01\n" in told
    assert "| ex8.1 | +5 | **Flume \\| Kafka.** An event is posted. |" in told
    assert told.index("ex5.4") < told.index("ex8.1")


def test_explain_of_a_task_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "ex5.99"]) == 2
    assert "there is no task ex5.99. Tasks: ex1.1" in capsys.readouterr().err


def test_explain_of_an_exercise(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "ex5"]) == 0
    told = capsys.readouterr().out
    assert [f"ex5.{number}" in told for number in range(1, 7)] == [True] * 6
    assert "ex4.1" not in told


def test_tests_that_cannot_be_collected_are_told(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_broken.py").write_text("import no_such_module\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    with pytest.raises(cli.UsageError, match="the tests cannot be collected"):
        tasks(tmp_path)
