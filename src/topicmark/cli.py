"""The command line. Each command is a few lines; the work is done elsewhere."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

import topicmark
from topicmark import handson, packaging
from topicmark.batch import command as batch_command
from topicmark.explain import explain, rubric_of, tasks
from topicmark.model import LabFault, UsageError
from topicmark.options import cluster_of, declare, declare_lab, declare_where, forwarded, require_outside
from topicmark.provision import doctor, runtimes, toolchain
from topicmark.reports import github_step, results_json
from topicmark.watch import regrade

ROOT = Path(__file__).resolve().parents[2]
"""The repository: ``tests/``, ``submissions/`` and ``selftest/`` are not part of the package."""

GRADED, POINTS_LOST, USAGE, NOT_GRADED = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code (0 full marks, 1 points lost, 2 bad usage, 3 could not be graded)."""
    arguments, rest = _parser().parse_known_args(argv)
    if rest and arguments.run is not _test:
        _parser().error(f"unknown arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        require_outside()
        return int(arguments.run(arguments))
    except UsageError as error:
        print(f"topicmark: {error}", file=sys.stderr)  # noqa: T201
        return USAGE
    except LabFault as error:
        tail = f"\n{error.log}" if error.log else ""
        print(f"topicmark: {error}{tail}\n{error.remedy}", file=sys.stderr)  # noqa: T201
        return NOT_GRADED
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="topicmark", description="Grades hands-on Kafka labs on real services, with nothing but pip."
    )
    parser.add_argument("--version", action="version", version=f"topicmark {topicmark.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    grade = commands.add_parser("grade", help="grade a submission")
    grade.add_argument(
        "submission", nargs="?", type=Path, default=Path("submission"), help="folder or archive; default: submission/"
    )
    grade.add_argument("-k", dest="select", metavar="EXPR", help="only these, as in pytest: ex5, 'ex4 or ex5'")
    declare(grade.add_argument)
    grade.add_argument("--watch", action="store_true", help="grade again on each save, on a lab that stays up")
    volume = grade.add_mutually_exclusive_group()
    volume.add_argument("-q", "--quiet", action="store_true", help="only what lost points, and the score")
    volume.add_argument("-v", "--verbose", action="count", default=0, help="whole texts; twice: the evidence too")
    grade.set_defaults(run=_grade)

    batch = commands.add_parser("batch", help="grade a whole class, several hand-ins side by side")
    batch_command.declare_batch(batch)
    batch.set_defaults(run=_batch)

    test = commands.add_parser("test", help="run the grader's own tests; what follows is given to pytest")
    test.set_defaults(run=_test)

    explain = commands.add_parser("explain", help="what a task asks, how it is judged, and how to look at it oneself")
    explain.add_argument("tasks", nargs="*", metavar="TASK", help="ex5.4, or ex5 for all of an exercise; default: all")
    explain.set_defaults(run=_explain)
    rubric = commands.add_parser("rubric", help="all tasks and their points, as Markdown")
    rubric.set_defaults(run=_rubric)

    new = commands.add_parser("new", help="make a folder to hand in, from the starter")
    new.add_argument("folder", type=Path)
    new.set_defaults(run=_new)

    up = commands.add_parser("up", help="start a lab for work by hand, which stays up; grading is faster with it")
    declare_lab(up)
    up.set_defaults(run=_up)
    shell = commands.add_parser("shell", help="a shell, or one command, in the lab that is up, in this folder")
    shell.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="default: a shell")
    shell.set_defaults(run=handson.shell)
    status = commands.add_parser("status", help="which labs are up, and whose they are")
    status.set_defaults(run=handson.status)
    down = commands.add_parser("down", help="take the labs down that no run uses")
    down.add_argument("--all", action="store_true", help="also what killed runs left behind")
    down.set_defaults(run=handson.down)

    fetch = commands.add_parser("fetch", help="fetch and build all that runs need; later ones work offline")
    fetch.set_defaults(run=_fetch)
    package = commands.add_parser("package", help="make what a platform wants uploaded, to grade there")
    package.add_argument("platform", choices=packaging.PLATFORMS)
    package.add_argument(
        "--to", type=Path, metavar="PATH", help="default: topicmark-PLATFORM, with .zip for gradescope"
    )
    package.add_argument("-k", dest="select", metavar="EXPR", help="only these exercises or tasks, as for grade")
    package.add_argument(
        "--gradescope-infra", choices=["write", "fail"], default="fail",
        help="a run that broke on our side: fail, so that no score is recorded (default), or write what was graded",
    )  # fmt: skip
    package.set_defaults(run=_package)
    course = commands.add_parser("course", help="does a course repository still work? What will fail, and where")
    course.add_argument("repo", type=Path, help="the repository, or one text of it")
    course.add_argument(
        "--exercises", type=Path, action="append", default=[], metavar="PATH", help="only findings in here"
    )
    course.add_argument("--sarif", type=Path, metavar="FILE", help="write the findings as SARIF 2.1.0 too")
    course.add_argument("--fix", action="store_true", help="repair what is certain; shows a diff and asks first")
    course.add_argument("--yes", action="store_true", help="do not ask")
    course.add_argument("--baseline", type=Path, metavar="FILE", help="findings that were accepted: not reported again")
    course.add_argument("--write-baseline", type=Path, metavar="FILE", help="accept all findings of now")
    course.add_argument("--replay", action="store_true", help="also carry it out on a lab, in the sandbox")
    declare_where(course, ["embedded", "kubernetes"])
    course.add_argument("-v", "--verbose", action="store_true", help="with the reason and the proof of each finding")
    course.set_defaults(run=_course)

    check = commands.add_parser("doctor", help="what is there, what is missing, and how to get it")
    check.set_defaults(run=_doctor)
    return parser


def _grade(arguments: argparse.Namespace) -> int:
    if not arguments.submission.exists():
        raise UsageError(f"{arguments.submission}: there is no such file. Name the folder or archive to grade.")
    signal.signal(signal.SIGTERM, _interrupt)
    if arguments.watch:
        return _watch(arguments)
    _set_up(embedded=arguments.backend == "embedded")
    options = [
        str(ROOT / "tests"),
        f"--rootdir={ROOT}",
        f"--config-file={ROOT / 'pytest.ini'}",
        f"--submission={arguments.submission.absolute()}",
        *forwarded(arguments),
        "--graded-by-command",
        "--capture=no",
        f"--verbosity={-1 if arguments.quiet else arguments.verbose}",
    ]
    options += [f"-k={arguments.select}"] if arguments.select else []
    with github_step.without_commands():
        code = pytest.main(options)
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED):
        if code is pytest.ExitCode.NO_TESTS_COLLECTED:
            print(f"topicmark: no task matches -k {arguments.select!r}", file=sys.stderr)  # noqa: T201
        return USAGE
    results = arguments.out / results_json.FILE_NAME
    if github_step.is_here() and code in (GRADED, POINTS_LOST, NOT_GRADED) and results.exists():
        github_step.tell(results_json.from_json(results.read_bytes()))
    return 130 if code is pytest.ExitCode.INTERRUPTED else int(code)


def _batch(arguments: argparse.Namespace) -> int:
    batch_command.require_possible(arguments)
    tasks(ROOT, arguments.select)  # a selection of nothing is said once, not for each hand-in
    signal.signal(signal.SIGTERM, _interrupt)
    if not (arguments.scheduler or arguments.kubernetes):  # those who grade set themselves up
        _set_up(embedded=arguments.backend == "embedded")
    return batch_command.run(arguments, ROOT)


def _watch(arguments: argparse.Namespace) -> int:
    """Each run is a process of its own, so that it begins with nothing of the one before but the lab that is up. So is
    `up`: whoever starts a lab must be gone, or what a reset ends stays as a zombie and is waited for."""
    itself = [sys.executable, "-m", "topicmark"]
    if arguments.backend == "embedded" and not (arguments.fresh or arguments.untrusted):
        of_the_lab = [option for option in forwarded(arguments) if option.startswith(("--connect-pl", "--ksqldb-home"))]
        if code := subprocess.call([*itself, "up", *of_the_lab]):
            return code
    chosen = [f"-k={arguments.select}"] if arguments.select else []
    volume = ["-q"] if arguments.quiet else ["-v"] * arguments.verbose
    command = ["grade", str(arguments.submission), *forwarded(arguments), *chosen, *volume]
    print("topicmark: watching; Ctrl+C ends, ./topicmark down takes the lab down", file=sys.stderr)  # noqa: T201
    return regrade([*itself, *command], arguments.submission, arguments.out)


def _interrupt(_: int, __: object) -> None:
    """Being told to end takes everything down in order, as Ctrl+C does."""
    raise KeyboardInterrupt


def _set_up(*, embedded: bool = True) -> None:
    """Fetch and build what is missing, with a progress bar; quick and offline if nothing is. ``embedded``: what the
    embedded lab's services are made of as well."""
    if embedded:
        toolchain.ensure(progress=True)
    runtimes.default(lambda text: print(f"topicmark: {text}", file=sys.stderr))  # noqa: T201


def _test(arguments: argparse.Namespace) -> int:
    """The grader's own tests: first its parts, then whole runs. Words that follow choose instead, as in pytest."""
    _set_up()
    chosen = any((ROOT / word.split("::")[0]).exists() for word in arguments.rest if not word.startswith("-"))
    steps = [["selftest/contract", "selftest/unit", "--dist=loadfile"], ["selftest/system"]]
    steps = [[]] if chosen else [["-m", "not docker", *step] for step in steps]  # it has a step of its own in .ci/run
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "selftest" / "pytest.ini"), f"--rootdir={ROOT}"]
    codes = [subprocess.call([*command, *arguments.rest, *step], cwd=ROOT) for step in steps]
    return next((code for code in codes if code), 0)


def _explain(arguments: argparse.Namespace) -> int:
    explain(ROOT, arguments.tasks)
    return 0


def _rubric(_: argparse.Namespace) -> int:
    print(rubric_of(ROOT), end="")  # noqa: T201
    return 0


def _new(arguments: argparse.Namespace) -> int:
    if arguments.folder.exists() and any(arguments.folder.iterdir()):
        raise UsageError(f"{arguments.folder}: exists and is not empty. Choose another name.")
    shutil.copytree(ROOT / "submissions" / "starter", arguments.folder, dirs_exist_ok=True)
    Console().print(f"Made {arguments.folder}. Grade it with: ./topicmark grade {arguments.folder}", highlight=False)
    return 0


def _up(arguments: argparse.Namespace) -> int:
    if arguments.backend == "embedded":
        toolchain.ensure(progress=True)
    return handson.up(arguments)


def _fetch(_: argparse.Namespace) -> int:
    _set_up()
    return 0


def _package(arguments: argparse.Namespace) -> int:
    options = [f"-k={arguments.select}"] if arguments.select else []
    if arguments.platform == "gradescope":
        options.append(f"--gradescope-infra={arguments.gradescope_infra}")
    suffix = ".zip" if arguments.platform == "gradescope" else ""
    target = arguments.to or Path(f"topicmark-{arguments.platform}{suffix}")
    packaging.write(arguments.platform, ROOT, options, target)
    Console().print(f"Made {target}. What to do with it: docs/platforms.md", highlight=False)
    return 0


def _course(arguments: argparse.Namespace) -> int:
    try:
        from topicmark.course import command  # only who checks a course has what it needs installed
    except ModuleNotFoundError as error:
        remedy = "Run ./topicmark course, or: pip install topicmark[course]"
        raise UsageError(f"{error.name} is not installed. {remedy}") from None
    place = cluster_of(arguments)
    if not arguments.replay:
        if place is not None:
            raise UsageError("--backend kubernetes says where to carry the course out: give --replay too.")
        return command.run(arguments)
    from topicmark.replaying import replay

    signal.signal(signal.SIGTERM, _interrupt)
    _set_up(embedded=place is None)
    return command.run(arguments, lambda course: replay(course, place))


def _doctor(_: argparse.Namespace) -> int:
    table = Table(box=None, show_header=False, width=min(100, shutil.get_terminal_size().columns))
    checks = doctor.report()
    for check in checks:
        table.add_row(
            "✓" if check.ok else "✗", check.name, check.detail if check.ok else f"{check.detail} {check.remedy}"
        )
    Console().print(table, markup=False)
    return 0 if all(check.ok for check in checks) else NOT_GRADED


__all__ = ["main"]

if os.name != "posix":  # pragma: no cover
    raise SystemExit("Topicmark runs on Linux (on Windows in WSL2).")
