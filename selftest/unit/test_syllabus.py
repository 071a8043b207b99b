"""``course.toml``: what it may say, what it does to results, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from selftest.pages import a_task
from topicmark import syllabus
from topicmark.model import Outcome, Task, UsageError
from topicmark.reports.page import Section

ROOT = Path(__file__).resolve().parents[2]
WHOLE = """
language = "da"
[points]
"ex4.1" = 10
[exercises.ex4]
title = "Exercise 4 - Produce"
link = "https://example.org/lecture#ex4"
due = 2027-02-20T23:59:00+01:00
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "course.toml"
    path.write_text(text)
    return path


def test_all_of_it(tmp_path: Path) -> None:
    course = syllabus.load(written(tmp_path, WHOLE))
    assert course.language.name == "da"
    assert course.points == {"ex4.1": 10}
    assert course.sections == {
        "ex4": Section("Exercise 4 - Produce", "https://example.org/lecture#ex4", "2027-02-20 23:59 UTC+01:00")
    }


def test_none_of_it(tmp_path: Path) -> None:
    assert syllabus.load(tmp_path / "course.toml") == syllabus.Syllabus()
    assert syllabus.load(written(tmp_path, "")) == syllabus.Syllabus()


def test_the_one_of_the_repository_changes_nothing_but_headings() -> None:
    course = syllabus.load(ROOT / "course.toml")
    assert course.points == {}
    assert sorted(course.sections) == [f"ex{number}" for number in range(1, 9)]


@pytest.mark.parametrize(
    ("outcome", "points", "told"),
    [(Outcome.PASSED, 5, 10), (Outcome.FAILED, 3, 6), (Outcome.FAILED, 4, 8), (Outcome.FAILED, 0, 0)],
)
def test_points_keep_their_share(tmp_path: Path, outcome: Outcome, points: int, told: int) -> None:
    course = syllabus.load(written(tmp_path, WHOLE))
    result = course.result_of_course(a_task("ex4.1", outcome, points, 5))
    assert (result.points, result.max_points) == (told, 10)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_part_of_fewer_points_is_never_all_of_them(tmp_path: Path, most: int) -> None:
    course = syllabus.load(written(tmp_path, f'[points]\n"ex4.1" = {most}'))
    assert course.result_of_course(a_task("ex4.1", Outcome.FAILED, 4, 5)).points < most


def test_texts_are_in_the_course_s_language(tmp_path: Path) -> None:
    course = syllabus.load(written(tmp_path, WHOLE))
    task = Task("ex4.5", 3, "All six sensors publish", "Is the sensor id sent as the record's key?", "ls")
    assert course.of_course(task).title == "Alle seks sensorer sender"
    assert course.of_course(task).hint == "Sendes sensorens id som recordens nøgle?"
    assert course.of_course(task).points == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("language = ", "this is not TOML"),
        ('language = "xx"', "there are da, en"),
        ("langauge = 'da'", "langauge: this is not known. There are exercises, language, points"),
        ('[points]\n"ex4.1" = 2.5', "ex4.1 = 2.5: write a whole number above 0"),
        ('[points]\n"ex4.1" = 0', "write a whole number above 0"),
        ('[points]\n"ex4.1" = true', "write a whole number above 0"),
        ("points = 3", "points: write a table, [points]"),
        ("[exercises.4]\ntitle = 'x'", "write [exercises.ex5]"),
        ("[exercises.ex4]\nname = 'x'", "exercises.ex4: name: this is not known"),
        ("[exercises.ex4]\ntitle = ''", "title is to be a text"),
        ("[exercises.ex4]\nlink = 'javascript:alert(1)'", "write an address that begins with https://"),
        ("[exercises.ex4]\ndue = 2027-02-20", "write a date with time and zone"),
        ("[exercises.ex4]\ndue = 2027-02-20T10:00:00", "write a date with time and zone"),
    ],
)
def test_what_is_wrong_is_refused_with_file_key_and_remedy(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as refused:
        syllabus.load(path)
    assert str(path) in str(refused.value)
    assert told in str(refused.value)


def test_points_of_a_task_that_is_not_there_are_refused(tmp_path: Path) -> None:
    course = syllabus.load(written(tmp_path, '[points]\n"ex4.9" = 3'))
    with pytest.raises(UsageError, match=r"there is no task ex4\.9"):
        course.require_known(["ex4.1"])
