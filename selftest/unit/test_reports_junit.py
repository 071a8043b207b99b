"""junit.xml: well-formed whatever is in it, and every outcome where CI systems look for it."""

from __future__ import annotations

import datetime
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from topicmark.model import Fault, Outcome, RunResult, TaskResult
from topicmark.reports.junit import to_junit

HOSTILE = (
    "\x1b[31mred ]]></failure><testcase name='x'/>&amp;<!-- \"' \u202e\x00\x0b\x9b\ud800\ufffe\uffff é 界 "
    + "A" * 50_000
)


def a_task(name: str, outcome: Outcome, points: int, most: int, **more: Any) -> TaskResult:
    fields: dict[str, Any] = {"title": "A title", "duration_s": 1.25, **more}
    return TaskResult(id=name, exercise=name.split(".")[0], outcome=outcome, points=points, max_points=most, **fields)


TASKS = (
    a_task("ex10.1", Outcome.PASSED, 4, 4),
    a_task("ex5.10", Outcome.PASSED, 2, 2, remarks=("fine, but one partition",)),
    a_task(
        "ex5.2", Outcome.FAILED, 1, 4, expected="60 records", observed="12 <records>\nand no more",
        hint="Why?", look="ls",
    ),
    a_task("ex5.3", Outcome.BLOCKED, 0, 2, observed="ex5.2 failed"),
    a_task("ex5.4", Outcome.INFRA, 0, 2, observed="the broker died"),
    a_task("ex5.5", Outcome.NOT_RUN, 0, 2),
    a_task("ex5.6", Outcome.REVIEW, 0, 2),
)  # fmt: skip


def a_run(*tasks: TaskResult, **more: Any) -> RunResult:
    fields: dict[str, Any] = {"submission": "s", "backend": "embedded", "finished": True, **more}
    return RunResult(tasks=tasks, **fields)


def parsed(run: RunResult) -> ET.Element:
    return ET.fromstring(to_junit(run))


def case(root: ET.Element, task: str) -> ET.Element:
    return next(each for each in root.iter("testcase") if each.get("name", "").split()[0] == task)


def test_suites_are_exercises_in_order_and_count_what_they_hold() -> None:
    root = parsed(a_run(*TASKS, started_at="2026-10-01T08:00:00Z", duration_s=9.0))
    assert root.tag == "testsuites"
    assert root.attrib == {"name": "topicmark", "tests": "7", "failures": "1", "errors": "1", "time": "9.000"}
    five, ten = root
    assert (five.get("name"), ten.get("name")) == ("ex5", "ex10")
    assert {key: five.get(key) for key in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "6", "failures": "1", "errors": "1", "skipped": "3", "time": "7.500",
    }  # fmt: skip
    assert [each.get("name", "").split()[0] for each in five.iter("testcase")] == [
        "ex5.2", "ex5.3", "ex5.4", "ex5.5", "ex5.6", "ex5.10",
    ]  # fmt: skip
    moment = datetime.datetime.fromisoformat(five.get("timestamp", ""))
    assert moment == datetime.datetime(2026, 10, 1, 8, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("task", "verdict"),
    [
        ("ex5.10", None), ("ex5.2", "failure"), ("ex5.3", "skipped"), ("ex5.4", "error"), ("ex5.5", "skipped"),
        ("ex5.6", "skipped"),
    ],
)  # fmt: skip
def test_each_outcome_is_where_ci_looks_for_it(task: str, verdict: str | None) -> None:
    found = [each.tag for each in case(parsed(a_run(*TASKS)), task)]
    assert [tag for tag in found if tag in ("failure", "error", "skipped")] == ([verdict] if verdict else [])


def test_a_failure_says_what_a_student_needs() -> None:
    failed = case(parsed(a_run(*TASKS)), "ex5.2")
    assert failed.attrib == {"classname": "topicmark.ex5", "name": "ex5.2 A title", "time": "1.250"}
    assert {each.get("name"): each.get("value") for each in failed.iter("property")} == {
        "task": "ex5.2", "outcome": "failed", "points": "1", "max_points": "4",
    }  # fmt: skip
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("message") == "12 <records> and no more"
    assert failure.text == (
        "1 of 4 points\nExpected: 60 records\nSeen: 12 <records>\nand no more\nHint: Why?\nLook: ls"
    )


def test_a_skipped_task_says_why() -> None:
    root = parsed(a_run(*TASKS))
    messages = [each.get("message", "") for each in root.iter("skipped")]
    assert messages[0] == "blocked: ex5.2 failed"
    assert messages[1].startswith("not_run: ")
    assert messages[2].startswith("review: ")


def test_remarks_are_told() -> None:
    assert case(parsed(a_run(*TASKS)), "ex5.10").findtext("system-out") == "Remark: fine, but one partition"


def test_faults_that_cost_the_grade_are_errors_and_others_are_only_told() -> None:
    fault = Fault("hdfs", "datanode ended", "last lines", "more memory")
    root = parsed(a_run(*TASKS, faults=(fault,)))
    error = root.find("testsuite[@name='lab']/testcase/error")
    assert error is not None
    assert error.text == "hdfs: datanode ended\nmore memory\nlast lines"
    assert (root.get("errors"), root.get("tests")) == ("2", "8")
    over = parsed(a_run(TASKS[0], faults=(fault,)))
    assert over.get("errors") == "0"
    assert "datanode ended" in (over.findtext("testsuite/system-err") or "")
    assert parsed(a_run(faults=(fault,))).get("errors") == "1"


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.PASSED])
def test_hostile_text_stays_text(outcome: Outcome) -> None:
    hostile = a_task(
        "ex5.1", outcome, 0, 1, title=HOSTILE, expected=HOSTILE, observed=HOSTILE, hint=HOSTILE, look=HOSTILE,
        remarks=(HOSTILE,),
    )  # fmt: skip
    data = to_junit(
        a_run(
            hostile, submission=HOSTILE, backend=HOSTILE, sandbox=HOSTILE, versions={HOSTILE: HOSTILE},
            faults=(Fault(HOSTILE, HOSTILE, HOSTILE, HOSTILE),), started_at=HOSTILE,
        )
    )  # fmt: skip
    root = ET.fromstring(data)
    assert len([each for each in root.iter("testcase") if "ex5" in each.get("classname", "")]) == 1
    text = data.decode("utf-8")
    assert not re.search("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    assert not re.search("[\x1b\x80-\x9f\u202e]", text)
    assert len(data) < 500_000


@pytest.mark.parametrize("started_at", ["", "yesterday", "2026-10-01T08:00:00"])
def test_an_unknown_start_is_left_out(started_at: str) -> None:
    assert "timestamp" not in parsed(a_run(*TASKS, started_at=started_at))[0].attrib


def test_an_empty_run_is_a_document() -> None:
    assert parsed(a_run()).get("tests") == "0"
