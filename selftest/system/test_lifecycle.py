"""What a run leaves behind (nothing), and labs that stay up. More of it, for every backend: ``contract/backends``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from selftest.cases import ROOT, grade
from selftest.running import RunningGrade
from topicmark.backends.folder import labs_folder
from topicmark.waiting import eventually

REFERENCE = ROOT / "submissions" / "reference"


def topicmark(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "topicmark", *arguments],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def own_labs(tmp_path: Path) -> dict[str, str]:
    """A state folder of its own: no other test's lab is seen."""
    return {"TOPICMARK_STATE": str(tmp_path / "state")}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda n: signal.Signals(n).name)
def test_a_run_that_is_ended_leaves_no_process(number: int, tmp_path: Path) -> None:
    with RunningGrade(tmp_path, str(REFERENCE), "--fresh", "-k", "ex5") as run:
        run.await_output("  ex5.3 ")
        family = run.family()
        assert len(family) > 3

        run.signal(number)
        run.wait(30)

        _, alive = psutil.wait_procs(family, timeout=15)
        assert alive == []


def test_a_finished_run_leaves_no_lab_and_valid_results(tmp_path: Path) -> None:
    with RunningGrade(tmp_path, str(REFERENCE), "--fresh", "-k", "ex5.1") as run:
        folder = run.lab_folder().parent
        assert folder.parent == labs_folder()
        assert run.wait() == 0, run.output
        assert not folder.exists()
        assert run.results()["finished"] is True


def test_a_kept_lab_is_reused_as_new_and_taken_down(own_labs: dict[str, str], tmp_path: Path) -> None:
    up = topicmark("up", env=own_labs)
    assert up.returncode == 0, up.stderr
    labs = list((Path(own_labs["TOPICMARK_STATE"]) / "labs").iterdir())
    assert len(labs) == 1
    record = json.loads((labs[0] / "kafka" / "kafka.json").read_text())
    try:
        for attempt in ("first", "second"):
            graded = grade(REFERENCE, tmp_path / attempt, "-k", "ex4 or ex7", env=own_labs)
            assert graded.code == 0, graded.told()
            assert list((Path(own_labs["TOPICMARK_STATE"]) / "labs").iterdir()) == labs
        assert labs[0].name in topicmark("status", env=own_labs).stdout
    finally:
        down = topicmark("down", env=own_labs)
    assert "1 taken down" in down.stdout
    assert not labs[0].exists()
    eventually(lambda: psutil.pid_exists(record["pid"]), lambda there: not there, within=10, describe="its end")


def test_two_runs_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with (
        RunningGrade(tmp_path / "a", str(REFERENCE), "--fresh", "-k", "ex4") as first,
        RunningGrade(tmp_path / "b", str(REFERENCE), "--fresh", "-k", "ex4") as second,
    ):
        assert (first.wait(), second.wait()) == (0, 0), first.output + second.output


def test_plain_pytest_gives_the_same_verdicts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-k", "ex1", f"--submission={REFERENCE}", f"--out={tmp_path}", "--fresh"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "Score 8 of 8" in done.stdout
    assert [task["outcome"] for task in json.loads((tmp_path / "results.json").read_text())["tasks"]] == ["passed"] * 2


def test_the_starter_runs_and_names_its_gaps(tmp_path: Path) -> None:
    made = topicmark("new", str(tmp_path / "mine"))
    assert made.returncode == 0, made.stderr
    graded = grade(tmp_path / "mine", tmp_path / "out", "--fresh")
    assert graded.code == 1, graded.told()
    earned = sum(task["points"] for task in graded.results["tasks"])
    assert 0 < earned < 24
    for task in graded.points:
        assert any(task in file.read_text() for file in (tmp_path / "mine").rglob("*") if file.is_file()), task


def test_usage_errors_end_with_two(tmp_path: Path) -> None:
    assert topicmark("grade", str(tmp_path / "nowhere")).returncode == 2
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "submission.toml").write_text("[produzer]\n")
    broken = topicmark("grade", str(tmp_path / "broken"))
    assert broken.returncode == 2
    assert "submission.toml:1" in broken.stdout + broken.stderr
    assert topicmark("grade", str(REFERENCE), "-k", "ex99").returncode == 2
