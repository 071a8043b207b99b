"""``results.json`` can be read while a run goes on, as often as one likes, and after the run was killed."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from selftest.running import RunningGrade
from topicmark.model import RunResult
from topicmark.reports import results_json

REFERENCE = "submissions/reference"
EX4 = [f"ex4.{number}" for number in range(1, 6)]
EX5 = [f"ex5.{number}" for number in range(1, 7)]
LONG_PAUSES_AFTER = [1, len(EX4), len(EX4) + 1]
"""So many tasks: the next one takes seconds, while others come in a bunch."""


def readings(run: RunningGrade) -> Iterator[RunResult]:
    """Whatever is in the file, read without a pause until the run has ended, and once more after that; each content
    once. ``from_json`` raises for what is not valid, by the schema and by what the schema cannot say."""
    file, last = run.out / results_json.FILE_NAME, b""
    while True:
        ended = run.process.poll() is not None
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            assert not last, "the file was there before"
        else:
            if data != last:
                last = data
                yield results_json.from_json(data)
        if ended:
            return


def is_being_written(run: RunningGrade) -> bool:
    """Whether there is a file that is to take the place of ``results.json``."""
    try:
        return any(file.name.startswith(f".{results_json.FILE_NAME}.") for file in run.out.iterdir())
    except FileNotFoundError:
        return False


def test_every_reading_is_valid_and_nothing_that_was_told_is_taken_back(tmp_path: Path) -> None:
    with RunningGrade(tmp_path, REFERENCE, "--fresh", "-k", "ex4") as run:
        told = list(readings(run))
        assert run.wait() == 0, run.output

    assert [one.finished for one in told] == [False] * (len(told) - 1) + [True]
    for before, after in itertools.pairwise(told):
        assert list(after.tasks[: len(before.tasks)]) == list(before.tasks)
    assert all(one.score <= one.max_score for one in told)
    assert len({len(one.tasks) for one in told}) > 1
    assert [task.id for task in told[-1].tasks] == EX4
    assert 0 < told[-1].lab_start_s < told[-1].duration_s
    assert not is_being_written(run)


def at_once(run: RunningGrade) -> bool:
    return True


def in_the_next_write(run: RunningGrade) -> bool:
    return is_being_written(run)


@pytest.mark.parametrize("tasks", LONG_PAUSES_AFTER)
@pytest.mark.parametrize("moment", [at_once, in_the_next_write], ids=lambda moment: moment.__name__)
def test_after_a_kill_the_verdicts_of_before_are_there(
    moment: Callable[[RunningGrade], bool], tasks: int, tmp_path: Path
) -> None:
    with RunningGrade(tmp_path, REFERENCE, "--fresh", "-k", "ex4 or ex5") as run:
        told = next(one for one in readings(run) if len(one.tasks) == tasks)
        while not moment(run) and read(run) == told:
            assert run.process.poll() is None, run.output
        run.signal(signal.SIGKILL)
        assert run.wait(30) == -signal.SIGKILL, run.output

    left = read(run)
    assert [task.id for task in left.tasks] == [*EX4, *EX5][: len(left.tasks)]
    assert list(left.tasks[: len(told.tasks)]) == list(told.tasks)
    assert not left.finished


def read(run: RunningGrade) -> RunResult:
    """What the file says now."""
    return results_json.from_json((run.out / results_json.FILE_NAME).read_bytes())
