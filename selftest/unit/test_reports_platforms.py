"""What platforms read: valid by their schemas, totals that agree everywhere, nothing of ours as a lost point, and
whatever a submission says stays text."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from markdown_it import MarkdownIt

from selftest.made_up import HOSTILE, a_run, a_task, runs
from selftest.platforms import SCHEMAS
from topicmark.model import Fault, Outcome, RunResult, UsageError
from topicmark.reports import files, github_step, results_json
from topicmark.reports.classroom50 import HandIn, to_classroom50
from topicmark.reports.ctrf import to_ctrf
from topicmark.reports.files import Places
from topicmark.reports.github_summary import to_summary
from topicmark.reports.github_workflow import to_classroom, to_commands, to_output
from topicmark.reports.gradescope import to_gradescope
from topicmark.reports.junit import to_junit
from topicmark.reports.lms_csv import to_csv
from topicmark.reports.prairielearn import to_prairielearn

ENVIRONMENT = {
    "CLASSROOM": "big-data", "ASSIGNMENT": "lecture-03", "OWNER": "anna",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d", "COMMIT_URL": "https://host/commit/a1b2c3d",
    "RELEASE_URL": "https://host/release", "ASSIGNMENT_TYPE": "group",
}  # fmt: skip
HAND_IN = HandIn.told_by(ENVIRONMENT)
MANY = list(runs(60))
MIXED = a_run(
    a_task("ex5.1", Outcome.PASSED, 4, 4),
    a_task("ex5.2", Outcome.FAILED, 1, 4, expected="60 records", observed="12 records", hint="Why?", look="ls"),
    a_task("ex5.3", Outcome.BLOCKED, 0, 2, observed="ex5.2 failed"),
    a_task("ex5.5", Outcome.NOT_RUN, 0, 2),
    a_task("ex5.6", Outcome.REVIEW, 0, 2),
    a_task("ex8.1", Outcome.PASSED, 5, 5, bonus=True),
    a_task("ex8.2", Outcome.FAILED, 0, 5, bonus=True),
)
SPOILT = a_run(
    a_task("ex5.1", Outcome.PASSED, 4, 4),
    a_task("ex7.1", Outcome.INFRA, 0, 4, observed="the datanode ended"),
    faults=(Fault("hdfs", "datanode ended", "log", "more memory"),),
)
GOING_ON = a_run(a_task("ex5.1", Outcome.PASSED, 4, 4), finished=False)


def loaded(data: bytes | None) -> dict[str, Any]:
    assert data is not None
    document: dict[str, Any] = json.loads(data.decode("utf-8"))
    return document


def valid(document: dict[str, Any], schema: str) -> dict[str, Any]:
    told = json.loads((SCHEMAS / f"{schema}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(told)
    jsonschema.Draft202012Validator(told).validate(document)
    return document


def bonus(run: RunResult) -> int:
    return sum(task.points for task in run.tasks if task.bonus)


def in_gradescope(run: RunResult) -> tuple[int, int]:
    document = valid(loaded(to_gradescope(run)), "gradescope")
    tests = document["tests"]
    points = sum(test.get("score", 0) for test in tests)
    assert document["score"] == points
    return points, sum(test.get("max_score", 0) for test in tests)


def in_prairielearn(run: RunResult) -> tuple[int, int]:
    document = valid(loaded(to_prairielearn(run)), "prairielearn")
    points = sum(test["points"] for test in document["tests"])
    most = sum(test["max_points"] for test in document["tests"])
    assert document.get("score") == (min(1, points / most) if document["gradable"] else None)
    return points, most


def in_ctrf(run: RunResult) -> tuple[int, int]:
    results = valid(loaded(to_ctrf(run)), "ctrf")["results"]
    summary, tests = results["summary"], results["tests"]
    statuses = [test["status"] for test in tests]
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[status] == statuses.count(status)
    judged = [t["extra"] for t in tests if t["rawStatus"] in ("passed", "failed", "blocked")]
    points = sum(extra["points"] for extra in judged)
    most = sum(extra["max_points"] for extra in judged if not extra["bonus"])
    assert (summary["extra"]["points"], summary["extra"]["max_points"]) == (points, most)
    return points, most


def in_junit(run: RunResult) -> tuple[int, int]:
    properties = [
        {one.get("name"): int(one.get("value", "")) for one in suite.findall("properties/property")
         if one.get("name") in ("points", "max_points")}
        for suite in ET.fromstring(to_junit(run)).findall("testsuite") if suite.get("name") != "lab"
    ]  # fmt: skip
    return sum(one["points"] for one in properties), sum(one["max_points"] for one in properties)


def in_csv(run: RunResult) -> dict[str, str]:
    names, values = csv.reader(io.StringIO(to_csv(run).decode("utf-8"), newline=""))
    return dict(zip(names, values, strict=True))


@pytest.mark.parametrize("run", [*MANY, MIXED, SPOILT, GOING_ON], ids=lambda _: "")
def test_totals_agree_everywhere(run: RunResult) -> None:
    totals = (run.score, run.max_score)
    document = loaded(results_json.to_json(run))
    assert (document["score"], document["max_score"]) == totals
    assert in_gradescope(run) == in_prairielearn(run) == in_ctrf(run) == in_junit(run) == totals
    line = in_csv(run)
    assert sum(int(line[task.id]) for task in run.tasks if line[task.id]) == run.score
    graded = run.could_be_graded and bool(run.max_score or run.score)
    assert (line["score"], line["max_score"]) == ((str(run.score), str(run.max_score)) if graded else ("", ""))
    payload = valid(loaded(to_classroom(run)), "github-classroom")
    assert sum(test["score"] for test in payload["tests"]) == run.score
    assert payload["max_score"] == (run.max_score if run.could_be_graded else 0)
    notices = re.findall(r"^::notice title=Autograding report::(.*)$", to_commands(run), re.MULTILINE)
    expected = {"totalPoints": run.score, "maxPoints": run.max_score}
    assert [json.loads(each) for each in notices] == ([expected] if run.could_be_graded and run.max_score else [])


@pytest.mark.parametrize("run", [*MANY, MIXED], ids=lambda _: "")
def test_classroom50_has_the_same_total_beside_its_bonus(run: RunResult) -> None:
    assert HAND_IN is not None
    data = to_classroom50(run, HAND_IN)
    assert (data is None) == (not run.could_be_graded)
    if data is not None:
        document = valid(loaded(data), "classroom50")
        assert document["score"] + bonus(run) == run.score
        assert document["max-score"] == run.max_score >= document["score"]
        assert sum(test["score"] for test in document["tests"]) == document["score"]
        assert sum(test["max-score"] for test in document["tests"]) == document["max-score"]
        assert all(test["score"] <= test["max-score"] for test in document["tests"])


def test_what_broke_on_our_side_is_no_lost_point_anywhere() -> None:
    spoilt = next(test for test in loaded(to_gradescope(SPOILT))["tests"] if test["number"] == "7.1")
    assert not {"score", "max_score", "status"} & spoilt.keys()
    assert spoilt["output"].startswith("NOT GRADED, infrastructure: the datanode ended")
    assert loaded(to_gradescope(SPOILT))["output"].startswith("NOT GRADED, infrastructure: ex7.1")
    document = loaded(to_prairielearn(SPOILT))
    assert document["gradable"] is False
    assert "score" not in document
    assert document["format_errors"][-1] == "hdfs: datanode ended"
    results = loaded(to_ctrf(SPOILT))["results"]
    assert [test["status"] for test in results["tests"]] == ["passed", "other"]
    assert results["environment"]["healthy"] is False
    assert HAND_IN is not None
    assert to_classroom50(SPOILT, HAND_IN) is None
    assert in_csv(SPOILT) | {"score": "", "max_score": "", "ex7.1": "", "state": "not graded"} == in_csv(SPOILT)
    assert loaded(to_classroom(SPOILT))["status"] == "error"
    assert to_commands(SPOILT).startswith("::warning title=ex7.1 A title::NOT GRADED, infrastructure")
    assert "::notice" not in to_commands(SPOILT)
    assert "NOT GRADED, infrastructure" in to_summary(SPOILT).decode()


def test_a_run_that_goes_on_says_so() -> None:
    assert loaded(to_gradescope(GOING_ON))["output"].startswith("NOT FINISHED")
    assert loaded(to_prairielearn(GOING_ON))["gradable"] is False
    assert "::notice" not in to_commands(GOING_ON)
    assert in_csv(GOING_ON)["state"] == "not graded"


def test_a_student_is_told_what_to_do() -> None:
    told = "1 of 4 points\nExpected: 60 records\nSeen: 12 records\nHint: Why?\nLook: ls"
    tests = loaded(to_gradescope(MIXED))["tests"]
    assert tests[1] == {
        "number": "5.2", "name": "ex5.2 A title", "output": told, "tags": ["ex5"], "visibility": "visible",
        "score": 1, "max_score": 4, "status": "failed", "extra_data": {"task": "ex5.2", "verdict": "failed"},
    }  # fmt: skip
    assert next(t for t in loaded(to_prairielearn(MIXED))["tests"] if t["name"].startswith("ex5.2"))["message"] == told
    assert in_csv(MIXED)["feedback"] == "ex5.2 1 of 4: 12 records; ex5.3 0 of 2: ex5.2 failed"
    commands = to_commands(MIXED).splitlines()
    assert commands[0] == f"::error title=ex5.2 A title::{told}".replace("\n", "%0A")
    assert commands[-2:] == [
        "::notice title=Autograding complete::Points 10/10",
        '::notice title=Autograding report::{"totalPoints":10,"maxPoints":10}',
    ]
    assert json.loads(base64.b64decode(to_output(MIXED))) == loaded(to_classroom(MIXED))


def test_the_summary_has_each_exercise_and_what_lost_points() -> None:
    text = to_summary(MIXED).decode()
    assert text.startswith("## Topicmark: Score 5 of 10 and 5 bonus\n")
    assert "| | **ex5** | **5 of 10** |\n| ✓ | ex5\\.1 A title | 4 of 4 |\n" in text
    assert "| | **ex8** | **\\+5 bonus** |\n" in text
    assert "<pre>\n1 of 4 points\nExpected: 60 records\nSeen: 12 records\nHint: Why?\nLook: ls\n</pre>" in text


def test_not_more_annotations_than_github_takes() -> None:
    lost = [a_task(f"ex5.{n}", Outcome.FAILED, 0, 1) for n in range(1, 31)]
    spoilt = [a_task(f"ex7.{n}", Outcome.INFRA, 0, 1) for n in range(1, 12)]
    lines = to_commands(a_run(*lost, *spoilt)).splitlines()
    assert len([line for line in lines if line.startswith("::error ")]) == 10
    assert len([line for line in lines if line.startswith("::warning ")]) == 10
    assert lines[9] == "::error title=Topicmark::and 21 more; see the summary of the job"


@pytest.mark.parametrize("run", MANY[:20], ids=lambda _: "")
def test_no_command_but_ours_in_what_a_step_prints(run: RunResult) -> None:
    for line in to_commands(run).splitlines():
        assert re.fullmatch(r"::(error|warning|notice) title=[^:,\r\n]*::[^\r\n]*", line)
        assert "%0A::" not in line.replace("%0A::error::owned", "") or "::error::owned" in line
    assert all(len(line) < 20_000 for line in to_commands(run).splitlines())
    assert to_output(run).isascii()
    assert "\n" not in to_output(run)
    assert len(to_output(run)) < 128 * 1024


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert not attrs or tag == "td" or tag == "th"


@pytest.mark.parametrize("run", [*MANY[:30], MIXED, SPOILT], ids=lambda _: "")
def test_a_summary_holds_no_markup_but_its_own(run: RunResult) -> None:
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(to_summary(run).decode("utf-8"))
    elements = Elements()
    elements.feed(page)
    own = {"h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "code", "pre"}
    assert elements.found <= own
    assert page.count("<h2>") == 1
    assert page.count("<table>") == (1 if run.tasks else 0)
    assert page.count("<details>") == page.count("</details>") == page.count("<summary>")
    assert page.count("<pre>") == page.count("</pre>") == page.count("<details>") + (1 if run.remarks else 0)
    outside = re.sub(r"<pre>.*?</pre>|<code>.*?</code>", "", page, flags=re.DOTALL)
    assert "<em>" not in page
    assert outside.count("<tr>") == (1 + len(run.tasks) + len({t.exercise for t in run.tasks}) if run.tasks else 0)


@pytest.mark.parametrize("run", MANY[:20], ids=lambda _: "")
def test_nothing_invisible_gets_through(run: RunResult) -> None:
    assert HAND_IN is not None
    made = [
        to_gradescope(run), to_prairielearn(run), to_ctrf(run), to_csv(run), to_summary(run), to_classroom(run),
        to_commands(run).encode(), to_classroom50(run, HAND_IN) or b"{}",
    ]  # fmt: skip
    for data in made:
        text = data.decode("utf-8")
        shown = json.dumps(json.loads(text), ensure_ascii=False) if text.startswith("{") else text
        acting = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - {"\n", "\r"}
        assert not acting
        assert "##[error]" not in shown


def test_a_cell_is_never_a_formula() -> None:
    for name in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"):
        run = a_run(a_task("ex5.1", Outcome.FAILED, 0, 1, observed=name), submission=name)
        assert in_csv(run)["submission"].startswith("'")
    lines = to_csv(a_run(submission='a"b\nc,d')).split(b"\r\n")
    assert len(lines) == 3
    assert lines[1].startswith(b'"a""b c,d",')


def test_sizes_stay_below_what_the_platforms_take() -> None:
    huge = dict.fromkeys(("expected", "observed", "hint", "look"), "😀" * 500000)
    tasks = [a_task(f"ex{n}.1", Outcome.FAILED, 0, 3, remarks=("\u202e" * 90_000,), **huge) for n in range(1, 41)]
    run = a_run(*tasks, remarks=("A" * 10**6,), submission="B" * 10**6, started_at="C" * 1000)
    assert len(to_prairielearn(run)) <= 240_000
    assert len(to_gradescope(run)) <= 1_000_000
    assert len(to_summary(run)) <= 1_000_000
    assert len(to_classroom(run)) <= 90_000
    assert len(to_csv(run)) <= 20_000


@pytest.mark.parametrize("missing", ["CLASSROOM", "SUBMISSION_TAG", "OWNER", "COMMIT_URL"])
def test_without_a_classroom50_runner_there_is_no_hand_in(missing: str) -> None:
    assert HandIn.told_by({name: value for name, value in ENVIRONMENT.items() if name != missing}) is None
    assert HandIn.told_by({**ENVIRONMENT, "SUBMISSION_TAG": "submit/yesterday"}) is None


def test_the_time_of_a_hand_in_is_that_of_its_tag() -> None:
    assert HAND_IN is not None
    document = loaded(to_classroom50(MIXED, HAND_IN))
    assert (document["datetime"], document["assignment_type"]) == ("2026-06-01T14:32:05Z", "group")
    assert document["review"] == ENVIRONMENT["COMMIT_URL"]


def test_all_files_are_written_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    files.write(MIXED, Places(tmp_path / "out"))
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "results.json", "junit.xml", "gradescope.json", "prairielearn.json", "ctrf.json", "grade.csv", "github.md",
        "github-classroom.json",
    }  # fmt: skip
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    files.write(MIXED, Places(tmp_path / "out"))
    assert (tmp_path / "out" / "classroom50.json").exists()
    files.write(SPOILT, Places(tmp_path / "out"))
    assert not (tmp_path / "out" / "classroom50.json").exists(), "the score of an earlier moment"


def test_a_spoilt_run_leaves_nothing_for_gradescope_if_so_wished(tmp_path: Path) -> None:
    place = tmp_path / "results" / "results.json"
    places = Places(tmp_path / "out", {"gradescope": place}, spoilt_gradescope=False)
    files.write(GOING_ON, places)
    assert loaded(place.read_bytes())["score"] == 4
    files.write(SPOILT, places)
    assert not place.exists()
    assert not (tmp_path / "out" / "gradescope.json").exists()
    files.write(SPOILT, Places(tmp_path / "out", {"gradescope": place}))
    assert place.read_bytes() == (tmp_path / "out" / "gradescope.json").read_bytes()


@pytest.mark.parametrize("told", ["gradescope", "gradescope=", "moodle=x.json", "=x"])
def test_a_wrong_place_is_told(told: str) -> None:
    with pytest.raises(UsageError, match="formats are gradescope, prairielearn"):
        files.elsewhere(told)


def test_a_place_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert files.elsewhere("gradescope=a/b=c.json") == {"gradescope": tmp_path / "a" / "b=c.json"}
    assert files.elsewhere(None) == {}


def test_a_step_of_github_actions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    (tmp_path / "summary").write_text("before\n")
    with github_step.without_commands():
        print(HOSTILE.replace("\ud800", ""))  # noqa: T201
    github_step.tell(MIXED)
    out = capsys.readouterr().out.splitlines()
    stopped = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", out[0])
    assert stopped
    assert out.index(f"::{stopped[1]}::") == len(out) - len(to_commands(MIXED).splitlines()) - 1
    assert out[-1].startswith("::notice title=Autograding report::")
    assert (tmp_path / "summary").read_text() == "before\n" + to_summary(MIXED).decode()
    assert (tmp_path / "output").read_text() == f"result={to_output(MIXED)}\n"


def test_elsewhere_nothing_is_said_to_github(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    with github_step.without_commands():
        pass
    assert not github_step.is_here()
    assert capsys.readouterr().out == ""
