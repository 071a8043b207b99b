"""Hand-ins of people who want more than they earned: they get what they honestly did, and leave nothing behind."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import psutil
import pytest

from selftest.cases import ATTACKS, Case, cases, grade

HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that move a terminal's cursor, or turn a line around."""
COMMANDS = re.compile(r"(?m)^::")


@pytest.mark.divided
@pytest.mark.parametrize("case", [case for case in cases("hostile") if case.refused], ids=lambda case: case.name)
def test_it_is_refused_in_plain_words(case: Case, tmp_path: Path) -> None:
    refused = grade(case.lay_out(tmp_path / "hand-in"), tmp_path / "out", "--untrusted", env={"CI": "true"})

    assert refused.code == 2, refused.output
    assert case.refused in refused.output
    assert not HARMFUL.findall(refused.output), refused.output
    assert not COMMANDS.findall(refused.output), refused.output
    assert not (tmp_path / "out" / "results.json").exists()


@pytest.mark.divided
@pytest.mark.parametrize("case", [case for case in cases("hostile") if not case.refused], ids=lambda case: case.name)
def test_it_earns_what_it_honestly_did(case: Case, tmp_path: Path) -> None:
    submission = case.lay_out(tmp_path / "hand-in")
    scratch, state = tmp_path / "tmp", tmp_path / "state"
    scratch.mkdir()
    env = {"TMPDIR": str(scratch), "TOPICMARK_STATE": str(state), "CI": "true"}
    selection = " or ".join(case.exercises)

    graded = grade(submission, tmp_path / "out", "--untrusted", "-k", selection, env=env)

    assert graded.points == case.points, graded.told()
    assert not graded.results["faults"], graded.told()
    assert {task for task, outcome in graded.outcomes.items() if outcome == "not_run"} == set(case.not_run)
    assert set(graded.outcomes.values()) <= {"passed", "failed", "blocked", "not_run"}, graded.told()
    nothing_judged = set(graded.outcomes.values()) == {"not_run"}
    assert graded.code == (3 if nothing_judged else 1 if case.points else 0), graded.output
    said = (tmp_path / "out" / "results.json").read_text() + graded.output
    assert [words for words in case.told if words not in said] == [], graded.told()
    assert_harmless(graded.output, tmp_path / "out")
    assert_nothing_left(tmp_path, state, scratch)


def assert_harmless(output: str, out: Path) -> None:
    """Whoever reads what the grader writes is safe from what the submission wrote."""
    assert not HARMFUL.findall(output), output
    assert not COMMANDS.findall(output), output
    for path in out.iterdir():
        text = path.read_text()
        assert not HARMFUL.findall(text.replace("\r\n", "\n") if path.suffix == ".csv" else text), path.name
        assert path.suffix != ".html" or "<script" not in text, path.name
        if path.suffix == ".json":
            json.loads(text)
    ET.parse(out / "junit.xml")


def assert_nothing_left(folder: Path, state: Path, scratch: Path) -> None:
    """No process, no lab, no file but those of the run."""
    assert [process for process in psutil.process_iter() if str(state) in _environment(process)] == []
    assert not list(state.glob("labs/*"))
    assert list(scratch.iterdir()) == []
    assert {path.name for path in folder.iterdir()} <= {"hand-in", "out", "state", "tmp"}


def _environment(process: psutil.Process) -> str:
    try:
        return str(process.environ().get("TOPICMARK_STATE", ""))
    except (psutil.Error, OSError):
        return ""


def test_the_hostile_corpus_is_as_large_as_promised() -> None:
    found = cases("hostile")
    assert len(found) >= 45
    for attack in ATTACKS:
        assert sum(case.attack == attack for case in found) >= 3, attack
