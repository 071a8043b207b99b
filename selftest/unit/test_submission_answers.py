"""What a student says in words, and whether it names one of Kafka's defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from topicmark.submission import Answers, Problem, load, names_default
from topicmark.submission.answers import parse


@pytest.mark.parametrize(
    "text",
    [
        "the default, 7 days",
        "Default.",
        "I keep Kafka's default because one week is enough",
        "7 days",
        "seven days",
        "168 h",
        "168 hours",
        "retention.ms=604800000",
        "604,800,000 ms",
        "604.800.000 ms",
        "10080 minutes",
        "a week",
        "standardværdien på 7 dage",
        "syv døgn",
        "en uge",
        "Standardwert (7 Tage)",
        "die Voreinstellung, sieben Tage",
        "eine Woche",
        "the default 7 days; an outage is noticed within 2 days",
        "I did not change the default of 7 days",
        "7-day default and no more",
    ],
)
def test_time_default_is_named(text: str) -> None:
    assert names_default("time", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "…",
        "TODO",
        "TODO: the default, 7 days",
        "I set 3 days",
        "30 days",
        "not the default, 3 days",
        "The default of 7 days is too long, so I chose 3 days",
        "3 days instead of the default 7 days",
        "ikke standard, men 3 dage",
        "nicht der Standard",
        "two weeks",
        "long enough and then some",
        "70 days",
        "longer than the default",
    ],
)
def test_time_default_is_not_named(text: str) -> None:
    assert not names_default("time", text)


@pytest.mark.parametrize(
    "text",
    [
        "the default, unlimited",
        "unlimited",
        "infinite",
        "no limit",
        "without any size limit",
        "-1",
        "retention.bytes = -1",
        "\u22121 (no bound)",
        "ubegrænset",
        "ingen grænse",
        "unbegrenzt",
        "keine Begrenzung",
        "Standard",
        "The size is not limited",
        "default: unlimited, the disk has 10 GB",
    ],
)
def test_size_default_is_named(text: str) -> None:
    assert names_default("size", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TODO",
        "1 GB",
        "1073741824",
        "1 GiB per partition instead of unlimited",
        "10-100 MB",
        "not unlimited: 1 GB",
        "-10",
    ],
)
def test_size_default_is_not_named(text: str) -> None:
    assert not names_default("size", text)


def test_other_kinds_are_a_bug() -> None:
    with pytest.raises(ValueError, match="neither time nor size"):
        names_default("colour", "default")


def test_a_long_answer_is_judged_at_once() -> None:
    names_default("time", "not no " * 100_000 + "1" * 100_000 + " default" * 1000)
    names_default("size", "no limit without " * 100_000)


def test_every_value_is_text() -> None:
    answers = parse('[EX4]\nretention_time = 7\nKey = ["a", "b"]\nnested = { a = 1 }\nok = true\n', "answers.toml")
    assert isinstance(answers, Answers)
    assert answers.text("ex4", "retention_time") == "7"
    assert answers.text("ex4", "key") == "a, b"
    assert answers.text("ex4", "nested") == ""
    assert answers.text("ex4", "missing") == ""
    assert answers.text("ex9", "missing") == ""


def test_broken_answers_carry_the_line() -> None:
    problem = parse('[ex4]\nkey = "a"\nlag = it grows\n', "answers.toml")
    assert isinstance(problem, Problem)
    assert problem.where == "answers.toml:3"
    assert "TOML" in problem.what
    assert '"text"' in problem.remedy


def test_no_answers_are_no_problem(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "readme.md").write_text("hello")
    answers = load(tmp_path / "in", tmp_path / "out").answers
    assert isinstance(answers, Answers)
    assert answers.tables == {}
