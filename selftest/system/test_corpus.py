"""Right hand-ins keep all points; wrong ones lose exactly what their ``expect.toml`` says. On the real lab.

Right ones get a lab of their own, wrong ones one that is kept up and reset between them: as a student's second run,
and a class in a row, would.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftest.cases import BONUS, ROOT, Case, cases, grade


@pytest.fixture(scope="session")
def kept_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A lab of this worker's that stays up; the environment in which `grade` finds it."""
    env = {"TOPICMARK_STATE": str(tmp_path_factory.mktemp("state"))}
    command = [sys.executable, "-m", "topicmark"]
    subprocess.run([*command, "up"], cwd=ROOT, env={**os.environ, **env}, check=True, timeout=180)
    yield env
    subprocess.run([*command, "down", "--all"], cwd=ROOT, env={**os.environ, **env}, check=True, timeout=60)


def judge(case: Case, folder: Path, *options: str, env: dict[str, str] | None = None) -> None:
    """Grade the case and compare."""
    submission = case.lay_out(folder / case.folder.name)

    graded = grade(submission, folder / "out", *options, "-k", " or ".join(case.exercises), env=env)

    assert graded.points == case.points, graded.told()
    assert not graded.results["faults"], graded.told()
    assert set(graded.outcomes.values()) <= {"passed", "failed", "blocked"}, graded.told()
    assert graded.code == (1 if case.points.keys() - BONUS else 0), graded.output


@pytest.mark.divided
@pytest.mark.parametrize("case", cases("variants"), ids=lambda case: case.name)
def test_a_right_hand_in_keeps_every_point(case: Case, tmp_path: Path) -> None:
    assert not case.points
    judge(case, tmp_path, "--fresh")


@pytest.mark.divided
@pytest.mark.parametrize("case", cases("mutants"), ids=lambda case: case.name)
def test_a_wrong_hand_in_loses_exactly_its_points(case: Case, tmp_path: Path, kept_lab: dict[str, str]) -> None:
    assert case.points
    judge(case, tmp_path, env=kept_lab)


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(cases("variants")) >= 24
    assert len(cases("mutants")) >= 50
