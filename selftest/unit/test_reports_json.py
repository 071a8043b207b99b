"""results.json: round trip, schema, invariants, and that it is written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from topicmark.model import Fault, Outcome, RunResult, TaskResult
from topicmark.reports import results_json
from topicmark.reports.results_json import ResultsError, from_json, to_json, write

HOSTILE = (
    "\x1b[31mred\x1b]0;t\x07 [bold]x[/] ]]></failure><a b='\"'> \u202egnp.\u2066 \x00\x0b\x9b \ufffe é 界 👩‍🚀 "
    + "A" * 9000
)


def a_task(
    name: str = "ex5.4", outcome: Outcome = Outcome.PASSED, points: int = 4, most: int = 4, **more: Any
) -> TaskResult:
    fields: dict[str, Any] = {"title": "Two consumers share the records", "duration_s": 1.25, **more}
    return TaskResult(id=name, exercise=name.split(".")[0], outcome=outcome, points=points, max_points=most, **fields)


def a_run(*tasks: TaskResult, **more: Any) -> RunResult:
    fields: dict[str, Any] = {
        "submission": "submissions/reference",
        "backend": "embedded",
        "sandbox": "namespaces",
        "started_at": "2026-10-01T08:00:00.123+02:00",
        "duration_s": 61.5,
        "lab_start_s": 2.5,
        "finished": True,
        "versions": {"kafka": "3.8.0"},
        **more,
    }
    return RunResult(tasks=tasks, **fields)


FULL_MARKS = a_run(a_task("ex5.1"), a_task("ex5.4"), a_task("ex8.1", points=5, most=5, bonus=True))
PARTIAL = a_run(
    a_task("ex5.1"),
    a_task(
        "ex6.2", Outcome.FAILED, 5, 8, expected="six", observed="five", hint="WHERE?", look="ksql",
        remarks=("r1", "r2"), evidence={"streams": {"SENSOR_ID_1": [0, 1.5, None, True]}, "offsets": [[0, 1]]},
    ),
)  # fmt: skip
INFRA = a_run(
    a_task("ex7.1", Outcome.INFRA, 0),
    a_task("ex8.1", Outcome.NOT_RUN, 0, bonus=True),
    a_task("ex5.6", Outcome.BLOCKED, 0, 2),
    a_task("ex5.7", Outcome.REVIEW, 0, 2),
    faults=(Fault("hdfs", "datanode ended", "log\nlines", "more memory"),),
    finished=False,
)
HOSTILE_RUN = a_run(
    a_task("ex5.1", Outcome.FAILED, 0, title=HOSTILE, expected=HOSTILE, observed=HOSTILE,
           evidence={HOSTILE: [HOSTILE]}),
    submission=HOSTILE, remarks=(HOSTILE,), versions={HOSTILE: HOSTILE}, faults=(Fault(HOSTILE, HOSTILE, HOSTILE),),
)  # fmt: skip
RUNS = pytest.mark.parametrize(
    "run",
    [FULL_MARKS, PARTIAL, INFRA, HOSTILE_RUN, a_run(started_at="")],
    ids=["full", "partial", "infra", "hostile", "empty"],
)


@RUNS
def test_a_run_comes_back_as_it_was_written(run: RunResult) -> None:
    assert from_json(to_json(run)) == run


@RUNS
def test_the_document_is_valid_and_plain_ascii(run: RunResult) -> None:
    data = to_json(run)
    schema = results_json.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(data), schema, jsonschema.Draft202012Validator)
    assert all(byte == 0x0A or 0x20 <= byte < 0x7F for byte in data)


def test_the_document_has_the_fields_and_totals() -> None:
    document = json.loads(to_json(PARTIAL))
    assert (document["schema"], document["score"], document["max_score"]) == ("topicmark/results/1", 9, 12)
    assert list(document["tasks"][1]) == [
        "id", "exercise", "title", "outcome", "points", "max_points", "expected", "observed", "hint", "look",
        "remarks", "evidence", "duration_s", "bonus",
    ]  # fmt: skip


def test_bonus_counts_in_the_score_only_and_unjudged_tasks_in_neither() -> None:
    assert (json.loads(to_json(FULL_MARKS))["score"], json.loads(to_json(FULL_MARKS))["max_score"]) == (13, 8)
    assert (json.loads(to_json(INFRA))["score"], json.loads(to_json(INFRA))["max_score"]) == (0, 2)


def test_evidence_of_any_data_is_written() -> None:
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(5000):
        inner["d"] = {}
        inner = inner["d"]
    evidence = {"nan": float("nan"), "inf": float("inf"), "pair": (1, 2), "lone": "a\udcff", 0: 7, "deep": deep}
    written = from_json(to_json(a_run(a_task(evidence=evidence)))).tasks[0].evidence
    assert (written["nan"], written["inf"], written["pair"], written["lone"]) == ("nan", "inf", [1, 2], "a\ufffd")
    assert written["0"] == 7
    assert "nested too deeply" in json.dumps(written["deep"])


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), Path("x")])
def test_evidence_of_a_wrong_type_is_refused_by_its_place(value: object) -> None:
    with pytest.raises(ResultsError, match=r"ex5\.4: evidence\.a\[0\] is of type"):
        to_json(a_run(a_task(evidence={"a": [value]})))


def test_a_file_from_before_the_lab_was_timed_is_read() -> None:
    document = json.loads(to_json(PARTIAL))
    del document["lab_start_s"]
    assert from_json(json.dumps(document).encode()).lab_start_s == 0.0


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        (a_run(a_task(), a_task()), "ex5.4 occurs 2 times"),
        (a_run(a_task(duration_s=float("nan"))), "duration_s is not finite"),
        (a_run(a_task(duration_s=-1.0)), r"tasks\[0\].duration_s"),
        (a_run(duration_s=float("inf")), "duration_s is not finite"),
        (a_run(lab_start_s=float("inf")), "lab_start_s is not finite"),
        (a_run(started_at="yesterday"), "started_at"),
        (a_run(TaskResult("ex5.4", "ex6", "t", Outcome.PASSED, 1, 1)), "ex5.4 says that it belongs to ex6"),
        (a_run(TaskResult("five", "ex5", "t", Outcome.PASSED, 1, 1)), r"tasks\[0\].id"),
    ],
)  # fmt: skip
def test_a_run_that_contradicts_itself_is_not_written(run: RunResult, problem: str) -> None:
    with pytest.raises(ResultsError, match=problem):
        to_json(run)


def changed(path: str, value: object) -> bytes:
    """PARTIAL's document with one value replaced (or removed, if ``value`` is ``...``)."""
    document = json.loads(to_json(PARTIAL))
    place: Any = document
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b"[]", "the document: .* is not of type 'object'"),
        (b'{"a": NaN}', "is not JSON: NaN"),
        (b'{"a": 1, "a": 2}', "'a' occurs twice"),
        (changed("schema", "topicmark/results/2"), "'topicmark/results/2'; this version reads 'topicmark/results/1'"),
        (changed("score", 10), "score is 10, but the tasks have 9 points"),
        (changed("max_score", 10), "max_score is 10, but the judged tasks are worth 12 points"),
        (changed("grade", "A"), "'grade' was unexpected"),
        (changed("tasks/1/note", "A"), r"tasks\[1\]: .*'note' was unexpected"),
        (changed("tasks/1/hint", ...), r"tasks\[1\]: 'hint' is a required property"),
        (changed("tasks/1/points", 5.5), r"tasks\[1\].points: 5.5 is not of type 'integer'"),
        (changed("tasks/1/points", True), r"tasks\[1\].points: True is not of type 'integer'"),
        (changed("tasks/1/points", 9), "ex6.2 has 9 of 8 points"),
        (changed("tasks/1/points", 8), "ex6.2 is failed with 8 of 8 points"),
        (changed("tasks/0/points", 3), "ex5.1 is passed with 3 of 4 points"),
        (changed("tasks/0/outcome", "great"), r"tasks\[0\].outcome"),
        (changed("versions", {"kafka": 3}), r"versions.kafka: 3 is not of type 'string'"),
        (changed("backend", ["x" * 10_000]), r"backend: .{1,400}$"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_problem(data: bytes, problem: str) -> None:
    with pytest.raises(ResultsError, match=problem):
        from_json(data)


def test_write_makes_the_folder_and_leaves_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    path = write(PARTIAL, folder)
    assert path == folder / "results.json"
    assert [each.name for each in folder.iterdir()] == ["results.json"]
    assert from_json(path.read_bytes()) == PARTIAL


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_breaks_off_leaves_the_old_file(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(FULL_MARKS, tmp_path)

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, no_space)
    with pytest.raises(OSError, match="No space"):
        write(PARTIAL, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["results.json"]
    assert from_json((tmp_path / "results.json").read_bytes()) == FULL_MARKS


def test_an_invalid_run_does_not_touch_the_old_file(tmp_path: Path) -> None:
    write(FULL_MARKS, tmp_path)
    with pytest.raises(ResultsError):
        write(a_run(a_task(), a_task()), tmp_path)
    assert from_json((tmp_path / "results.json").read_bytes()) == FULL_MARKS


def test_the_content_is_on_disk_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        calls.append("fsync")
        real_fsync(descriptor)

    def replace(source: Path, target: Path) -> None:
        calls.append("replace")
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write(PARTIAL, tmp_path)
    assert calls[:2] == ["fsync", "replace"]


def test_a_symbolic_link_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "results.json").symlink_to(target)
    assert not write(PARTIAL, folder).is_symlink()
    assert target.read_text() == "mine"
