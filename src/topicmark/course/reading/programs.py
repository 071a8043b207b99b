"""Python programs and what they are installed with: syntax, imports, texts. Nothing is imported or run."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True)
class Program:
    """A Python file. ``problem`` is the line and words of its first syntax error; ``imports`` are top-level names."""

    path: str
    text: str
    tree: ast.Module | None
    problem: tuple[int, str] | None
    imports: Mapping[str, int]


def read(path: str, text: str) -> Program:
    """The program in a file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, SyntaxError) and error.lineno else 1
        return Program(path, text, None, (line, getattr(error, "msg", str(error))), {})
    found: dict[str, int] = {}
    for name, line in _imports(tree):
        found.setdefault(name, line)
    return Program(path, text, tree, None, found)


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Imports that must succeed: those in a ``try`` may be a choice of several."""
    guarded = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Try) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.partition(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0], node.lineno


def is_standard(name: str) -> bool:
    """Whether Python brings this module."""
    return name in sys.stdlib_module_names or name in ("distutils", "imp", "asyncore", "__main__")


@dataclass(frozen=True, slots=True)
class Required:
    """A distribution that is asked for, by its normal name; ``pinned`` is the version after ``==``."""

    name: str
    pinned: str
    line: int


def requirements(text: str) -> list[Required]:
    """What a requirements file asks for."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        bare = re.sub(r"(?:^|\s)#.*", "", line).split(" --hash")[0].strip().rstrip("\\").strip()
        if not bare or bare.startswith("-"):
            continue
        one = requirement(bare, number)
        if one is not None:
            found.append(one)
    return found


def requirement(text: str, line: int) -> Required | None:
    """One requirement as pip reads it; ``None`` for an address, a folder or nonsense."""
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        return None
    exact = [each.version for each in parsed.specifier if each.operator in ("==", "===")]
    return Required(canonicalize_name(parsed.name), exact[0] if exact else "", line)
