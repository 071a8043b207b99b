"""A broker that goes while the reference is graded costs no point, whatever runs the lab."""

from __future__ import annotations

from pathlib import Path

from selftest.backends import Ground
from selftest.cases import ROOT
from selftest.running import RunningGrade

REFERENCE = str(ROOT / "submissions" / "reference")


def test_a_broker_that_dies_costs_no_point(ground: Ground, tmp_path: Path) -> None:
    with RunningGrade(tmp_path, REFERENCE, *ground.options, "-k", "ex5.1 or ex5.3") as run:
        run.await_output("✓ ex5.1 ")
        with ground.broker_killed(1):
            code = run.wait()
    results = run.results()
    outcomes = {task["id"]: task["outcome"] for task in results["tasks"]}
    assert set(outcomes.values()) <= {"passed", "infra"}, run.output
    assert len(outcomes) == 2
    assert code == (3 if "infra" in outcomes.values() else 0), run.output
    assert results["score"] == results["max_score"]
    if code == 3:
        assert any(fault["service"] == "kafka" for fault in results["faults"]), results["faults"]
    ground.restore()
