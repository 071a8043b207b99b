"""``topicmark batch --scheduler``: real schedulers and workers of Dask, runs are made up. Whoever is killed, everybody
gets a verdict, and nobody who has one is graded again."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from selftest.batches import Class
from selftest.cases import ROOT
from selftest.grid import Grid, grid, worker_of
from selftest.unit.test_batch_running import course, start, table
from topicmark.batch import cluster, remote
from topicmark.batch.remote import Parcel
from topicmark.batch.store import Store
from topicmark.model import LabFault, UsageError
from topicmark.reports import results_json
from topicmark.syllabus import Syllabus
from topicmark.waiting import eventually

__all__ = ["course"]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Grid]:
    """A scheduler with two workers."""
    with grid(tmp_path / "grid", workers=2) as made:
        yield made


def states(course: Class) -> dict[str, tuple[str, str]]:
    return {row["submission"]: (row["state"], row["ex1.1"]) for row in table(course.out / "class.csv")}


def hanging(course: Class, count: int = 1) -> list[int]:
    """The processes of runs that hang, once there are so many."""
    eventually(lambda: course.noted("hangs"), lambda names: len(names) >= count, within=90, describe="runs that hang")
    names = set(course.noted("hangs"))  # beside them there may be runs that are about to end
    told = {pid: words for pid in course.alive() if (words := _command(pid)) and "leash.py" not in " ".join(words)}
    return [pid for pid, words in told.items() if any(Path(word).name in names for word in words)]


def _command(pid: int) -> list[str]:
    """Empty if it has ended."""
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def meanwhile(act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_everybody_is_graded_as_on_this_machine(course: Class, two: Grid) -> None:
    course.hand_in("anna", "4")
    (course.hand_in("bo", "1") / "link").symlink_to("plan")
    course.hand_in("cy", "1", mark="copied")
    course.hand_in("di", "1", mark="copied")
    course.hand_in("ed", "refuse")
    course.hand_in("fi", "infra then 4")
    (course.folder / "gus").mkdir()
    assert course.batch("--scheduler", two.address) == 3

    assert states(course) | {"gus": ()} == {
        "anna": ("graded", "4"), "bo": ("graded", "1"), "cy": ("graded", "1"), "di": ("graded", "1"),
        "ed": ("refused", ""), "fi": ("graded", "4"), "gus": (),
    }  # fmt: skip
    assert sorted(course.noted()) == ["anna", "bo", "cy", "ed", "fi", "fi", "gus", "gus"]
    remote = {path.name for path in (course.out / "anna").iterdir()}
    assert (course.out / "anna" / "output.txt").read_text() == "grading anna: 4\n"
    told = results_json.from_json((course.out / "bo" / "results.json").read_bytes()).remarks
    assert [remark for remark in told if "symbolic link" in remark] == ["left out, a symbolic link: link"]
    assert "symbolic link" in (course.out / "bo" / "report.html").read_text()

    (course.out / "anna" / "hand-in.json").unlink()
    assert course.batch() == 3  # on this machine, the same options: who has a verdict keeps it
    assert sorted(course.noted()) == sorted(["anna"] * 2 + ["bo", "cy", "fi", "fi"] + ["ed"] * 2 + ["gus"] * 4)
    assert {path.name for path in (course.out / "anna").iterdir()} == remote


def test_a_worker_that_is_killed_in_the_middle_costs_nobody_a_verdict(course: Class, two: Grid) -> None:
    course.hand_in("anna", "hang then 4")
    for name in ("bo", "cy", "di"):
        course.hand_in(name, "1")
    killing = meanwhile(lambda: worker_of(hanging(course)[0]).kill())
    assert course.batch("--scheduler", two.address) == 0
    killing.join()
    assert states(course) == dict.fromkeys(("bo", "cy", "di"), ("graded", "1")) | {"anna": ("graded", "4")}
    assert sorted(course.noted()) == ["anna", "anna", "bo", "cy", "di"]
    assert course.noted("ended") == ["anna"]


def test_a_hand_in_that_kills_two_workers_is_a_fault(course: Class, two: Grid) -> None:
    two.worker()
    course.hand_in("anna", "kill")
    course.hand_in("bo", "4")
    assert course.batch("--scheduler", two.address) == 3
    assert course.noted().count("anna") == 2
    assert states(course) == {"anna": ("not graded", ""), "bo": ("graded", "4")}
    (row,) = (row for row in table(course.out / "class.csv") if row["submission"] == "anna")
    assert "was lost" in row["reason"]
    assert row["score"] == ""


def test_a_worker_that_comes_later_is_used(course: Class, tmp_path: Path) -> None:
    course.hand_in("anna", "hang then 1")
    course.hand_in("bo", "4")
    with grid(tmp_path / "grid", workers=1) as one:

        def come() -> None:
            first = worker_of(hanging(course)[0])
            one.worker()
            eventually(lambda: course.noted("done"), bool, within=60, describe="the other hand-in, elsewhere")
            first.kill()

        coming = meanwhile(come)
        assert course.batch("--scheduler", one.address) == 0
        coming.join()
    assert states(course) == {"anna": ("graded", "1"), "bo": ("graded", "4")}


def test_without_its_scheduler_a_batch_ends_and_can_go_on(course: Class, tmp_path: Path) -> None:
    course.hand_in("anna", "4")
    course.hand_in("bo", "hang then 1")
    course.hand_in("cy", "hang then 1")

    with grid(tmp_path / "first", workers=2) as first:

        def kill() -> None:
            hanging(course, 2)
            first.scheduler.kill()

        killing = meanwhile(kill)
        with pytest.raises(LabFault, match="does not answer any more") as fault:
            course.batch("--scheduler", first.address)
        killing.join()
        eventually(course.alive, lambda pids: not pids, within=60, describe="the end of the runs, workers being alive")
    assert "goes on where this ended" in fault.value.remedy
    assert not (course.out / "class.csv").exists()

    with grid(tmp_path / "second", workers=2) as second:
        assert course.batch("--scheduler", second.address) == 0
    assert states(course) == {"anna": ("graded", "4"), "bo": ("graded", "1"), "cy": ("graded", "1")}
    assert sorted(course.noted()) == ["anna", "bo", "bo", "cy", "cy"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda n: signal.Signals(n).name)
def test_a_batch_that_is_killed_ends_its_runs_and_the_next_goes_on(number: int, course: Class, two: Grid) -> None:
    course.hand_in("anna", "4")
    course.hand_in("bo", "hang then 1")
    course.hand_in("cy", "hang then 1")
    batch = start(course, "--scheduler", two.address)
    hanging(course, 2)
    os.kill(batch.pid, number)
    assert batch.wait(timeout=120) != 0
    eventually(course.alive, lambda pids: not pids, within=60, describe="the end of all runs, workers being alive")
    assert sorted(course.noted("ended")) == ["bo", "cy"]

    assert course.batch("--scheduler", two.address) == 0
    assert states(course) == {"anna": ("graded", "4"), "bo": ("graded", "1"), "cy": ("graded", "1")}
    assert sorted(course.noted()) == ["anna", "bo", "bo", "cy", "cy"]


def test_a_worker_with_another_topicmark_is_refused_before_anything_is_graded(course: Class, tmp_path: Path) -> None:
    course.hand_in("anna", "4")
    other, bare, here = tmp_path / "other" / "src", tmp_path / "bare", tmp_path / "tests" / "src"
    for copy in (other, here):
        shutil.copytree(ROOT / "src" / "topicmark", copy / "topicmark", ignore=shutil.ignore_patterns("__pycache__"))
    (other / "topicmark" / "__init__.py").write_text('__version__ = "9.9"\n')
    (bare / "topicmark").mkdir(parents=True)
    (bare / "topicmark" / "__init__.py").write_text("")
    with grid(tmp_path / "grid", workers=1) as mixed:
        for path, told in (
            (other, "has Topicmark 9.9, here it is"),
            (bare, "does not answer as one that"),
            (here, "other tests"),
        ):
            worker = mixed.worker([path])
            with pytest.raises(UsageError, match=told):
                course.batch("--scheduler", mixed.address)
            worker.kill()
            worker.wait()
    assert course.noted() == []


def test_a_run_that_does_not_end_is_ended_where_it_is(course: Class, tmp_path: Path) -> None:
    files = remote.contents(course.hand_in("anna", "hang"))
    parcel = Parcel("", "anna", True, files, course.grade[1:], longest_s=5.0)
    back = remote.graded(parcel, tmp_path, lambda: True)
    assert (back.code, back.why) == (None, "took more than 5 s")
    assert course.noted("ended") == course.noted("hangs")  # a busy machine may not have come so far
    assert course.alive() == []


def test_a_run_that_nobody_wants_any_more_is_ended(course: Class, tmp_path: Path) -> None:
    files = remote.contents(course.hand_in("anna", "hang"))
    parcel = Parcel("", "anna", True, files, course.grade[1:], longest_s=300.0)
    back = remote.graded(parcel, tmp_path, lambda: not course.noted("hangs"))
    assert (back.code, back.why) == (None, "nobody wanted it any more")
    assert course.noted("ended") == ["anna"]
    assert course.alive() == []
    assert {"output.txt", "results.json"} == set(back.files)


def test_nothing_comes_back_to_anywhere_else(tmp_path: Path) -> None:
    store = Store(tmp_path / "out", "", Syllabus())
    for name in ("../x", "/x", "a/../../x"):
        with pytest.raises(ValueError, match="leads out of the folder"):
            store.receive("anna", {name: b""}, ())
    assert list(tmp_path.rglob("x")) == []


def test_a_scheduler_that_is_not_there_is_told(course: Class, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    course.hand_in("anna", "4")
    monkeypatch.setattr(cluster, "_ANSWER_S", 0.5)
    monkeypatch.setattr(cluster, "_FIRST_WORKER_S", 0.5)
    with pytest.raises(LabFault, match="nobody answers at tcp"):
        course.batch("--scheduler", "tcp://127.0.0.1:1")
    with pytest.raises(UsageError, match="tcp://HOST:8786"):
        course.batch("--scheduler", "127.0.0.1")
    with grid(tmp_path / "grid") as empty, pytest.raises(LabFault, match="no workers"):
        course.batch("--scheduler", empty.address)
    assert course.noted() == []
