"""The terminal summary: what a student finds where, never wider than 80 columns, text that is only text."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from topicmark.model import Fault, Outcome, RunResult, TaskResult
from topicmark.reports.terminal import show, summary

HOSTILE = (
    "[bold red]x[/bold red] [link=http://evil]l[/link] :smile: [/] \x1b[31mred\x1b]0;t\x07\u202e\u2066\x00\x9b\x08\n"
    "::error::no\n  ::set-output name=a::b\n##[group]x\r\ud800 界界界 👩‍🚀 " + "::error::A" * 4000 + "\u0301" * 99
)


def a_task(name: str, outcome: Outcome = Outcome.PASSED, points: int = 4, most: int = 4, **more: Any) -> TaskResult:
    fields: dict[str, Any] = {"title": "A title", "duration_s": 1.25, **more}
    return TaskResult(id=name, exercise=name.split(".")[0], outcome=outcome, points=points, max_points=most, **fields)


def a_run(*tasks: TaskResult, **more: Any) -> RunResult:
    fields: dict[str, Any] = {"submission": "team-07", "backend": "embedded", "finished": True, **more}
    return RunResult(tasks=tasks, **fields)


FAILED = a_task(
    "ex5.4", Outcome.FAILED, 1, expected="no record reaches both", observed="60 of 60 reached both",
    hint="Do both get the same group id?",
    look="kafka-consumer-groups.sh --bootstrap-server kafka:9092 --describe --all-groups --members --verbose",
)  # fmt: skip
FULL_MARKS = a_run(a_task("ex5.1"), a_task("ex10.1"), a_task("ex6.1"))
PARTIAL = a_run(a_task("ex5.1", remarks=("One partition only.",)), FAILED, a_task("ex5.6", Outcome.BLOCKED, 0, 2))
INFRA = a_run(
    a_task("ex5.1"),
    a_task("ex7.1", Outcome.INFRA, 0, observed="the datanode died"),
    a_task("ex7.2", Outcome.INFRA, 0, observed="the datanode died"),
    a_task("ex8.1", Outcome.NOT_RUN, 0, bonus=True, observed="no Flume agent handed in"),
    a_task("ex5.7", Outcome.REVIEW, 0, 2),
    faults=(Fault("hdfs", "datanode ended", "\n".join(f"line {n}" for n in range(50)), "Give it more memory."),),
)
HOSTILE_RUN = a_run(
    *[
        a_task(
            f"ex5.{number}", outcome, 0, title=HOSTILE, expected=HOSTILE, observed=HOSTILE, hint=HOSTILE, look=HOSTILE,
            remarks=(HOSTILE,), evidence={HOSTILE: HOSTILE},
        )
        for number, outcome in enumerate(Outcome)
        if outcome is not Outcome.PASSED
    ],
    submission=HOSTILE, backend=HOSTILE, sandbox=HOSTILE, remarks=(HOSTILE,), versions={HOSTILE: HOSTILE},
    faults=(Fault(HOSTILE, HOSTILE, HOSTILE, HOSTILE),), duration_s=3700.0,
)  # fmt: skip
RUNS = pytest.mark.parametrize(
    "run", [FULL_MARKS, PARTIAL, INFRA, HOSTILE_RUN, a_run()], ids=["full", "partial", "infra", "hostile", "empty"]
)


def shown(run: RunResult, *, verbose: int = 0, width: int = 80, **more: Any) -> str:
    file = io.StringIO()
    Console(file=file, width=width, _environ={}).print(summary(run, verbose=verbose, **more))
    return file.getvalue()


@RUNS
@pytest.mark.parametrize("verbose", [-1, 0, 1, 2])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_nothing_is_wider_than_the_terminal_or_80_columns(run: RunResult, verbose: int, width: int) -> None:
    lines = shown(run, verbose=verbose, width=width).split("\n")
    assert max(cell_len(line) for line in lines) <= min(width, 80)


@RUNS
@pytest.mark.parametrize("verbose", [-1, 0, 1, 2])
def test_piped_output_has_no_escapes_and_no_line_that_a_runner_obeys(run: RunResult, verbose: int) -> None:
    text = shown(run, verbose=verbose)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", text)
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))
    assert "##[" not in text
    text.encode("utf-8")


def test_markup_and_emoji_codes_are_shown_as_they_are() -> None:
    text = shown(
        a_run(a_task("ex5.1", Outcome.FAILED, 0, title="[b]t[/b] :smile:", observed="[red]a[/red] [/] :smile:"))
    )
    assert "[b]t[/b] :smile:" in text
    assert "[red]a[/red] [/] :smile:" in text


def test_hostile_text_on_a_colour_terminal_sends_colours_only() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system="standard", _environ={})
    console.print(summary(HOSTILE_RUN, verbose=2))
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue())
    assert "\x1b[31mred" not in file.getvalue()


def test_a_failed_task_shows_the_four_lines_that_help() -> None:
    lines = shown(PARTIAL).split("\n")
    at = next(number for number, line in enumerate(lines) if "ex5.4" in line)
    assert re.fullmatch(r"  ✗ ex5.4  A title {50,}1 of 4", lines[at])
    assert lines[at + 1 : at + 6] == [
        "    │ expected  no record reaches both",
        "    │ seen      60 of 60 reached both",
        "    │ hint      Do both get the same group id?",
        "    └ look      kafka-consumer-groups.sh --bootstrap-server kafka:9092 \\",
        "                  --describe --all-groups --members --verbose",
    ]


def test_the_command_to_look_can_be_copied() -> None:
    text = shown(PARTIAL)
    copied = re.search(r"look      (.*?)\n  ✗", text, re.DOTALL)
    assert copied is not None
    assert shlex.split(copied[1].replace("\\\n", "")) == shlex.split(FAILED.look)


def test_exercises_have_subtotals_and_the_score_says_where_points_went() -> None:
    text = shown(PARTIAL)
    assert re.search(r"^Exercise 5 +5 of 10$", text, re.MULTILINE)
    assert text.endswith("\nScore 5 of 10\n5 points lost: ex5.4 (3), ex5.6 (2)\n")


def test_exercises_are_in_the_order_of_their_numbers_and_may_have_names() -> None:
    text = shown(FULL_MARKS, exercise_names={"ex10": "Extra"})
    assert re.findall(r"^Exercise \d+", text, re.MULTILINE) == ["Exercise 5", "Exercise 6", "Exercise 10"]
    assert "Exercise 10  Extra" in text
    assert text.endswith("\nScore 12 of 12\n")


def test_what_was_not_graded_is_said_with_the_reason_and_the_points() -> None:
    text = shown(INFRA)
    assert "Not graded, 10 points not counted\n" in text
    assert "  ▲ ex7: the datanode died\n" in text
    assert "  \u2013 ex8.1: no Flume agent handed in\n" in text
    assert "  ? ex5.7: a human reads it\n" in text
    assert "Exercise 8" not in text
    assert "Exercise 8" in shown(INFRA, verbose=1)


def test_a_fault_is_boxed_with_its_last_lines_and_the_remedy() -> None:
    box = [line for line in shown(INFRA).split("\n") if line[:1] in ("╭", "│", "╰")]
    assert "this cost no points" in box[0]
    assert [line[2:-2].strip() for line in box[1:-1]] == [
        "hdfs: datanode ended", "line 46", "line 47", "line 48", "line 49", "What to do: Give it more memory.",
    ]  # fmt: skip
    assert {cell_len(line) for line in box} == {80}


def test_an_incomplete_grade_says_so() -> None:
    assert "This grade is incomplete" in shown(INFRA)
    assert "The run ended early" in shown(a_run(a_task("ex5.1"), finished=False))
    assert "No score: nothing was graded" in shown(a_run(a_task("ex7.1", Outcome.INFRA, 0)))


def test_bonus_is_named_and_a_missed_bonus_is_no_loss() -> None:
    text = shown(a_run(a_task("ex5.1"), a_task("ex8.1", bonus=True), a_task("ex8.2", Outcome.FAILED, 0, bonus=True)))
    assert "Score 4 of 4 and 4 bonus\n" in text
    assert "lost" not in text
    assert "Score: 4 bonus\n" in shown(a_run(a_task("ex8.1", bonus=True)))
    missed = shown(a_run(a_task("ex8.1", Outcome.FAILED, 0, bonus=True)))
    assert "Score: 0 bonus\n" in missed
    assert re.search(r"Exercise 8 +\+0 bonus\n", missed), missed


def test_long_output_keeps_its_first_and_last_lines() -> None:
    text = shown(a_run(a_task("ex5.1", Outcome.FAILED, 0, observed="\n".join(f"row {n}" for n in range(1000)))))
    assert re.findall(r"row \d+", text) == [f"row {n}" for n in (0, 1, 2, 3, 997, 998, 999)]
    assert "… 993 more lines …" in text


def test_show_prints_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    show(PARTIAL)
    out, err = capsys.readouterr()
    assert "\nScore 5 of 10\n" in out
    assert "\x1b" not in out + err


def test_verbosity() -> None:
    run = a_run(a_task("ex5.1", evidence={"offsets": [1]}), FAILED, versions={"kafka": "3.8.0"})
    quiet, normal, more, most = (shown(run, verbose=level) for level in (-1, 0, 1, 2))
    assert "ex5.1" not in quiet
    assert "ex5.4" in quiet
    assert "kafka 3.8.0" not in normal
    assert "kafka 3.8.0" in more
    assert "offsets" not in more
    assert "offsets" in most


def test_a_terminal_without_unicode_gets_similar_marks_in_the_same_places() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console = Console(file=file, width=80, _environ={})
    for run in (PARTIAL, INFRA, HOSTILE_RUN):
        console.print(summary(run))
    file.flush()
    raw = file.buffer
    assert isinstance(raw, io.BytesIO)
    text = raw.getvalue().decode("ascii")
    assert "  x ex5.4  A title" in text
    assert max(len(line) for line in text.split("\n")) <= 82  # a wide character becomes one "?"


def test_where_the_page_is_is_told(tmp_path: Path) -> None:
    file = io.StringIO()
    show(FULL_MARKS, console=Console(file=file, width=80, _environ={}), report=tmp_path / "report.html")
    assert file.getvalue().endswith(f"next: {tmp_path / 'report.html'}\n")
    file = io.StringIO()
    show(FULL_MARKS, console=Console(file=file, width=80, _environ={}), report=Path.cwd() / "out" / "report.html")
    assert file.getvalue().endswith("next: out/report.html\n")
