"""What the plugin makes of how a test ends, and of which tests are selected."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytest_plugins = ["pytester"]


HEAD = """
import pytest
from fixtures import expect, task
from topicmark.model import LabFault
from topicmark.scoring import Blocked, NotJudged, Parts, Unmet
from topicmark.waiting import WaitExpired

def graded(number, points=4):
    return task(f"ex5.{number}", points=points, hint="the hint", look="the command")

@pytest.fixture
def parts():
    return Parts()

tries = []
"""


@pytest.fixture
def grade(pytester: pytest.Pytester) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Grades an empty submission by the tests given; returns the exit code and ``results.json``."""
    (pytester.path / "handed-in").mkdir()
    (pytester.path / "handed-in" / "notes.txt").write_text("nothing yet\n")

    def run(tests: str, *args: str, **more: str) -> tuple[int, dict[str, Any]]:
        pytester.makepyfile(**{"test_a": HEAD + tests, **{name: HEAD + text for name, text in more.items()}})
        options = ["-p", "topicmark.plugin", "--submission", "handed-in", "--out", "out", "--allow-weak-sandbox"]
        done = pytester.runpytest_inprocess(*options, *args)
        out = pytester.path / "out" / "results.json"
        return int(done.ret), json.loads(out.read_text()) if out.exists() else {}

    return run


Grade = Callable[..., tuple[int, dict[str, Any]]]


def body(*statements: str, fixtures: str = "", number: int = 1) -> str:
    lines = "\n    ".join(statements)
    return f'@graded({number})\ndef test_{number}({fixtures}):\n    """Title {number}."""\n    {lines}\n'


@pytest.mark.parametrize(
    ("statement", "outcome", "points", "code"),
    [
        ("expect(1).to_be(1, 'one')", "passed", 4, 0),
        ("expect(1, seen='one').to_be(2, 'two')", "failed", 0, 1),
        ("raise Unmet('two', 'one', points=3)", "failed", 3, 1),
        ("raise Blocked('ex4.3', 'no records')", "blocked", 0, 1),
        ("raise NotJudged('live only')", "not_run", 0, 3),
        ("raise LabFault('died', service='broker-1')", "infra", 0, 3),
        ("raise WaitExpired('a leader', 3.0, None)", "infra", 0, 3),
        ("assert 1 == 2", "infra", 0, 3),
        ("raise RuntimeError('bug')", "infra", 0, 3),
        ("pytest.fail('bug')", "infra", 0, 3),
        ("raise ExceptionGroup('several', [ValueError()])", "infra", 0, 3),
    ],
)
def test_how_a_test_ends_is_the_outcome(grade: Grade, statement: str, outcome: str, points: int, code: int) -> None:
    returned, results = grade(body(statement))
    (found,) = results["tasks"]
    assert (found["outcome"], found["points"], found["max_points"]) == (outcome, points, 4)
    assert (found["id"], found["title"]) == ("ex5.1", "Title 1")
    assert found["hint"] == ("the hint" if outcome in ("failed", "blocked") else "")
    assert bool(results["faults"]) == (outcome == "infra")
    assert returned == code


def test_every_format_is_whole_after_each_task(grade: Grade, pytester: pytest.Pytester) -> None:
    look = [
        "import json, pathlib",
        "first = json.loads(pathlib.Path('out/gradescope.json').read_text())",
        "assert (first['score'], first['extra_data']['finished'], len(first['tests'])) == (4, False, 1)",
        "assert json.loads(pathlib.Path('elsewhere/results.json').read_text()) == first",
        "assert json.loads(pathlib.Path('out/prairielearn.json').read_text())['gradable'] is False",
    ]
    returned, _ = grade(
        body("pass") + body(*look, number=2), "--also=gradescope=elsewhere/results.json", "--gradescope-infra=fail"
    )
    assert returned == 0
    assert json.loads((pytester.path / "elsewhere" / "results.json").read_text())["score"] == 8


def test_after_a_fault_there_is_nothing_for_gradescope_if_so_wished(grade: Grade, pytester: pytest.Pytester) -> None:
    returned, _ = grade(body("pass") + body("raise LabFault('died')", number=2), "--gradescope-infra=fail")
    assert returned == 3
    assert not (pytester.path / "out" / "gradescope.json").exists()
    assert (pytester.path / "out" / "ctrf.json").exists()


@pytest.mark.parametrize(
    ("statement", "outcome", "code"),
    [
        ("raise Unmet('a consumer', 'none')", "failed", 1),
        ("raise Blocked('ex4.3', 'no records')", "blocked", 1),
        ("raise NotJudged('live only')", "not_run", 3),
        ("raise LabFault('died')", "infra", 3),
        ("raise KeyError('bug')", "infra", 3),
    ],
)
def test_a_fixture_that_raises_decides_too(grade: Grade, statement: str, outcome: str, code: int) -> None:
    returned, results = grade(f"@pytest.fixture\ndef seen():\n    {statement}\n" + body("pass", fixtures="seen"))
    assert [found["outcome"] for found in results["tasks"]] == [outcome]
    assert returned == code


def test_a_fixture_that_is_not_there_is_our_bug(grade: Grade) -> None:
    returned, results = grade(body("pass", fixtures="nowhere"))
    assert [found["outcome"] for found in results["tasks"]] == ["infra"]
    assert returned == 3


@pytest.mark.parametrize(
    ("statement", "outcome", "code"), [("pass", "passed", 0), ("raise Unmet('two', 'one')", "failed", 1)]
)
def test_teardown_that_breaks_changes_no_verdict(grade: Grade, statement: str, outcome: str, code: int) -> None:
    fixture = "@pytest.fixture\ndef seen():\n    yield\n    raise RuntimeError('left over')\n"
    returned, results = grade(fixture + body(statement, fixtures="seen"))
    assert [found["outcome"] for found in results["tasks"]] == [outcome]
    assert returned == code


def test_teardown_that_breaks_is_told(grade: Grade) -> None:
    fixture = "@pytest.fixture\ndef seen():\n    yield\n    raise RuntimeError('left over')\n"
    _, results = grade(fixture + body("pass", fixtures="seen"))
    assert ["left over" in fault["reason"] for fault in results["faults"]] == [True]


def test_parts_are_settled_when_the_test_is_over(grade: Grade) -> None:
    with_parts = body(
        "with parts.worth(3):",
        "    expect(1).to_be(1, 'one')",
        "with parts.worth(1):",
        "    expect(2).to_be(1, 'the other')",
        fixtures="parts",
    )
    returned, results = grade(with_parts)
    (found,) = results["tasks"]
    assert (found["outcome"], found["points"], found["expected"]) == ("failed", 3, "the other")
    assert returned == 1


def test_parts_that_are_all_there_are_full_marks(grade: Grade) -> None:
    returned, results = grade(body("with parts.worth(4):", "    expect(1).to_be(1, 'one')", fixtures="parts"))
    assert [(found["outcome"], found["points"]) for found in results["tasks"]] == [("passed", 4)]
    assert returned == 0


def test_an_exercise_that_a_fault_spoilt_is_run_once_more(grade: Grade) -> None:
    returned, results = grade(
        body("tries.append(1)", "if len(tries) == 1:", "    raise LabFault('died', service='broker-1')")
    )
    assert [(found["outcome"], found["points"]) for found in results["tasks"]] == [("passed", 4)]
    assert [fault["service"] for fault in results["faults"]] == ["broker-1"]
    assert returned == 0


def test_it_is_run_twice_at_most(grade: Grade, pytester: pytest.Pytester) -> None:
    returned, results = grade(
        body("open('tries', 'a').write('x')", "raise LabFault('died')"),
        test_b=body("open('other', 'a').write('x')", number=2),
    )
    assert (pytester.path / "tries").read_text() == "xx"
    assert (pytester.path / "other").read_text() == "x"
    assert [found["outcome"] for found in results["tasks"]] == ["infra", "passed"]
    assert returned == 3


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("raise Unmet('two', 'one')", "raise LabFault('again')", "failed"),
        ("pass", "raise LabFault('again')", "passed"),
        ("raise Unmet('two', 'one')", "pass", "passed"),
        ("raise LabFault('died')", "raise Unmet('two', 'one')", "failed"),
    ],
)
def test_what_was_judged_outlasts_a_second_try_that_cannot_judge(
    grade: Grade, first: str, second: str, outcome: str
) -> None:
    judged_twice = body("tries.append(1)", "if len(tries) == 1:", f"    {first}", "else:", f"    {second}")
    _, results = grade(judged_twice + body("raise LabFault('always')", number=2))
    assert [found["outcome"] for found in results["tasks"]] == [outcome, "infra"]


@pytest.mark.parametrize(
    ("statement", "outcome", "code"),
    [
        ("pass", "passed", 0),
        ("raise Unmet('two', 'one')", "infra", 3),
        ("raise Blocked('ex4.3', 'no records')", "infra", 3),
        ("raise NotJudged('live only')", "not_run", 3),
    ],
)
def test_while_the_lab_is_broken_nothing_is_held_against_anybody(
    grade: Grade, statement: str, outcome: str, code: int
) -> None:
    breaks = "request.config.stash[RUN].lab_faults = lambda since: [Fault('broker-2', 'it ended')]"
    names = "from topicmark.model import Fault\nfrom topicmark.plugin import RUN\n"
    returned, results = grade(names + body(breaks, statement, fixtures="request"))
    assert [found["outcome"] for found in results["tasks"]] == [outcome]
    assert [fault["service"] for fault in results["faults"]] == (["broker-2"] if outcome == "infra" else [])
    assert returned == code


def test_without_a_fault_nothing_is_run_twice(grade: Grade, pytester: pytest.Pytester) -> None:
    returned, _ = grade(body("open('tries', 'a').write('x')", "raise Unmet('two', 'one')"))
    assert (pytester.path / "tries").read_text() == "x"
    assert returned == 1


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("ex5.2", ["ex5.2"]),
        ("EX5.2", ["ex5.2"]),
        ("not ex5.2", ["ex5.1", "ex5.3"]),
        ("ex5.1 or ex5.3", ["ex5.1", "ex5.3"]),
    ],
)
def test_a_task_is_selected_by_its_id(grade: Grade, expression: str, wanted: list[str]) -> None:
    returned, results = grade("".join(body("pass", number=n) for n in (1, 2, 3)), "-k", expression)
    assert [found["id"] for found in results["tasks"] if found["outcome"] == "passed"] == wanted
    assert returned == 0


def test_two_tests_of_one_task_are_refused(grade: Grade, pytester: pytest.Pytester) -> None:
    returned, results = grade(body("pass"), test_b=body("pass"))
    assert returned == pytest.ExitCode.USAGE_ERROR
    assert results == {}
    assert not (pytester.path / "out").exists()


def test_a_submission_that_is_not_there_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HEAD + body("pass"))
    done = pytester.runpytest_inprocess("-p", "topicmark.plugin", "--submission", "nowhere", "--allow-weak-sandbox")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*nowhere: there is no such file*"])


def test_collecting_needs_no_submission(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HEAD + body("pass"))
    done = pytester.runpytest_inprocess("-p", "topicmark.plugin", "--collect-only", "-q")
    assert done.ret == 0
    done.stdout.fnmatch_lines(["*::test_1"])


def test_tests_without_tasks_are_left_to_pytest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_good():\n    pass\ndef test_bad():\n    assert 0\n")
    done = pytester.runpytest_inprocess("-p", "topicmark.plugin")
    done.assert_outcomes(passed=1, failed=1)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    assert not (pytester.path / "topicmark-out").exists()


def test_evidence_and_remarks_are_kept(grade: Grade) -> None:
    notes = "from topicmark.plugin import NOTES, Notes\n"
    noting = body(
        "notes = request.node.stash[NOTES] = Notes()",
        "notes.evidence['offset'] = 17",
        "notes.remarks.append('one partition')",
        "raise Unmet('two', 'one', evidence={'seen': 1})",
        fixtures="request",
    )
    _, results = grade(notes + noting)
    (found,) = results["tasks"]
    assert found["evidence"] == {"offset": 17, "seen": 1}
    assert found["remarks"] == ["one partition"]


def test_results_of_a_finished_run_say_so(grade: Grade) -> None:
    _, results = grade(body("pass") + body("raise Unmet('two', 'one')", number=2))
    assert (results["score"], results["max_score"]) == (4, 8)
    assert results["finished"] is True
    assert results["submission"] == "handed-in"


def test_an_interrupted_run_is_not_a_finished_one(grade: Grade) -> None:
    returned, results = grade(body("pass") + body("pytest.exit('enough')", number=2) + body("pass", number=3))
    assert returned not in (0, 1)
    assert results["finished"] is False
    assert "ex5.1" in [found["id"] for found in results["tasks"] if found["outcome"] == "passed"]


def test_every_run_writes_the_page(grade: Grade, pytester: pytest.Pytester) -> None:
    grade(body("raise Unmet('two', 'one')"))
    assert "0 of 4 points" in (pytester.path / "out" / "report.html").read_text()


def test_points_and_headings_are_the_course_s(grade: Grade, pytester: pytest.Pytester) -> None:
    (pytester.path / "course.toml").write_text('[points]\n"ex5.1" = 8\n[exercises.ex5]\ntitle = "The fifth"\n')
    _, results = grade(body("raise Unmet('two', 'one', points=3)") + body("pass", number=2))
    assert [(found["points"], found["max_points"]) for found in results["tasks"]] == [(6, 8), (4, 4)]
    assert "The fifth" in (pytester.path / "out" / "report.html").read_text()


def test_points_of_a_task_that_is_not_there_are_refused(grade: Grade, pytester: pytest.Pytester) -> None:
    (pytester.path / "course.toml").write_text('[points]\n"ex5.9" = 8\n')
    code, results = grade(body("pass"), "--graded-by-command")
    assert (code, results) == (pytest.ExitCode.USAGE_ERROR, {})


def test_points_of_a_task_that_was_not_chosen_are_not(grade: Grade, pytester: pytest.Pytester) -> None:
    (pytester.path / "course.toml").write_text('[points]\n"ex5.2" = 8\n')
    code, results = grade(body("pass") + body("pass", number=2), "--graded-by-command", "-k", "ex5.1")
    assert (code, results["max_score"]) == (0, 4)
