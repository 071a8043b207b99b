"""``topicmark batch``: everybody gets a verdict, nobody twice, whatever breaks. Runs are made up."""

from __future__ import annotations

import csv
import io
import os
import resource
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from selftest.batches import Class
from selftest.cases import ROOT
from topicmark.batch import capacity, hand_ins
from topicmark.batch.hand_ins import HandIn
from topicmark.batch.pool import Pool
from topicmark.batch.store import Store
from topicmark.batch.turns import Job, Turns
from topicmark.batch.verdicts import State
from topicmark.model import UsageError
from topicmark.reports import results_json
from topicmark.syllabus import Syllabus
from topicmark.waiting import eventually


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    monkeypatch.delenv("CI", raising=False)
    return Class(tmp_path)


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))


@pytest.fixture
def many_open_files() -> Iterator[None]:
    """More than ``select`` can count to."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    with ExitStack() as files:
        while files.enter_context(Path(os.devnull).open()).fileno() < 1100:
            pass
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("many_open_files")
def test_whoever_has_many_files_open_can_run_a_batch(course: Class) -> None:
    course.hand_in("anna", "4")
    assert course.batch() == 0


def test_everybody_is_graded_with_reports_and_tables(course: Class) -> None:
    course.hand_in("anna", "4", answers='[ex5]\nidle = "=1+1 \\nof course"\n')
    course.hand_in("bo", "1")
    assert course.batch("--workers", "2") == 0

    rows = table(course.out / "class.csv")
    assert [(row["submission"], row["state"], row["score"], row["ex1.1"], row["ex1.2"]) for row in rows] == [
        ("anna", "graded", "6", "4", "2"),
        ("bo", "graded", "3", "1", "2"),
    ]
    for name in ("anna", "bo"):
        assert {"results.json", "report.html", "output.txt"} <= {one.name for one in (course.out / name).iterdir()}
    (answer,) = table(course.out / "review.csv")
    assert (answer["submission"], answer["exercise"], answer["question"]) == ("anna", "ex5", "idle")
    assert answer["answer"] == "'=1+1 of course"
    assert "2 of 2 hand-ins graded" in (course.out / "class.html").read_text()


def test_a_second_batch_grades_nothing_twice_but_what_changed(course: Class) -> None:
    course.hand_in("anna", "4")
    course.hand_in("bo", "1")
    assert course.batch() == 0
    before = (course.out / "anna" / "results.json").stat().st_mtime_ns
    course.hand_in("bo", "2")
    (course.out / "anna" / "report.html").unlink()

    assert course.batch() == 0
    assert course.noted() in (["anna", "bo", "bo"], ["bo", "anna", "bo"])
    assert (course.out / "anna" / "results.json").stat().st_mtime_ns == before
    assert (course.out / "anna" / "report.html").exists()  # a batch that was killed before it is made up for
    assert [row["ex1.1"] for row in table(course.out / "class.csv")] == ["4", "2"]


def test_another_selection_is_another_grade(course: Class) -> None:
    course.hand_in("anna", "4")
    assert course.batch("-k", "ex1") == 0
    assert course.batch("-k", "ex1 or ex2") == 0
    assert course.noted() == ["anna", "anna"]


def test_a_result_that_was_not_finished_is_not_kept(course: Class) -> None:
    course.hand_in("anna", "unfinished then unfinished then 4")
    assert course.batch("--workers", "1") == 3
    assert table(course.out / "class.csv")[0] | {"reason": ""} == {
        "submission": "anna", "state": "not graded", "score": "", "max_score": "", "bonus": "", "identical_to": "",
        "reason": "", "ex1.1": "4", "ex1.2": "2",
    }  # fmt: skip
    assert course.batch("--workers", "1") == 0
    assert course.noted() == ["anna"] * 3


def test_the_same_hand_ins_are_graded_once_and_flagged(course: Class) -> None:
    for name in ("anna", "bo", "cy"):
        course.hand_in(name, "1", mark="copied" if name != "bo" else "own")
    assert course.batch() == 0
    assert sorted(course.noted()) == ["anna", "bo"]
    assert [row["identical_to"] for row in table(course.out / "class.csv")] == ["", "", "anna"]
    own = results_json.from_json((course.out / "cy" / "results.json").read_bytes())
    assert own.submission == "cy"
    assert "Topicmark: cy" in (course.out / "cy" / "report.html").read_text()
    page = (course.out / "class.html").read_text()
    assert "The same to the letter: 1" in page
    assert "<li>anna, cy</li>" in page

    course.hand_in("aa", "1", mark="copied")  # comes first, and is graded already all the same
    assert course.batch() == 0
    assert sorted(course.noted()) == ["anna", "bo"]
    assert {row["submission"]: row["identical_to"] for row in table(course.out / "class.csv")} == {
        "aa": "anna", "anna": "", "bo": "", "cy": "anna",
    }  # fmt: skip


def test_one_that_cannot_be_read_does_not_stop_the_rest(course: Class) -> None:
    course.hand_in("anna", "4")
    course.hand_in("bo", "refuse")
    (course.folder / "cy.zip").write_bytes(b"no zip")
    (course.folder / "list.txt").write_text("of names")
    assert course.batch() == 3
    rows = {row["submission"]: row for row in table(course.out / "class.csv")}
    assert rows["anna"]["state"] == "graded"
    assert rows["bo"]["reason"] == "plan:1: this cannot be read. Write another one."
    assert rows["bo"]["score"] == ""
    assert "cy" in rows
    assert course.noted().count("bo") == 1
    page = (course.out / "class.html").read_text()
    assert "Not taken for hand-ins" in page
    assert "list.txt" in page


def test_a_fault_is_tried_once_more_then_listed_apart(course: Class) -> None:
    course.hand_in("anna", "infra then 4")
    course.hand_in("bo", "infra")
    course.hand_in("cy", "crash")
    course.hand_in("di", "claims")
    assert course.batch("--workers", "2") == 3
    assert {name: course.noted().count(name) for name in ("anna", "bo", "cy", "di")} == dict.fromkeys(
        ("anna", "bo", "cy", "di"), 2
    )
    rows = {row["submission"]: row for row in table(course.out / "class.csv")}
    assert rows["anna"]["state"] == "graded"
    assert [rows[name]["state"] for name in ("bo", "cy", "di")] == ["not graded"] * 3
    assert [rows[name]["score"] for name in ("bo", "cy", "di")] == [""] * 3
    assert rows["bo"]["reason"] == "kafka: a broker died"
    assert "the fake broke" in rows["cy"]["reason"]
    assert "To be run again: 3" in (course.out / "class.html").read_text()


@pytest.mark.parametrize(("count", "taken_by"), [(1, "worker 1"), (2, "worker 2")])
def test_a_second_try_is_on_another_worker_if_there_is_one(count: int, taken_by: str, course: Class) -> None:
    path = course.hand_in("anna", "hang")
    store = Store(course.out, "", Syllabus())
    with store.locked() as lock:
        pool = Pool(store, course.grade, count, lock, grace_s=0.0)
        turns = Turns(store, pool)
        turns.queue(iter([Job(HandIn("anna", path), tries=1, failed_on="worker 1")]))
        turns.start()
        try:
            assert [one.worker for one in pool._running] == [taken_by]
        finally:
            pool.end()
    eventually(course.alive, lambda pids: not pids, within=15, describe="the end of the run, by force")


def test_a_run_that_does_not_end_is_ended_and_a_fault(course: Class) -> None:
    path = course.hand_in("anna", "hang")
    store = Store(course.out, "", Syllabus())
    with store.locked() as lock:
        pool = Pool(store, course.grade, 1, lock, longest_s=3.0)
        (verdict,) = Turns(store, pool).grade([HandIn("anna", path)])
    assert (verdict.state, verdict.reason) == (State.FAULT, "took more than 3 s")
    assert course.alive() == []


def start(course: Class, *options: str) -> subprocess.Popen[bytes]:
    """A batch as a process of its own."""
    code = (
        "import sys, signal; from pathlib import Path; from selftest.batches import Class; from topicmark import cli\n"
        "signal.signal(signal.SIGTERM, cli._interrupt); signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "course = Class.__new__(Class)\n"
        "course.folder, course.out, course.log = map(Path, sys.argv[1:4])\n"
        "sys.exit(course.batch(*sys.argv[4:]))"
    )
    own = [str(course.folder), str(course.out), str(course.log)]
    with (course.folder.parent / "said").open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-c", code, *own, *options], cwd=ROOT, stdout=said, stderr=said, start_new_session=True
        )


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda n: signal.Signals(n).name
)
def test_whatever_ends_it_ends_the_runs_and_the_next_goes_on(number: int, course: Class) -> None:
    course.hand_in("anna", "4")
    for name in ("bo", "cy"):
        course.hand_in(name, "hang then 1")
    batch = start(course, "--workers", "2")
    eventually(lambda: sorted(course.noted("done")), lambda names: names == ["anna"], within=60, describe="one")
    eventually(lambda: sorted(course.noted("hangs")), lambda names: names == ["bo", "cy"], within=60, describe="two")

    os.kill(batch.pid, number)
    assert batch.wait(timeout=120) != 0
    eventually(course.alive, lambda pids: not pids, within=15, describe="the end of all runs")
    assert sorted(course.noted("ended")) == ["bo", "cy"]  # told to end, so that a lab would have been taken down

    again = start(course, "--workers", "2")
    assert again.wait(timeout=120) == 0, (course.folder.parent / "said").read_text()
    assert sorted(course.noted()) == ["anna", "bo", "bo", "cy", "cy"]
    assert [row["ex1.1"] for row in table(course.out / "class.csv")] == ["4", "1", "1"]


def test_two_batches_do_not_share_a_folder(course: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("topicmark.batch.store._ENDING_S", 0.2)
    course.hand_in("anna", "hang")
    batch = start(course)
    try:
        eventually(course.noted, bool, within=60, describe="the first batch at work")
        with pytest.raises(UsageError, match="another batch is at work here"):
            course.batch()
    finally:
        os.kill(batch.pid, signal.SIGTERM)
        batch.wait(timeout=120)


def test_names_are_unique_and_can_be_folders(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    for name in ("anna", "class.csv", ".hidden", "é x"):
        (folder / name).mkdir(parents=True)
    for name in ("anna.zip", "-rf.tar.gz"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("a", "b")
    other = tmp_path / "anna.zip"
    other.write_bytes(b"")
    named, left_out = hand_ins.found([folder, other], tmp_path / "out")
    assert {name: path.parent.name for name, path in named.items()} == {
        "-rf": "all", "_class.csv": "all", "anna": "all", "anna.zip": "all", "anna.zip-2": tmp_path.name, "é x": "all",
    }  # fmt: skip
    assert left_out == []


def test_an_archive_is_the_same_as_its_folder(tmp_path: Path) -> None:
    (tmp_path / "bo").mkdir()
    (tmp_path / "bo" / "a.py").write_text("print(1)")
    with zipfile.ZipFile(tmp_path / "anna.zip", "w") as archive:
        archive.writestr("homework/a.py", "print(1)")
    first, second = hand_ins.read({"anna": tmp_path / "anna.zip", "bo": tmp_path / "bo"})
    assert first.digest == second.digest != ""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--workers", "0"], "at least"),
        (["--also", "csv=x"], "--also"),
        (["--backend", "attached", "--kafka", "h:1"], "side by side on one lab"),
    ],
)
def test_what_makes_no_sense_for_a_class_is_refused(options: list[str], told: str, course: Class) -> None:
    course.hand_in("anna", "4")
    with pytest.raises(UsageError, match=told):
        course.batch(*options)
    assert course.noted() == []


def test_one_hand_in_is_not_taken_for_a_class(course: Class) -> None:
    (course.folder / "submission.toml").write_text("")
    with pytest.raises(UsageError, match="this is one hand-in"):
        course.batch()


def test_as_many_labs_as_memory_and_cores_allow() -> None:
    assert capacity.workers("embedded", cores=8, free_bytes=8 * 2**30) == 5
    assert capacity.workers("embedded", cores=2, free_bytes=64 * 2**30) == 4
    assert capacity.workers("docker", cores=8, free_bytes=14 * 2**30) == 2
    assert capacity.workers("embedded", cores=2, free_bytes=2**28) == 1
    assert capacity.workers("embedded") >= 1
