"""The lab is broken on purpose while the reference is graded: no point may be lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from selftest.running import RunningGrade
from topicmark.backends.embedded import QUOTA_BYTES
from topicmark.provision.control import ask

REFERENCE = "submissions/reference"


def kill_all_brokers(run: RunningGrade) -> None:
    run.brokers().kill()


def stop_one_broker(run: RunningGrade) -> None:
    assert ask(run.lab_folder(), "control", "stop 1", within_s=30) == "ok"


def fill_the_quota(run: RunningGrade) -> None:
    ballast = run.lab_folder() / "data" / "0" / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, QUOTA_BYTES + 2**20)


@pytest.mark.parametrize("fault", [kill_all_brokers, stop_one_broker, fill_the_quota], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("exercise", "moment"), [("ex4", "ex4.2"), ("ex5", "ex5.1"), ("ex5", "ex5.2")])
def test_a_broken_lab_costs_no_point(
    fault: Callable[[RunningGrade], None], exercise: str, moment: str, tmp_path: Path
) -> None:
    with RunningGrade(tmp_path, REFERENCE, "--fresh", "-k", exercise) as run:
        run.await_output(f"  {moment} ")

        fault(run)

        code = run.wait()
        results = run.results()
        outcomes = {task["id"]: task["outcome"] for task in results["tasks"]}
        assert set(outcomes.values()) <= {"passed", "infra"}, run.output
        assert len(outcomes) == (5 if exercise == "ex4" else 6)
        assert code == (3 if "infra" in outcomes.values() else 0), run.output
        assert results["score"] == results["max_score"]
