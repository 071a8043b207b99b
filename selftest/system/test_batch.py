"""A class on real labs: killed in the middle and resumed, nobody is graded twice."""

from __future__ import annotations

import contextlib
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


FRESH = ("-k", "ex1", "--workers", "2", "--fresh")
HELD = ("-k", "ex4.1", "--workers", "1")


def start(handed_in: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    with (out.parent / "said").open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "topicmark", "batch", str(handed_in), f"--out={out}", *options],
            cwd=ROOT,
            env={**os.environ, "CI": "", "TOPICMARK_STATE": str(out.parent / "state")},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def graded(out: Path) -> dict[str, int]:
    """When the results were written of those whose run came to its end."""
    files = out.glob("*/results.json")
    return {file.parent.name: file.stat().st_mtime_ns for file in files if json.loads(file.read_bytes())["finished"]}


def await_first(batch: subprocess.Popen[bytes], out: Path) -> None:
    """Until somebody is graded, and the batch goes on."""
    eventually(
        lambda: graded(out) or batch.poll() is not None,
        bool,
        within=400,
        describe="the first that is graded",
    )
    assert batch.poll() is None, (out.parent / "said").read_text()


def labs_processes(state: Path) -> list[psutil.Process]:
    """Of labs that are held there. They are nobody's children once the run is over that started them."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if Path(process.cwd()).is_relative_to(state / "held"):
                found.append(process)
    return found


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "class.csv").open(encoding="utf-8", newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


def test_a_class_that_is_killed_in_the_middle_is_resumed(handed_in: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch = start(handed_in, out, *FRESH)
    await_first(batch, out)
    family = psutil.Process(batch.pid).children(recursive=True)
    os.kill(batch.pid, signal.SIGKILL)
    batch.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    before = graded(out)
    assert 0 < len(before) < 3

    again = start(handed_in, out, *FRESH)
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


def test_trusted_hand_ins_of_a_worker_have_one_lab_after_another_made_as_new(handed_in: Path, tmp_path: Path) -> None:
    (handed_in / "cy" / "setup.sh").write_text(
        "kafka-topics.sh --bootstrap-server kafka:9092 --create --topic INGESTION"
    )
    out, state = tmp_path / "out", tmp_path / "state"
    batch = start(handed_in, out, *HELD)
    seen: set[Path] = set()
    eventually(
        lambda: seen.update(state.glob("held/held-*/lab-*")) or batch.poll(),
        lambda code: code is not None,
        within=400,
        describe="the end of the class",
    )

    assert batch.returncode == 3, (tmp_path / "said").read_text()  # ed.zip
    assert {row["state"] for name, row in rows(out).items() if name != "ed"} == {"graded"}
    assert len(seen) == 1
    assert list(state.glob("held/*")) == []
    assert labs_processes(state) == []


def test_held_labs_end_with_a_batch_that_is_killed(handed_in: Path, tmp_path: Path) -> None:
    out, state = tmp_path / "out", tmp_path / "state"
    batch = start(handed_in, out, *HELD)
    await_first(batch, out)
    assert labs_processes(state) != []
    os.kill(batch.pid, signal.SIGKILL)
    batch.wait()
    eventually(lambda: labs_processes(state), lambda left: left == [], within=60, describe="the lab to end")

    again = start(handed_in, out, *HELD)

    assert again.wait(timeout=600) == 3, (tmp_path / "said").read_text()  # ed.zip
    assert list(state.glob("held/*")) == [], "what the first one left was removed"
