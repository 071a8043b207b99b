"""Tests that carry tasks: what ``tests/`` promises a student, and how tasks are marked."""

from __future__ import annotations

import ast
import functools
import importlib.util
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures import task
from topicmark.model import Task
from topicmark.plugin import task_of

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
TESTS = sorted((ROOT / "tests").glob("*.py"))
TESTS_OF_TASKS = [path for path in TESTS if path.name.startswith("test_ex")]

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


@pytest.mark.parametrize("path", TESTS_OF_TASKS, ids=lambda path: path.name)
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
    ("docstring", "title", "judged"),
    [
        ("One line.", "One line", ""),
        ("Without a dot", "Without a dot", ""),
        ("\n    The first line.\n\n    More of it.\n    ", "The first line", "More of it."),
        ("Three dots…", "Three dots…", ""),
    ],
)
def test_the_first_line_of_the_docstring_is_the_title(docstring: str, title: str, judged: str) -> None:
    def test_something() -> None:
        pass

    test_something.__doc__ = docstring
    marked = task("ex5.1", points=4, hint="h", look="l", needs="ex4.1")(test_something)
    assert [mark.args[0] for mark in marked.pytestmark] == [Task("ex5.1", 4, title, "h", "l", "ex4.1", judged=judged)]
