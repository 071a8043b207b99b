"""Tests that carry tasks: what ``tests/`` promises a student, and what the plugin makes of how a test ends."""

from __future__ import annotations

import ast
import functools
import importlib.util
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures import task
from topicmark.model import Task
from topicmark.plugin import task_of

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
TESTS = sorted((ROOT / "tests").glob("*.py"))

# The table of the design: fixed.
POINTS = {
    "ex1": {"ex1.1": 3, "ex1.2": 5},
    "ex2": {"ex2.1": 2, "ex2.2": 2, "ex2.3": 2, "ex2.4": 2},
    "ex3": {"ex3.1": 3, "ex3.2": 3, "ex3.3": 3, "ex3.4": 3},
    "ex4": {"ex4.1": 5, "ex4.2": 3, "ex4.3": 6, "ex4.4": 3, "ex4.5": 3},
    "ex5": {"ex5.1": 4, "ex5.2": 4, "ex5.3": 4, "ex5.4": 4, "ex5.5": 2, "ex5.6": 2},
    "ex6": {"ex6.1": 4, "ex6.2": 8, "ex6.3": 2, "ex6.4": 2},
    "ex7": {"ex7.1": 4, "ex7.2": 6, "ex7.3": 3, "ex7.4": 3},
    "ex8": {"ex8.1": 5, "ex8.2": 5},
}
BONUS = {"ex8.1", "ex8.2"}
ALL_POINTS = {task_id: points for exercise in POINTS.values() for task_id, points in exercise.items()}


Row = tuple[Path, str, Callable[..., None], Task]
TREES = [pytest.param(ast.parse(path.read_text()), id=path.name) for path in TESTS]


@functools.cache
def graded(config: pytest.Config) -> tuple[Row, ...]:
    """File, name, test and task of every test in ``tests/`` that carries one."""
    config.addinivalue_line("markers", "task(task): as the plugin has it")
    rows: list[Row] = []
    for path in TESTS:
        spec = importlib.util.spec_from_file_location(f"graded_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, test in vars(module).items():
            marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "task"]
            rows += [(path, name, test, mark.args[0]) for mark in marks]
    return tuple(rows)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    rows = graded(metafunc.config)
    if "row" in metafunc.fixturenames:
        metafunc.parametrize("row", rows, ids=[one.id for *_, one in rows])
    if "one" in metafunc.fixturenames:
        metafunc.parametrize("one", [one for *_, one in rows], ids=[one.id for *_, one in rows])


@pytest.fixture
def tasks(pytestconfig: pytest.Config) -> list[Task]:
    return [one for *_, one in graded(pytestconfig)]


# What tests/ promises


def test_the_table_adds_up_to_a_hundred_points_and_a_bonus() -> None:
    assert sum(points for task_id, points in ALL_POINTS.items() if task_id not in BONUS) == 100
    assert sum(ALL_POINTS[task_id] for task_id in BONUS) == 10


def test_ids_of_tasks_are_unique(tasks: list[Task]) -> None:
    ids = [one.id for one in tasks]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("exercise", ["ex1", "ex4", "ex5"])
def test_points_are_those_of_the_table(tasks: list[Task], exercise: str) -> None:
    assert {one.id: one.points for one in tasks if one.exercise == exercise} == POINTS[exercise]


def test_every_task_is_in_the_table(one: Task) -> None:
    assert ALL_POINTS.get(one.id) == one.points
    assert one.bonus == (one.id in BONUS)


def test_every_task_tells_a_student_what_to_do(one: Task) -> None:
    assert one.title.strip()
    assert not one.title.endswith(".")
    assert "\n" not in one.title
    assert len(one.title) <= 100
    assert one.hint.strip().endswith(("?", ".", ")"))
    assert "\n" not in one.hint
    assert one.look.strip()
    assert "\n" not in one.look
    assert shlex.split(one.look, comments=True)


def test_what_a_task_needs_is_another_task(one: Task) -> None:
    assert one.needs is None or (one.needs in ALL_POINTS and one.needs != one.id)


def test_titles_are_docstrings_and_names_tell_the_exercise(row: Row) -> None:
    path, name, test, one = row
    assert test.__doc__ is not None
    assert one.title == test.__doc__.strip().splitlines()[0].rstrip(".")
    assert name.startswith(f"test_{one.exercise}_")
    assert path.name.startswith(f"test_{one.exercise}_")


@pytest.mark.parametrize("tree", TREES)
def test_every_test_of_an_exercise_carries_a_task(tree: ast.Module, pytestconfig: pytest.Config) -> None:
    marked = {name for _, name, _, _ in graded(pytestconfig)}
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_ex")}
    assert tests <= marked


@pytest.mark.parametrize("tree", TREES)
def test_tests_know_the_fixtures_only(tree: ast.Module) -> None:
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += ["." * node.level + (node.module or "") for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert imported
    assert {name.partition(".")[0] for name in imported} == {"fixtures"}


@pytest.mark.parametrize("tree", TREES)
def test_tests_have_no_loops_ifs_or_sleeps(tree: ast.Module) -> None:
    forbidden = (
        ast.For, ast.AsyncFor, ast.While, ast.comprehension, ast.If, ast.IfExp, ast.Match, ast.Try, ast.Assert,
    )  # fmt: skip
    found = [
        f"line {getattr(n, 'lineno', '?')}: {type(n).__name__}" for n in ast.walk(tree) if isinstance(n, forbidden)
    ]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names += [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert found == []
    assert not [name for name in names if "sleep" in name or name in ("eval", "exec", "__import__", "open")]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_a_file_of_tests_has_a_title(path: Path) -> None:
    assert (ast.get_docstring(ast.parse(path.read_text())) or "").startswith("Exercise ")


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("ex5.4", {"ex5.4"}),
        ("EX5.4", {"ex5.4"}),
        ("ex5.4 or ex1.2", {"ex5.4", "ex1.2"}),
        ("ex5 and not ex5.4", set(POINTS["ex5"]) - {"ex5.4"}),
        ("ex1", set(POINTS["ex1"])),
        ("ex4", set(POINTS["ex4"])),
        ("ex9.9", set()),
    ],
)
def test_the_real_tasks_can_be_selected_by_id(pytester: pytest.Pytester, expression: str, wanted: set[str]) -> None:
    at = ["-c", str(ROOT / "pytest.ini"), "--rootdir", str(ROOT), str(ROOT / "tests")]
    (finish,) = pytester.inline_run(*at, "--collect-only", "-k", expression).getcalls("pytest_collection_finish")
    assert {found.id for item in finish.session.items if (found := task_of(item)) is not None} == wanted


# How tasks are marked


def test_a_task_needs_a_title() -> None:
    def test_nameless() -> None:
        pass

    with pytest.raises(ValueError, match=r"test_nameless.*title of ex5\.1"):
        task("ex5.1", points=4, hint="h", look="l")(test_nameless)


@pytest.mark.parametrize(
    ("docstring", "title"),
    [
        ("One line.", "One line"),
        ("Without a dot", "Without a dot"),
        ("\n    The first line.\n\n    More of it.\n    ", "The first line"),
        ("Three dots…", "Three dots…"),
    ],
)
def test_the_first_line_of_the_docstring_is_the_title(docstring: str, title: str) -> None:
    def test_something() -> None:
        pass

    test_something.__doc__ = docstring
    marked = task("ex5.1", points=4, hint="h", look="l", needs="ex4.1")(test_something)
    assert [mark.args[0] for mark in marked.pytestmark] == [Task("ex5.1", 4, title, "h", "l", "ex4.1")]


# What the plugin makes of how a test ends

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
        ("raise NotJudged('live only')", "not_run", 0, 0),
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


@pytest.mark.parametrize(
    ("statement", "outcome", "code"),
    [
        ("raise Unmet('a consumer', 'none')", "failed", 1),
        ("raise Blocked('ex4.3', 'no records')", "blocked", 1),
        ("raise NotJudged('live only')", "not_run", 0),
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
        ("raise NotJudged('live only')", "not_run", 0),
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
    done.stderr.fnmatch_lines(["*nowhere: there is no such folder*"])


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
