"""One submission, one verdict, whichever backend runs the lab: the reference, and a wrong hand-in of each exercise.

A lab that is kept up and reset is what the whole corpus is graded on: see ``test_corpus``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from selftest.backends import Ground, Way, embedded, kubernetes, opened, ways
from selftest.cases import CORPUS, ROOT, Graded, grade, read
from topicmark.backends.base import Ability

pytestmark = pytest.mark.divided

REFERENCE = ROOT / "submissions" / "reference"
MUTANTS = (
    "ex2-no-deletion",
    "ex3-console-topic-tests",
    "ex4-topic-rf-1-min-isr-2",
    "ex5-group-hardcoded",
    "ex6-two-ids-swapped",
    "ex7-topic-misspelt",
)
OF_MANIFESTS = ("ex3-connect-wrong-port", "ex3-registry-wrong-kafka")
"""Wrong only where the submission's components are booted."""


@pytest.fixture(scope="module", params=ways(embedded.KEPT))
def way(request: pytest.FixtureRequest) -> Way:
    made: Way = request.param
    return made


@pytest.fixture(scope="module")
def ground(way: Way, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with opened(way, request, tmp_path_factory.mktemp(way.name), complete=True) as made:
        yield made


def judge(graded: Graded, way: Way, points: Mapping[str, int]) -> set[str]:
    """Whether it lost these points and no others, but for what the backend says it cannot grade; which that was."""
    told = {one["id"]: one["observed"] for one in graded.results["tasks"] if one["outcome"] == "not_run"}
    assert told.keys() <= way.not_run.keys(), graded.told()
    assert all(way.not_run[task] in said for task, said in told.items()), told
    assert graded.points == {**points, **dict.fromkeys(told, 0)}, graded.told()
    assert not graded.results["faults"], graded.told()
    assert graded.results["backend"] == ground_name(way)
    nothing_judged = graded.outcomes.keys() == told.keys()
    assert graded.code == (3 if nothing_judged else 1 if points.keys() - told.keys() else 0), graded.output
    return set(told)


def ground_name(way: Way) -> str:
    """The backend, as the report has it."""
    return way.name.partition("-")[0]


@pytest.mark.parametrize("exercises", ["ex1 or ex2 or ex3", "ex4 or ex5", "ex6 or ex7", "ex8"])
def test_the_reference_earns_all_that_can_be_had(exercises: str, ground: Ground, way: Way, tmp_path: Path) -> None:
    before = ground.at_rest()

    graded = grade(REFERENCE, tmp_path / "out", *ground.options, "-k", exercises)

    assert judge(graded, way, {}) == graded.outcomes.keys() & way.not_run.keys(), graded.told()
    assert set(graded.outcomes.values()) <= {"passed", "not_run"}, graded.told()
    ground.await_only(before)


@pytest.mark.parametrize("mutant", [*MUTANTS, *OF_MANIFESTS])
def test_a_wrong_hand_in_loses_the_same_points(mutant: str, ground: Ground, way: Way, tmp_path: Path) -> None:
    if way is kubernetes.OBSERVED:
        pytest.skip("as attached, but for the ways in; the reference is graded there")
    if mutant in OF_MANIFESTS and Ability.BOOT in way.cannot:
        pytest.skip("what runs there was not booted from these manifests")
    case = read(CORPUS / "mutants" / mutant)
    before = ground.at_rest()

    graded = grade(
        case.lay_out(tmp_path / mutant), tmp_path / "out", *ground.options, "-k", " or ".join(case.exercises)
    )

    judge(graded, way, case.points)
    ground.await_only(before)
