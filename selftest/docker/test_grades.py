"""The same verdicts from the lab in containers. Against stand-in images."""

from __future__ import annotations

import signal
from pathlib import Path

import docker
import pytest

from selftest.cases import CORPUS, ROOT, grade, read
from selftest.running import RunningGrade
from topicmark.containers import engine
from topicmark.waiting import eventually

MUTANTS = ("ex3-connect-wrong-port", "ex3-registry-wrong-kafka", "ex4-topic-rf-1")


@pytest.fixture(autouse=True)
def nothing_is_left(docker_engine: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("TOPICMARK_STATE", str(tmp_path / "state"))
    yield
    assert engine.markers(str(tmp_path / "state")) == set()


@pytest.mark.parametrize("exercises", ["ex1 or ex2 or ex4 or ex5", "ex3 or ex6 or ex7"])
def test_the_reference_gets_full_marks(exercises: str, tmp_path: Path) -> None:
    graded = grade(ROOT / "submissions" / "reference", tmp_path / "out", "--backend", "docker", "-k", exercises)

    assert graded.code == 0, graded.told()
    assert not graded.results["faults"], graded.told()
    assert graded.results["backend"] == "docker"
    assert graded.results["sandbox"] == "container"
    assert set(graded.outcomes.values()) == {"passed"}, graded.told()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_hand_in_loses_exactly_its_points(name: str, tmp_path: Path) -> None:
    case = read(CORPUS / "mutants" / name)
    submission = case.lay_out(tmp_path / name)

    graded = grade(submission, tmp_path / "out", "--backend", "docker", "-k", " or ".join(case.exercises))

    assert graded.points == case.points, graded.told()
    assert not graded.results["faults"], graded.told()
    assert graded.code == 1, graded.output


def test_a_run_that_is_broken_off_leaves_nothing(tmp_path: Path, docker_engine: docker.DockerClient) -> None:
    arguments = ["submissions/reference", "--backend", "docker", "-k", "ex4"]
    with RunningGrade(tmp_path, *arguments) as run:
        eventually(lambda: engine.markers(str(tmp_path / "state")), bool, within=120, describe="a network")
        run.signal(signal.SIGINT)
        assert run.wait(120) == 130, run.output
