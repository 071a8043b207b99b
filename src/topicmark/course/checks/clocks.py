"""Clocks: times that are wrong by the time zone, and time zones that do not exist."""

from __future__ import annotations

import ast
import difflib
import posixpath
import re
import zoneinfo
from collections.abc import Iterator

from topicmark.course.findings import Edit, Finding, found
from topicmark.course.plan import Course
from topicmark.course.reading.programs import Program

_ZONE = re.compile(
    r"/usr/share/zoneinfo/([A-Z][\w+-]*(?:/[A-Z][\w+-]*)+)|\bTZ[=:]\s*[\"']?([A-Z][\w+-]*(?:/[A-Z][\w+-]*)+)"
)
_PREFIXES = ("posix/", "right/")


def check(course: Course) -> Iterator[Finding]:
    """Faults of programs, images and manifests."""
    for program in course.programs:
        if program.tree is not None and course.repository.is_judged(program.path):
            yield from _naive(program, program.tree)
    for path in course.repository.files:
        if course.repository.is_judged(path) and (
            posixpath.basename(path).startswith("Dockerfile") or path.endswith((".yaml", ".yml", ".sh"))
        ):
            yield from _zones(path, course.repository.text(path))


def _naive(program: Program, tree: ast.Module) -> Iterator[Finding]:
    """What is made by ``utcnow`` on one line, and asked for its ``timestamp()`` on another."""
    asked = {
        _last(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "timestamp"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            names = {_last(target) for target in node.targets}
        elif isinstance(node, ast.AnnAssign):
            names = {_last(node.target)}
        else:
            continue
        utcnow = node.value is not None and any(
            isinstance(inner, ast.Attribute) and inner.attr == "utcnow" for inner in ast.walk(node.value)
        )
        for name in sorted((names & asked) - {""} if utcnow else ()):
            what = f"{name} is made by utcnow, and {name}.timestamp() takes it for local time: wrong by the time zone"
            yield found("trap-utcnow", program.path, node.lineno, what, "Make it by datetime.now(timezone.utc).")


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _zones(path: str, text: str) -> Iterator[Finding]:
    known = zoneinfo.available_timezones()
    if not known:
        return  # a system without tzdata: nothing to hold it against
    for number, line in enumerate(text.split("\n"), 1):
        for match in _ZONE.finditer(line.partition("#")[0]):
            name = match[1] or match[2]
            bare = name
            for prefix in _PREFIXES:
                bare = bare.removeprefix(prefix)
            if bare in known:
                continue
            near = difflib.get_close_matches(bare, sorted(known), 1, 0.8)
            remedy = f"Write {near[0]}." if near else "Write a name of the time zone database."
            edits = [Edit(number, name, near[0])] if near else []
            yield found("timezone-unknown", path, number, f"there is no time zone {name}", remedy, *edits)
