"""``junit.xml`` in the shape that pytest writes as ``xunit2``: suites are exercises, test cases are tasks.

What a student did wrong is a ``failure``, what broke on our side an ``error``, what has no verdict is ``skipped``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from topicmark.model import Fault, Outcome, RunResult, TaskResult
from topicmark.reports.explanation import explanation
from topicmark.reports.grouping import Exercise, by_exercise
from topicmark.reports.text import clipped, one_line, visible
from topicmark.reports.words import why_not_judged

_LONGEST_MESSAGE = 400
_LONGEST_TEXT = 20_000
_LAB = "lab"


def to_junit(run: RunResult) -> bytes:
    """The run as JUnit XML in UTF-8. No control characters, no terminal escapes; times are seconds.

    Faults of ours that kept tasks from being judged are test cases of a suite ``lab``, each an error; faults that
    a second attempt got over are told in ``system-err``, so that they do not turn a graded run red.
    """
    root = ET.Element("testsuites", name="topicmark")
    exercises = by_exercise(run.tasks)
    suites = [_suite(run, exercise) for exercise in exercises]
    if run.faults and (not run.could_be_graded or not suites):
        suites.append(_fault_suite(run))
    elif run.faults:
        suites[0].append(_element("system-err", "\n\n".join(_fault_text(fault) for fault in run.faults)))
    root.extend(suites)
    for counted in ("tests", "failures", "errors"):
        root.set(counted, str(sum(int(suite.get(counted, "0")) for suite in suites)))
    root.set("time", _seconds(run.duration_s or sum(task.duration_s for task in run.tasks)))
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(run: RunResult, exercise: Exercise) -> ET.Element:
    cases = [_case(task) for task in exercise.tasks]
    suite = _suite_of(run, exercise.id, cases, sum(task.duration_s for task in exercise.tasks))
    facts = {
        "submission": run.submission,
        "backend": run.backend,
        "sandbox": run.sandbox,
        "points": str(exercise.points),
        "max_points": str(exercise.max_points),
        **{f"version.{part}": version for part, version in run.versions.items()},
    }
    suite.insert(0, _properties(facts))
    return suite


def _fault_suite(run: RunResult) -> ET.Element:
    cases = []
    for number, fault in enumerate(run.faults, start=1):
        case = ET.Element(
            "testcase", classname=f"topicmark.{_LAB}", name=_line(f"{fault.service} {number}"), time="0.000"
        )
        case.append(_element("error", _fault_text(fault), message=_line(fault.reason), type="topicmark.fault"))
        cases.append(case)
    return _suite_of(run, _LAB, cases, 0.0)


def _suite_of(run: RunResult, name: str, cases: Iterable[ET.Element], duration_s: float) -> ET.Element:
    # "localhost" is what the format asks for where the host is not told; a report must not name a teacher's machine.
    suite = ET.Element("testsuite", name=_line(name), hostname="localhost", time=_seconds(duration_s))
    timestamp = _timestamp(run.started_at)
    if timestamp:
        suite.set("timestamp", timestamp)
    suite.extend(cases)
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    return suite


def _case(task: TaskResult) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=_line(f"topicmark.{task.exercise}"),
        name=_line(f"{task.id} {task.title}"),
        time=_seconds(task.duration_s),
    )
    facts = {
        "task": task.id,
        "outcome": str(task.outcome),
        "points": str(task.points),
        "max_points": str(task.max_points),
        **({"bonus": "true"} if task.bonus else {}),
    }
    case.append(_properties(facts))
    verdict = _verdict(task)
    if verdict is not None:
        case.append(verdict)
    if task.remarks:
        case.append(_element("system-out", "\n".join(f"Remark: {remark}" for remark in task.remarks)))
    return case


def _verdict(task: TaskResult) -> ET.Element | None:
    kind = f"topicmark.{task.outcome}"
    if task.outcome is Outcome.PASSED:
        return None
    if task.outcome is Outcome.FAILED:
        message = task.observed or f"expected: {task.expected}"
        return _element("failure", explanation(task, _LONGEST_TEXT), message=_line(message), type=kind)
    if task.outcome is Outcome.INFRA:
        return _element("error", explanation(task, _LONGEST_TEXT), message=_line(why_not_judged(task)), type=kind)
    return _element("skipped", "", message=_line(f"{task.outcome}: {why_not_judged(task)}"), type=kind)


def _fault_text(fault: Fault) -> str:
    parts = [f"{fault.service}: {fault.reason}", fault.remedy, clipped(fault.log, _LONGEST_TEXT)]
    return "\n".join(part for part in parts if part)


def _properties(facts: Mapping[str, str]) -> ET.Element:
    properties = ET.Element("properties")
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=_line(name), value=_line(value))
    return properties


def _element(tag: str, text: str, **attributes: str) -> ET.Element:
    element = ET.Element(tag, attributes)
    element.text = visible(text) or None
    return element


def _line(text: str) -> str:
    return one_line(clipped(text, _LONGEST_MESSAGE))


def _seconds(duration_s: float) -> str:
    return f"{max(0.0, duration_s):.3f}"


def _timestamp(started_at: str) -> str:
    """ISO 8601 with an offset, as pytest writes it; empty if the start is unknown."""
    try:
        moment = datetime.datetime.fromisoformat(started_at)
    except ValueError:
        return ""
    return moment.isoformat(timespec="milliseconds") if moment.tzinfo else ""
