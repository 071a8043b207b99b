"""Hosts and ports that a course names: in commands, manifests, programs, JSON and code spans."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from topicmark.course.plan.course import Course
from topicmark.course.reading.manifests import leaves
from topicmark.course.reading.markdown import Fence, Link, Span
from topicmark.course.reading.shell import is_command
from topicmark.submission.yamltree import Items, Node, Scalar, Table

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
_URL = re.compile(
    rf"\b((?:jdbc:)?[a-z][a-z0-9+]*)://(?:[^@/\s\"'<>]+@)?({_HOST})(?::(\d{{2,5}}))?(?![.-]?(?:[\w\u2039$]|<[A-Za-z])|:)"
)
_BARE = re.compile(rf"(?<![\w./@:\u2039<$\"'-])[\"']?({_HOST}):(\d{{4,5}})(?![\w:.-])")
_ASSIGNED = re.compile(r"\s*(?:\$ )?(?:export\s+)?([A-Za-z_]\w*)=(?:[\"']([^\"'$`]+)[\"']|([\w.:/-]+))\s*$")
_USED = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
"""A variable of the shell, and a line that gives one its value."""
_DENIED = re.compile(r"\b(?:not|never|no longer|refused?|instead of|wrong|fails?|cannot|n't|was|were)\b", re.IGNORECASE)
"""A line that may name an address because it is wrong."""
_OTHER = frozenset(
    {
        "s3",
        "s3a",
        "s3n",
        "file",
        "oci",
        "git",
        "docker",
        "gs",
        "abfs",
        "abfss",
        "wasb",
        "vscode",
        "mailto",
        "tcp",
        "ftp",
    }
)
_DEFAULTS = {"http": 80, "https": 443, "hdfs": 8020, "webhdfs": 9870}
LOCAL = re.compile(r"localhost|127(?:\.\d+){3}|0\.0\.0\.0|host\.docker\.internal|\d+(?:\.\d+){3}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A host that something names. ``port`` is ``None`` if none is given and the scheme has no default.

    ``where`` is ``command``, ``manifest``, ``program``, ``json``, ``text`` or ``link``; ``key`` what it is the
    value of, if that is known.
    """

    host: str
    port: int | None
    scheme: str
    path: str
    line: int
    where: str
    key: str = ""
    written: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it is an address, or the reader's own machine."""
        return bool(LOCAL.fullmatch(self.host))


def references(course: Course) -> list[Reference]:
    """All of them, in the files in which findings are wanted."""
    return [*_texts(course), *_manifests(course), *_programs(course), *_json(course)]


def _texts(course: Course) -> Iterator[Reference]:
    in_blocks: set[tuple[str, int]] = set()
    variables: dict[tuple[str, str], str] = {}
    for block in course.blocks:
        output = {word.line for word in block.script.output}
        for number, line in enumerate(block.fence.text.split("\n"), block.fence.line):
            match = _ASSIGNED.match(line)
            if match:
                variables[block.document.path, match[1]] = match[2] or match[3]
            if number in output or line.lstrip().startswith("#"):
                continue
            in_blocks.add((block.document.path, number))
            key = _json_key(line)
            written = _expanded(line, block.document.path, variables)
            yield from _in_text(written, block.document.path, number, "command", key)
    for document in course.documents:
        for part in document.parts:
            if isinstance(part, Fence) and (document.path, part.line) not in in_blocks:
                if part.language in ("json", "yaml", "yml", "properties", "python", "py", "sql", "ksql"):
                    for number, line in enumerate(part.text.split("\n"), part.line):
                        yield from _in_text(line, document.path, number, "text", _json_key(line))
            elif isinstance(part, Span):
                where = "command" if is_command(part.text) and " " in part.text else "text"
                if where == "command" or not _DENIED.search(document.lines[part.line - 1]):
                    yield from _in_text(part.text, document.path, part.line, where, "")
            elif isinstance(part, Link):
                yield from _in_text(part.target, document.path, part.line, "link", "")


def _expanded(line: str, path: str, variables: Mapping[tuple[str, str], str]) -> str:
    """A line with the values that the text gave to its variables."""
    return _USED.sub(lambda match: variables.get((path, match[1] or match[2]), match[0]), line)


def _json_key(line: str) -> str:
    match = re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*[:=]\s", line + " ")
    return match[1] if match else ""


def _manifests(course: Course) -> Iterator[Reference]:
    for file in course.judged_yaml:
        for node in file.documents:
            yield from _in_node(node, file.path, course.repository.text(file.path).split("\n"))


def _in_node(node: Node, path: str, lines: list[str]) -> Iterator[Reference]:
    named = dict(_variables(node))
    for keys, scalar in leaves(node):
        if keys and keys[-1] in ("image", "tag", "repository"):
            continue
        key = named.get(id(scalar), keys[-1] if keys else "")
        if "\n" in scalar.text or _is_block(scalar, lines):
            for number, line in enumerate(_uncommented(scalar.text).split("\n"), scalar.line + 1):
                if not line.lstrip().startswith("#"):
                    yield from _in_text(line, path, number, "manifest", _json_key(line) or key)
        else:
            yield from _in_text(scalar.text, path, scalar.line, "manifest", key)


def _variables(node: Node) -> Iterator[tuple[int, str]]:
    """The values of environment variables (``name:`` and ``value:`` side by side), by identity, and their names."""
    if isinstance(node, Table):
        name, value = node.pairs.get("name"), node.pairs.get("value")
        if isinstance(name, Scalar) and isinstance(value, Scalar):
            yield id(value), name.text
        for each in node.pairs.values():
            yield from _variables(each)
    elif isinstance(node, Items):
        for each in node.values:
            yield from _variables(each)


def _uncommented(text: str) -> str:
    """An XML text without what stands in its comments; the lines stay where they are."""
    return re.sub(r"<!--[\s\S]*?-->", lambda match: "\n" * match[0].count("\n"), text)


def _is_block(scalar: Scalar, lines: list[str]) -> bool:
    line = lines[scalar.line - 1] if scalar.line <= len(lines) else ""
    return bool(re.search(r"[|>][-+]?\s*$", line))


def _programs(course: Course) -> Iterator[Reference]:
    for program in course.programs:
        if program.tree is None or not course.repository.is_judged(program.path):
            continue
        documented = {
            id(node.value)
            for node in ast.walk(program.tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(program.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
                yield from _in_text(node.value, program.path, node.lineno, "program", "")


def _json(course: Course) -> Iterator[Reference]:
    for path in course.repository.by_suffix(".json", ".properties", ".conf"):
        if course.repository.is_judged(path) and not path.endswith(
            ("package.json", "package-lock.json", "tsconfig.json")
        ):
            for number, line in enumerate(course.repository.text(path).split("\n"), 1):
                if not line.lstrip().startswith("#"):
                    yield from _in_text(line, path, number, "json", _json_key(line))


def _in_text(text: str, path: str, line: int, where: str, key: str) -> Iterator[Reference]:
    seen: set[tuple[int, int]] = set()
    for match in _URL.finditer(text):
        seen.add(match.span(2))
        scheme = match[1].removeprefix("jdbc:")
        if scheme in _OTHER:
            continue
        port = int(match[3]) if match[3] else _DEFAULTS.get(scheme)
        yield Reference(match[2], port, scheme, path, line, where, key, match[0])
    for match in _BARE.finditer(text):
        if match.span(1) not in seen and not any(start <= match.start(1) < end for start, end in seen):
            yield Reference(match[1], int(match[2]), "", path, line, where, key, match[1] + ":" + match[2])
