"""From what a test raised to an outcome, and what outcomes add up to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from topicmark.model import Fault, LabFault, Outcome, RunResult, SubmissionError, Task, TaskResult, Unable, UsageError
from topicmark.scoring import Blocked, NotJudged, Parts, Unmet, expect, verdict
from topicmark.scoring.expect import describe
from topicmark.waiting import WaitExpired

TASK = Task("ex4.1", 5, "INGESTION is chosen", "Was it created?", "kafka-topics.sh --describe")
BROKER_DIED = Fault("broker-2", "it ended", log="OutOfMemory")

# expect


@pytest.mark.parametrize(
    "judge",
    [
        lambda: expect(3).to_be(3, "three"),
        lambda: expect(3).to_be(3.0, "three"),
        lambda: expect(None).to_be(None, "nothing refused"),
        lambda: expect({1, 2}).to_be(frozenset({2, 1}), "both"),
        lambda: expect(True).to_be_true("so"),
        lambda: expect([0]).to_be_true("not empty"),
        lambda: expect([]).to_be_empty("none"),
        lambda: expect({}).to_be_empty("none"),
        lambda: expect(frozenset()).to_be_empty("none"),
        lambda: expect("").to_be_empty("none"),
        lambda: expect(4).to_satisfy(lambda n: n >= 3, "three"),
    ],
)
def test_what_is_as_expected_passes(judge: Callable[[], None]) -> None:
    assert judge() is None


@pytest.mark.parametrize(
    ("judge", "expected", "observed"),
    [
        (lambda: expect(2).to_be(3, "three voters"), "three voters", "2"),
        (lambda: expect("SASL").to_be("PLAINTEXT", "PLAINTEXT"), "PLAINTEXT", "SASL"),
        (lambda: expect("3").to_be(3, "the number"), "the number", "3"),
        (lambda: expect(None).to_be("g-1", "a group g-1"), "a group g-1", "nothing"),
        (lambda: expect([]).to_be_true("some"), "some", "[]"),
        (lambda: expect(False, seen="no leader").to_be_true("a leader"), "a leader", "no leader"),
        (lambda: expect({3, 1, 2}).to_be_empty("none twice"), "none twice", "[1, 2, 3]"),
        (lambda: expect([7], seen="record 7").to_be_empty("none twice"), "none twice", "record 7"),
        (lambda: expect(None).to_be_empty("a list that is empty"), "a list that is empty", "nothing"),
        (lambda: expect(0).to_be_empty("a list that is empty"), "a list that is empty", "0"),
        (lambda: expect(2, seen="2 brokers").to_satisfy(lambda n: n >= 3, "three"), "three", "2 brokers"),
        (lambda: expect(2, seen="").to_be(3, "three"), "three", ""),
    ],
)
def test_what_is_not_as_expected_is_unmet(judge: Callable[[], None], expected: str, observed: str) -> None:
    with pytest.raises(Unmet) as unmet:
        judge()
    assert (unmet.value.expected, unmet.value.observed) == (expected, observed)
    assert unmet.value.points == 0
    assert str(unmet.value) == f"expected {expected}; seen: {observed}"


def test_a_condition_that_breaks_is_not_held_against_the_student() -> None:
    with pytest.raises(TypeError):
        expect("two").to_satisfy(lambda n: n >= 3, "three")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ("plain", "plain"),
        (7, "7"),
        ({2, 1}, "[1, 2]"),
        (frozenset(), "[]"),
        ({"b", 1}, "['b', 1]"),
    ],
)
def test_values_in_words(value: object, text: str) -> None:
    assert describe(value) == text


@pytest.mark.parametrize("value", ["x" * 301, list(range(1000)), set(range(1000))])
def test_long_values_are_cut(value: object) -> None:
    text = describe(value)
    assert len(text) == 300
    assert text.endswith("…")


# Parts


def test_all_parts_earned_settle_quietly() -> None:
    parts = Parts()
    with parts.worth(3):
        expect(1).to_be(1, "one")
    with parts.worth(2):
        expect([]).to_be_empty("none")
    assert parts.settle() is None
    assert parts.points == 5


def test_a_missing_part_keeps_the_points_of_the_others() -> None:
    parts = Parts()
    with parts.worth(3):
        expect(4, seen="4 replicas").to_be(3, "three replicas")
    with parts.worth(2):
        expect([]).to_be_empty("none")
    with pytest.raises(Unmet) as unmet:
        parts.settle()
    assert unmet.value.points == 2
    assert (unmet.value.expected, unmet.value.observed) == ("three replicas", "4 replicas")


def test_several_missing_parts_are_all_named() -> None:
    parts = Parts()
    with parts.worth(3):
        expect(4).to_be(3, "three replicas")
    with parts.worth(2):
        expect(["retention.ms"]).to_be_empty("retention")
    with pytest.raises(Unmet) as unmet:
        parts.settle()
    assert unmet.value.points == 0
    assert unmet.value.expected == "three replicas; retention"
    assert unmet.value.observed == "4; ['retention.ms']"


def test_what_follows_an_unmet_expectation_in_a_part_is_not_judged() -> None:
    parts = Parts()
    reached: list[str] = []
    with parts.worth(3):
        expect(1).to_be(2, "two")
        reached.append("after")
    assert reached == []
    assert parts.points == 0


@pytest.mark.parametrize("error", [LabFault("gone"), Blocked("ex4.1", "no topic"), ZeroDivisionError(), NotJudged()])
def test_only_the_unmet_is_kept_for_later(error: Exception) -> None:
    parts = Parts()
    with pytest.raises(type(error)), parts.worth(3):
        raise error
    assert parts.points == 0
    assert parts.settle() is None


def test_parts_that_nobody_used_settle_quietly() -> None:
    assert Parts().settle() is None


# verdict


def judged(error: BaseException | None, faults: tuple[Fault, ...] = (), **more: Any) -> tuple[TaskResult, Fault | None]:
    given: dict[str, Any] = {"duration_s": 1.23456, "evidence": {"seen": 1}, "remarks": ["retired image"], **more}
    return verdict(TASK, error, faults=faults, **given)


def test_no_error_is_passed_with_all_points() -> None:
    result, fault = judged(None)
    assert (result.outcome, result.points, result.max_points) == (Outcome.PASSED, 5, 5)
    assert (result.expected, result.observed, result.hint, result.look) == ("", "", "", "")
    assert fault is None


def test_passed_stays_passed_whatever_broke() -> None:
    result, fault = judged(None, (BROKER_DIED,))
    assert (result.outcome, result.points) == (Outcome.PASSED, 5)
    assert fault is None


def test_unmet_is_failed_and_says_where_to_look() -> None:
    result, fault = judged(Unmet("three replicas", "4", evidence={"topic": "INGESTION"}))
    assert (result.outcome, result.points) == (Outcome.FAILED, 0)
    assert (result.expected, result.observed) == ("three replicas", "4")
    assert (result.hint, result.look) == (TASK.hint, TASK.look)
    assert result.evidence == {"seen": 1, "topic": "INGESTION"}
    assert fault is None


@pytest.mark.parametrize("points", [0, 2, 3])
def test_unmet_keeps_the_points_of_its_parts(points: int) -> None:
    result, _ = judged(Unmet("retention", "none", points=points))
    assert (result.outcome, result.points, result.max_points) == (Outcome.FAILED, points, 5)


def test_blocked_earns_nothing_and_names_what_it_needs() -> None:
    result, fault = judged(Blocked("ex4.3", "no record arrived"))
    assert (result.outcome, result.points) == (Outcome.BLOCKED, 0)
    assert "ex4.3" in result.expected
    assert result.observed == "no record arrived"
    assert (result.hint, result.look) == (TASK.hint, TASK.look)
    assert fault is None


@pytest.mark.parametrize("faults", [(), (BROKER_DIED,)])
def test_what_cannot_be_judged_here_is_not_run(faults: tuple[Fault, ...]) -> None:
    result, fault = judged(NotJudged("needs a live cluster"), faults)
    assert (result.outcome, result.points, result.observed) == (Outcome.NOT_RUN, 0, "needs a live cluster")
    assert fault is None


def test_what_a_lab_cannot_do_is_not_run_with_the_remedy() -> None:
    result, fault = judged(Unable("this lab cannot stop a broker", "Use --backend embedded."))
    assert result.outcome is Outcome.NOT_RUN
    assert result.observed == "this lab cannot stop a broker. Use --backend embedded."
    assert fault is None


def test_a_fault_of_the_lab_is_infra_with_its_log() -> None:
    error = LabFault("it ended", service="broker-2", log="OutOfMemory", remedy="more memory")
    result, fault = judged(error)
    assert (result.outcome, result.points) == (Outcome.INFRA, 0)
    assert result.observed == "broker-2: it ended"
    assert (result.hint, result.look) == ("", "")
    assert fault == Fault("broker-2", "it ended", "OutOfMemory", "more memory")


def test_a_wait_of_ours_that_ran_out_is_infra() -> None:
    result, fault = judged(WaitExpired("a leader", 30.0, None))
    assert result.outcome is Outcome.INFRA
    assert fault is not None
    assert fault.service == "lab"
    assert "a leader" in fault.reason
    assert fault.remedy


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("division by zero"),
        AssertionError("assert 1 == 2"),
        KeyError("missing"),
        TimeoutError("slow"),
        ConnectionResetError("reset"),
        OSError(28, "No space left on device"),
        RecursionError("too deep"),
        MemoryError(),
        UsageError("bad option"),
        SubmissionError("submission.toml:1", "unknown key"),
        ExceptionGroup("several", [ValueError("a")]),
        SystemExit(1),
        GeneratorExit(),
        pytest.fail.Exception("fixture 'x' not found"),
        pytest.skip.Exception("skipped"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_everything_else_is_a_bug_of_ours(error: BaseException) -> None:
    result, fault = judged(error)
    assert (result.outcome, result.points) == (Outcome.INFRA, 0)
    assert fault is not None
    assert fault.service == "grader"
    assert type(error).__name__ in fault.reason
    assert "bug" in fault.remedy


@pytest.mark.parametrize(
    "error",
    [
        Unmet("three", "two"),
        Unmet("three", "two", points=3),
        Blocked("ex4.1", "no topic"),
    ],
    ids=["unmet", "partly", "blocked"],
)
def test_with_a_fault_what_is_not_passed_is_infra(error: Exception) -> None:
    second = Fault("disk", "full")
    result, fault = judged(error, (BROKER_DIED, second))
    assert (result.outcome, result.points) == (Outcome.INFRA, 0)
    assert fault == BROKER_DIED
    assert result.observed == "broker-2: it ended"
    assert result.hint == ""


@pytest.mark.parametrize(
    ("error", "told"),
    [(ValueError("x"), "broker-2"), (LabFault("y", service="hdfs"), "hdfs"), (WaitExpired("z", 1.0, None), "broker-2")],
)
def test_with_a_fault_what_broke_in_the_test_is_infra_too_by_what_is_known(error: Exception, told: str) -> None:
    result, fault = judged(error, (BROKER_DIED,))
    assert result.outcome is Outcome.INFRA
    assert fault is not None
    assert fault.service == told


@pytest.mark.parametrize(
    "error", [None, Unmet("a", "b"), Blocked("ex1.1", "c"), LabFault("d"), ValueError("e"), NotJudged("f")]
)
def test_every_result_tells_the_task_and_keeps_what_was_noted(error: Exception | None) -> None:
    result, _ = judged(error)
    assert (result.id, result.exercise, result.title, result.max_points) == ("ex4.1", "ex4", TASK.title, 5)
    assert result.evidence == {"seen": 1}
    assert result.remarks == ("retired image",)
    assert result.duration_s == 1.235
    assert not result.bonus


def test_a_bonus_task_gives_a_bonus_result() -> None:
    task = Task("ex8.1", 5, "Flume", "h", "l", bonus=True)
    result, _ = verdict(task, None, faults=(), duration_s=0.0, evidence={}, remarks=())
    assert result.bonus
    assert result.points == 5


# Tasks and results


@pytest.mark.parametrize(
    "task_id", ["ex5", "5.1", "ex5.", "ex5.1a", "ex5.1.2", "Ex5.1", "ex5.1 ", " ex5.1", "exa.1", ""]
)
def test_ids_of_tasks_have_one_form(task_id: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        Task(task_id, 1, "t", "h", "l")


@pytest.mark.parametrize("points", [0, -1])
def test_a_task_is_worth_something(points: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        Task("ex5.1", points, "t", "h", "l")


def result(outcome: Outcome, points: int, max_points: int = 5, *, bonus: bool = False) -> TaskResult:
    return TaskResult("ex4.1", "ex4", "t", outcome, points, max_points, bonus=bonus)


@pytest.mark.parametrize(
    ("outcome", "points"),
    [
        (Outcome.PASSED, 4),
        (Outcome.PASSED, 0),
        (Outcome.PASSED, 6),
        (Outcome.FAILED, 5),
        (Outcome.FAILED, -1),
        (Outcome.FAILED, 6),
        (Outcome.BLOCKED, 5),
        (Outcome.INFRA, 5),
        (Outcome.NOT_RUN, 5),
        (Outcome.REVIEW, 5),
    ],
)
def test_points_and_outcome_that_contradict_each_other_are_refused(outcome: Outcome, points: int) -> None:
    with pytest.raises(ValueError, match=r"ex4\.1"):
        result(outcome, points)


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (Outcome.PASSED, True),
        (Outcome.FAILED, True),
        (Outcome.BLOCKED, True),
        (Outcome.INFRA, False),
        (Outcome.NOT_RUN, False),
        (Outcome.REVIEW, False),
    ],
)
def test_what_belongs_to_the_denominator(outcome: Outcome, counts: bool) -> None:
    assert outcome.counts is counts
    assert len(Outcome) == 6


def run(*tasks: TaskResult, finished: bool = True) -> RunResult:
    return RunResult("anna", "embedded", tasks, finished=finished)


@pytest.mark.parametrize(
    ("tasks", "score", "max_score", "lost", "graded"),
    [
        ([], 0, 0, 0, True),
        ([result(Outcome.PASSED, 5)], 5, 5, 0, True),
        ([result(Outcome.FAILED, 0)], 0, 5, 5, True),
        ([result(Outcome.FAILED, 2)], 2, 5, 3, True),
        ([result(Outcome.BLOCKED, 0)], 0, 5, 5, True),
        ([result(Outcome.PASSED, 5), result(Outcome.INFRA, 0)], 5, 5, 0, False),
        ([result(Outcome.FAILED, 2), result(Outcome.NOT_RUN, 0)], 2, 5, 3, True),
        ([result(Outcome.PASSED, 5), result(Outcome.REVIEW, 0)], 5, 5, 0, True),
        ([result(Outcome.PASSED, 5), result(Outcome.PASSED, 5, bonus=True)], 10, 5, 0, True),
        ([result(Outcome.PASSED, 5), result(Outcome.FAILED, 0, bonus=True)], 5, 5, 0, True),
        ([result(Outcome.FAILED, 1), result(Outcome.PASSED, 5, bonus=True)], 6, 5, 4, True),
        ([result(Outcome.INFRA, 0, bonus=True)], 0, 0, 0, False),
        ([result(Outcome.PASSED, 3, 3), result(Outcome.FAILED, 2), result(Outcome.BLOCKED, 0, 2)], 5, 10, 5, True),
    ],
)
def test_what_results_add_up_to(tasks: list[TaskResult], score: int, max_score: int, lost: int, graded: bool) -> None:
    found = run(*tasks)
    assert (found.score, found.max_score, found.lost) == (score, max_score, lost)
    assert found.could_be_graded is graded
    assert found.max_score - found.lost == sum(t.points for t in tasks if t.outcome.counts and not t.bonus)


def test_a_run_that_did_not_finish_was_not_graded() -> None:
    assert not run(result(Outcome.PASSED, 5), finished=False).could_be_graded


def test_points_for_each_of_several_things() -> None:
    parts = Parts()
    parts.each(2, (1, 2, 3), lambda number: expect(number).to_satisfy(lambda n: n != 2, f"no {number}"))
    assert parts.points == 4
    with pytest.raises(Unmet, match="no 2") as unmet:
        parts.settle()
    assert unmet.value.points == 4
