"""Right hand-ins keep all points; wrong ones lose exactly what their ``expect.toml`` says. On the real lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from selftest.cases import Case, cases, grade

CASES = [*cases("variants"), *cases("mutants")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_gets_exactly_its_verdict(case: Case, tmp_path: Path) -> None:
    submission = case.lay_out(tmp_path / case.folder.name)

    graded = grade(submission, tmp_path / "out", "--fresh", "-k", " or ".join(case.exercises))

    assert graded.points == case.points, graded.told()
    assert not graded.results["faults"], graded.told()
    assert graded.code == (1 if case.points else 0), graded.output


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(cases("variants")) >= 14
    assert len(cases("mutants")) >= 30
