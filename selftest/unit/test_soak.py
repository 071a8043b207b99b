"""What the soak test takes for a difference."""

from __future__ import annotations

from typing import Any

import pytest

from selftest.cases import Graded
from selftest.soak import MUTANTS, HandIn, Verdicts, hand_ins

WRONG = HandIn("wrong", (), {"ex5.1": 0, "ex5.2": 2})
PASSED, LOST, PART = ("passed", 4), ("failed", 0), ("failed", 2)


def graded(first: tuple[str, int], second: tuple[str, int], third: tuple[str, int] | None = PASSED) -> Graded:
    tasks: list[dict[str, Any]] = [
        {
            "id": f"ex5.{number}",
            "outcome": mark[0],
            "points": mark[1],
            "max_points": 4,
            "expected": "",
            "observed": "it",
        }
        for number, mark in enumerate((first, second, third), 1)
        if mark is not None
    ]
    return Graded(1, {"tasks": tasks, "faults": []}, "")


def differing(*runs: Graded, hand_in: HandIn = WRONG) -> list[list[str]]:
    """By run, the tasks that differ."""
    verdicts = Verdicts()
    found = [[one.task for one in verdicts.add(hand_in, run)] for run in runs]
    assert (verdicts.runs, verdicts.differences) == (len(runs), sum(map(len, found)))
    return found


def test_what_is_deserved_and_stays_is_no_difference() -> None:
    assert differing(graded(LOST, PART), graded(LOST, PART)) == [[], []]


@pytest.mark.parametrize("mark", [PASSED, ("infra", 0), ("not_run", 0), ("failed", 1)])
def test_what_is_not_deserved_differs_each_time(mark: tuple[str, int]) -> None:
    assert differing(graded(mark, PART), graded(mark, PART)) == [["ex5.1"], ["ex5.1"]]


def test_another_outcome_than_at_first_differs_although_it_is_worth_the_same() -> None:
    assert differing(graded(LOST, PART), graded(("blocked", 0), PART)) == [[], ["ex5.1"]]


def test_a_task_that_is_gone_differs() -> None:
    assert differing(graded(LOST, PART), graded(LOST, PART, None)) == [[], ["ex5.3"]]


@pytest.mark.parametrize("code", [2, 130, -9])
def test_a_run_without_results_differs(code: int) -> None:
    verdicts = Verdicts()
    (found,) = verdicts.add(WRONG, Graded(code, {"tasks": [], "faults": []}, "why"))
    assert (found.task, verdicts.differences) == ("", 1)
    assert "why" in found.told


def test_a_first_run_without_results_leaves_the_next_to_be_compared_with() -> None:
    nothing = Graded(-1, {"tasks": [], "faults": []}, "")
    assert differing(nothing, graded(LOST, PART), graded(LOST, PART)) == [[""], [], []]


def test_a_broken_off_run_differs() -> None:
    verdicts = Verdicts()
    broken_off = Graded(-1, graded(LOST, PART).results, "")
    assert [one.task for one in verdicts.add(WRONG, broken_off)] == [""]


def test_the_reference_and_twelve_mutants_of_all_exercises() -> None:
    found = hand_ins()
    assert [one.name for one in found] == ["reference", *MUTANTS]
    assert len(set(MUTANTS)) == 12
    assert {name.split("-")[0] for name in MUTANTS} == {f"ex{number}" for number in range(1, 8)}
    assert all(one.points for one in found[1:])
