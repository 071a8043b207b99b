"""A class on real labs: killed in the middle and resumed, nobody is graded twice."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from selftest.cases import ROOT
from topicmark.waiting import eventually

REFERENCE = ROOT / "submissions" / "reference"
ONE_BROKER = ROOT / "selftest" / "submissions" / "mutants" / "ex1-one-broker" / "submission"


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    shutil.copytree(REFERENCE, folder / "anna")
    shutil.copytree(REFERENCE, folder / "bo")
    shutil.copytree(ONE_BROKER, folder / "bo", dirs_exist_ok=True)
    shutil.copytree(REFERENCE, folder / "cy")
    (folder / "cy" / "note.txt").write_text("not quite the same")
    shutil.make_archive(str(folder / "di"), "zip", REFERENCE)
    (folder / "ed.zip").write_bytes(b"no archive")
    return folder


def start(handed_in: Path, out: Path) -> subprocess.Popen[bytes]:
    options = [f"--out={out}", "-k", "ex1", "--workers", "2", "--fresh"]
    with (out.parent / "said").open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "topicmark", "batch", str(handed_in), *options],
            cwd=ROOT,
            env={**os.environ, "CI": ""},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def graded(out: Path) -> dict[str, int]:
    """When the results were written of those whose run came to its end."""
    files = out.glob("*/results.json")
    return {file.parent.name: file.stat().st_mtime_ns for file in files if json.loads(file.read_bytes())["finished"]}


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "class.csv").open(encoding="utf-8", newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


def test_a_class_that_is_killed_in_the_middle_is_resumed(handed_in: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch = start(handed_in, out)
    eventually(
        lambda: graded(out) or batch.poll() is not None,
        bool,
        within=400,
        describe="the first that is graded",
    )
    assert batch.poll() is None, (tmp_path / "said").read_text()
    family = psutil.Process(batch.pid).children(recursive=True)
    os.kill(batch.pid, signal.SIGKILL)
    batch.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    before = graded(out)
    assert 0 < len(before) < 3

    again = start(handed_in, out)
    assert again.wait(timeout=600) == 3, (tmp_path / "said").read_text()  # ed.zip

    found = rows(out)
    assert {name: (row["state"], row["score"]) for name, row in found.items() if name != "bo"} == {
        "anna": ("graded", "8"), "cy": ("graded", "8"), "di": ("graded", "8"), "ed": ("refused", ""),
    }  # fmt: skip
    assert found["bo"]["state"] == "graded"
    assert int(found["bo"]["score"]) < 8
    assert found["di"]["identical_to"] == "anna"
    assert before.items() <= graded(out).items()
    assert "4 of 5 hand-ins graded" in (out / "class.html").read_text()
