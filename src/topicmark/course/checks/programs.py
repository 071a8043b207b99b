"""Python programs: they compile, find their imports, and do not fall into known traps."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from topicmark.course import tables
from topicmark.course.findings import Edit, Finding, Severity, found
from topicmark.course.plan import Course
from topicmark.course.reading.programs import Program, Required, is_standard, requirement, requirements
from topicmark.course.reading.shell import PLACEHOLDER

_RUNTIMES = {
    "pyspark": re.compile(r"\bspark-submit\b|\bpyspark\b|charts/spark\b"),
    "pyflink": re.compile(r"\bflink run\b"),
}
"""Modules that come with what runs the program."""


def check(course: Course) -> Iterator[Finding]:
    """Faults of every program and of what is installed for it."""
    asked = _asked(course)
    installed = {each.name for each, _ in asked}
    for program in course.programs:
        if not course.repository.is_judged(program.path):
            continue
        if program.problem is not None:
            line, words = program.problem
            yield found("program-syntax", program.path, line, f"the program does not compile: {words}", "Correct it.")
            continue
        yield from _imports(course, program, installed)
        yield from _traps(program)
        yield from _paths(program)
    yield from _pins(course, asked)


def _asked(course: Course) -> list[tuple[Required, str]]:
    """What requirements files, Dockerfiles and texts install, and the file that says so."""
    found_all: list[tuple[Required, str]] = []
    for path in course.repository.files:
        name = posixpath.basename(path)
        text = (
            course.repository.text(path)
            if re.search(
                r"requirements.*\.txt$|^Dockerfile|^pyproject\.toml$|^Pipfile$|environment\.ya?ml$|\.ipynb$|^setup\.py$",
                name,
            )
            else ""
        )
        if re.search(r"requirements.*\.txt$", name):
            found_all += [(each, path) for each in requirements(text)]
        elif text:
            for number, line in enumerate(text.split("\n"), 1):
                for word in re.findall(
                    r"(?<![\w./-])([A-Za-z][\w.-]*(?:\[[\w,-]+\])?(?:\s*[=<>~!]=?=?\s*[\d.*]+)?)", line
                ):
                    one = requirement(word, number)
                    if one is not None and len(one.name) > 2:
                        found_all.append((Required(one.name, one.pinned if "install" in line else "", number), path))
    for step in course.steps:
        if step.is_a("pip", "install") and step.usage is not None:
            for word in step.usage.arguments:
                one = requirement(word.text, word.line) if not PLACEHOLDER.search(word.text) else None
                if one is not None:
                    found_all.append((one, step.document.path))
        elif step.call.argv[1:4] in (("-m", "pip", "install"),):
            for word in step.call.words[4:]:
                one = requirement(word.text, word.line)
                if one is not None:
                    found_all.append((one, step.document.path))
    return found_all


def _imports(course: Course, program: Program, installed: set[str]) -> Iterator[Finding]:
    paths = course.repository.by_suffix(".py")
    local = {posixpath.splitext(posixpath.basename(each))[0] for each in paths} | {
        part for each in paths for part in each.split("/")[:-1]
    }
    here = posixpath.dirname(program.path)
    texts = "\n".join(document.text for document in course.documents)
    modules = tables.load("packages")["modules"]
    for name, line in program.imports.items():
        if is_standard(name) or name.startswith("_"):
            continue
        names = {canonicalize_name(each) for each in [*modules.get(name, []), name]}
        if name in _RUNTIMES and _RUNTIMES[name].search(texts):
            continue
        if names & installed or any(
            each.startswith(tuple(f"{one}-" for one in names)) for each in installed if len(name) > 3
        ):
            continue
        if name in local:
            beside = posixpath.join(here, f"{name}.py")
            near = [each for each in paths if posixpath.basename(each) == f"{name}.py"]
            if (
                not near
                or course.repository.has_file(beside)
                or any(each.startswith(f"{here}/") for each in near)
                or _sets_path(program)
            ):
                continue
            if any(posixpath.dirname(here) == posixpath.dirname(each) for each in near):
                continue
            what = f"import {name}: {name}.py is not beside the program, but at {near[0]}"
            yield found(
                "import-unknown",
                program.path,
                line,
                what,
                "Put it beside the program, or lead Python there.",
                severity=Severity.MISLEADS,
            )
            continue
        if not installed and not _is_run(course, program):
            continue
        distribution = modules.get(name, [name])[0]
        what = f"import {name}: no requirements file, Dockerfile or command of the course installs {distribution}"
        yield found(
            "import-unknown",
            program.path,
            line,
            what,
            f"Add {modules.get(name, [name])[0]} to the requirements, with its version.",
        )


def _sets_path(program: Program) -> bool:
    return "sys.path" in program.text


def _is_run(course: Course, program: Program) -> bool:
    name = posixpath.basename(program.path)
    return any(word.text.endswith(name) for step in course.steps for word in step.call.words)


def _pins(course: Course, asked: list[tuple[Required, str]]) -> Iterator[Finding]:
    table = tables.load("packages")
    python = _python(course)
    beside: dict[str, dict[str, Required]] = {}
    for each, path in asked:
        if not course.repository.is_judged(path):
            continue
        is_list = path.endswith(".txt")
        if is_list or path.endswith(".md"):
            right = table["gone"].get(each.name)
            if right:
                what = f"{each.name} is not the package that is meant on PyPI"
                yield found("requirement-wrong", path, each.line, what, f"Write {right}.")
        if is_list:
            beside.setdefault(path, {})[each.name] = each
        for row in table["broken"]:
            if each.name != row["name"] or not each.pinned or python is None:
                continue
            try:
                hit = SpecifierSet(row["versions"]).contains(Version(each.pinned)) and Version(python) >= Version(
                    row["python"]
                )
            except InvalidVersion:
                continue
            if hit:
                what = f"{each.name}=={each.pinned} with Python {python}: {row['why']}"
                yield found(
                    "requirement-broken",
                    path,
                    each.line,
                    what,
                    f"Write {row['instead']}.",
                    proof=f"Table of packages: {row['source']}",
                )
    for path, names in beside.items():
        if {"kafka-python", "kafka-python-ng"} <= names.keys():
            what = "kafka-python and kafka-python-ng install the same module kafka: the one overwrites the other"
            yield found("requirement-wrong", path, names["kafka-python-ng"].line, what, "Keep kafka-python.")


def _python(course: Course) -> str | None:
    """The newest Python that the course names, in its images or its texts."""
    named: list[str] = []
    for path in course.repository.files:
        if posixpath.basename(path).startswith("Dockerfile"):
            named += re.findall(r"python:(3\.\d+)", course.repository.text(path))
    for document in course.documents:
        named += re.findall(r"\b[Pp]ython[ :](3\.\d+)", document.text)
    for file in course.yaml_files:
        named += re.findall(r"image:\s*[\"']?python:(3\.\d+)", course.repository.text(file.path))
    return max(named, key=Version, default=None)


def _traps(program: Program) -> Iterator[Finding]:
    assert program.tree is not None
    calls = [node for node in ast.walk(program.tree) if isinstance(node, ast.Call)]
    names = {id(call): _dotted(call.func) for call in calls}
    loops = any(isinstance(node, ast.While) for node in ast.walk(program.tree))
    text = program.text
    for call in calls:
        name = names[id(call)]
        if name.endswith("utcnow") and re.search(
            r"utcnow\(\)\s*\.\s*timestamp\(\)",
            ast.get_source_segment(text, program.tree) or text.split("\n")[call.lineno - 1],
        ):
            line = text.split("\n")[call.lineno - 1]
            if "timestamp" in line:
                what = "utcnow().timestamp() is wrong by the time zone: timestamp() takes UTC for local time"
                edits = (
                    [Edit(call.lineno, "datetime.utcnow()", "datetime.now(timezone.utc)")]
                    if "import timezone" in text
                    else []
                )
                yield found(
                    "trap-utcnow",
                    program.path,
                    call.lineno,
                    what,
                    "Write datetime.now(timezone.utc).timestamp(), or time.time().",
                    *edits,
                )
        keywords = {each.arg: each.value for each in call.keywords}
        gives_up = not loops and "consumer_timeout_ms" in keywords and None not in keywords
        if name.endswith("KafkaConsumer") and gives_up and "auto_offset_reset" not in keywords:
            what = "this consumer starts at the end of the topic (auto_offset_reset is latest), and gives up soon"
            yield found("trap-latest", program.path, call.lineno, what, "Add auto_offset_reset='earliest'.")
        if (
            name.endswith("KafkaProducer")
            and not loops
            and not re.search(r"\.(?:flush|close)\(|\.get\(|with\s+\w*Producer", text)
            and ".send(" in text
            and _is_whole(program)
        ):
            what = "this producer ends without flush() or close(): send() only queues, and the last records are lost"
            yield found("trap-unflushed", program.path, call.lineno, what, "Call producer.flush() at the end.")
    for node in ast.walk(program.tree):
        if isinstance(node, ast.ImportFrom):
            for row in tables.load("packages")["removed"]:
                if node.module == row["module"] and any(alias.name == row["name"] for alias in node.names):
                    what = f"{row['module']}.{row['name']} is gone in {row['distribution']} {row['since']} and later"
                    yield found(
                        "trap-removed",
                        program.path,
                        node.lineno,
                        what,
                        f"Write {row['instead']}, or pin {row['distribution']}<{row['since']}.",
                    )


def _is_whole(program: Program) -> bool:
    """Whether the program sends and ends by itself, outside of any function that others call."""
    assert program.tree is not None
    outside = [
        node
        for node in program.tree.body
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
    ]
    return any(
        isinstance(inner, ast.Call) and _dotted(inner.func).endswith(".send")
        for node in outside
        for inner in ast.walk(node)
    )


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "()"


def _paths(program: Program) -> Iterator[Finding]:
    assert program.tree is not None
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            home = re.match(
                r"/home/(?!(?:ubuntu|hadoop|jovyan|spark|user|kafka|vscode|root)/)[a-z][\w.-]+/|/Users/[A-Za-z][\w.-]+/|[A-Z]:\\Users\\",
                node.value,
            )
            if home:
                what = f"{home[0]} is a folder of one person"
                yield found(
                    "personal-path",
                    program.path,
                    node.lineno,
                    what,
                    "Take the path from an argument, or from Path.home().",
                )
