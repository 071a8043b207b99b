"""``docs/writing-an-exercise.md``: what it shows is a whole exercise, and does what it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from selftest.cases import ROOT

DOC = ROOT / "docs" / "writing-an-exercise.md"
_FENCE = re.compile(r"^`([^`]+)`\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GRADER = ("tests", "fixtures", "conftest.py", "pytest.ini", "course.toml")
_MOST_LINES = 29


def shown() -> list[tuple[str, str]]:
    """File names and contents, in the order of the page."""
    return [(name, text) for name, text in _FENCE.findall(DOC.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def grader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with the exercise in it."""
    folder = tmp_path_factory.mktemp("grader")
    for name in _GRADER:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    for name, text in shown():
        if name == "conftest.py":
            conftest = (folder / name).read_text()
            (folder / name).write_text(conftest.replace("_FIXTURES = (\n", f"_FIXTURES = (\n{text}"))
        elif name == "course.toml":
            (folder / name).write_text(f"{(folder / name).read_text()}\n{text}")
        elif name != "exercise09.sh":
            (folder / name).write_text(text)
    return folder


def graded(grader: Path, script: str, folder: Path) -> tuple[int, dict[str, Any]]:
    """The exit code, and the one task."""
    submission = folder / "submission"
    submission.mkdir()
    (submission / "exercise09.sh").write_text(script)
    command = [sys.executable, "-m", "pytest", "-q", "-k", "ex9.1", f"--submission={submission}", f"--out={folder}"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
    done = subprocess.run(command, cwd=grader, env=environment, capture_output=True, text=True, timeout=200)
    results = json.loads((folder / "results.json").read_text())
    assert len(results["tasks"]) == 1, done.stdout
    assert "Exercise 9 - Compaction" in (folder / "report.html").read_text()
    return done.returncode, results["tasks"][0]


def test_it_is_as_short_as_it_says() -> None:
    lines = [line for name, text in shown() if name.endswith(".py") for line in text.splitlines() if line.strip()]
    assert len(lines) <= _MOST_LINES


def test_the_right_script_earns_the_points(grader: Path, tmp_path: Path) -> None:
    right, _ = [text for name, text in shown() if name == "exercise09.sh"]
    code, task = graded(grader, right, tmp_path)
    assert (code, task["outcome"], task["points"]) == (0, "passed", 3), task


def test_the_wrong_script_loses_them_and_is_told_why(grader: Path, tmp_path: Path) -> None:
    _, wrong = [text for name, text in shown() if name == "exercise09.sh"]
    code, task = graded(grader, wrong, tmp_path)
    assert (code, task["outcome"], task["points"]) == (1, "failed", 0), task
    assert task["expected"] == "cleanup.policy=compact"
    assert task["observed"] == "delete"
    assert task["hint"] == "Which cleanup.policy keeps the last record of each key?"
