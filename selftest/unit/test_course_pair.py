"""A course with more than a hundred seeded faults, and its repaired twin: every fault at its line, and nothing else."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from topicmark.course import examine
from topicmark.course.findings import rules

COURSE = Path(__file__).parents[1] / "course"
DEFECTS = Counter(
    (each["file"], each["line"], each["rule"])
    for each in tomllib.loads((COURSE / "defects.toml").read_text("utf-8"))["defect"]
)


@pytest.fixture(scope="module")
def broken():
    return examine(COURSE / "broken")


def test_every_seeded_fault_is_found_at_its_line_and_nothing_else(broken):
    found = Counter((finding.path, finding.line, finding.rule.id) for finding in broken)

    assert sorted((DEFECTS - found).elements()) == [], "seeded and not found"
    assert sorted((found - DEFECTS).elements()) == [], "found and not seeded"


def test_nothing_is_found_on_the_repaired_twin():
    assert [(finding.place, finding.rule.id, finding.what) for finding in examine(COURSE / "repaired")] == []


def test_habits_of_other_courses_are_no_faults():
    assert [(finding.place, finding.rule.id, finding.what) for finding in examine(COURSE / "habits")] == []


def test_every_rule_is_seeded_and_there_are_enough_faults():
    read = {rule for rule in rules() if not rule.startswith("replay-")}  # the others need a lab: test_course_replay.py
    assert read - {rule for _, _, rule in DEFECTS} == set()
    assert sum(DEFECTS.values()) >= 60


def test_every_finding_says_what_why_how_proven_and_what_to_do(broken):
    for finding in broken:
        assert all((finding.what, finding.why, finding.proof, finding.remedy)), finding.place
