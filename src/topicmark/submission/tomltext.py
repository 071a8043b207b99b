"""TOML with line numbers: ``tomllib`` reads it, a small scanner remembers on which line each key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_CHARS = 256 * 1024
MAX_DEPTH = 24
_MAX_DOTS = 300
Path = tuple[str | int, ...]

_AT = re.compile(r"\s*\((?:at line (\d+), column \d+|at end of document)\)")
_KEY = re.compile(
    r"""\s*((?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*"""
)
_PART = re.compile(r""""((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+)""")


class TomlError(Exception):
    """Text that is not TOML; ``line`` counts from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


@dataclass(frozen=True)
class Document:
    """The data and, for each key path (array tables carry an index), its line."""

    data: Mapping[str, Any]
    lines: Mapping[Path, int]

    def line(self, *path: str | int) -> int:
        """The line of a key, or of the nearest table around it; 1 if nothing is known."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 1


def parse(text: str) -> Document:
    """Read TOML. Raises ``TomlError`` with the line."""
    if len(text) > MAX_CHARS:
        raise TomlError(1, f"is longer than {MAX_CHARS // 1024} KiB.")
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"<{7}(?: |$)|>{7}(?: |$)", line):
            raise TomlError(number, "has a merge conflict in it that was never resolved.")
    for number, line in enumerate(text.splitlines(), 1):
        close = re.sub(r"\s+", " ", line).replace(" .", ".").replace(". ", ".")
        if any(word.count(".") > _MAX_DOTS for word in re.split(r"[\s=,{}\[\]]", close)):
            raise TomlError(number, f"has a word with more than {_MAX_DOTS} dots.")  # tomllib would take minutes
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        number = int(at[1]) if at and at[1] else len(text.splitlines()) or 1
        raise TomlError(number, f"is not valid TOML: {_AT.sub('', str(error)).lower()}.") from None
    except (RecursionError, ValueError, OverflowError):
        raise TomlError(1, "is not valid TOML: too deeply nested, or a number out of range.") from None
    if not _is_shallow(data):
        raise TomlError(1, f"is nested more than {MAX_DEPTH} tables deep.")
    return Document(data, _lines(text))


def _is_shallow(data: object) -> bool:
    """Whether nothing lies deeper than ``MAX_DEPTH``, so that whoever reads the data may recurse."""
    level: list[object] = [data]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return not level


def _lines(text: str) -> dict[Path, int]:
    """Key paths to lines of a text that ``tomllib`` accepted."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    open_until = ""  # the quotes that end a multi-line string
    depth = 0  # brackets open from earlier lines
    for number, line in enumerate(text.split("\n"), 1):
        if not open_until and depth == 0:
            stripped = line.strip()
            if stripped.startswith("["):
                array = stripped.startswith("[[")
                key = _KEY.match(stripped.lstrip("["))
                table = _resolve(_parts(key[1]), counts) if key else ()
                if array:
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                found.setdefault(table, number)
                found.setdefault(table[:-1] if array else table, number)
                continue
            key = _KEY.match(line)
            if key and line[key.end() : key.end() + 1] == "=":
                path = (*table, *_parts(key[1]))
                for length in range(len(table) + 1, len(path) + 1):
                    found.setdefault(path[:length], number)
                line = line[key.end() + 1 :]
        open_until, depth = _follow(line, open_until, depth)
    return found


def _parts(key: str) -> Path:
    return tuple(match[1] or match[2] or match[3] or "" for match in _PART.finditer(key))


def _resolve(path: Path, counts: Mapping[Path, int]) -> Path:
    """A header's path with the index of the array table that it lies in."""
    real: Path = ()
    for part in path[:-1]:
        real = (*real, part)
        if real in counts:
            real = (*real, counts[real])
    return (*real, *path[-1:])


def _follow(line: str, open_until: str, depth: int) -> tuple[str, int]:
    """What is still open at the end of a line: the quotes of a multi-line string, and brackets."""
    at = 0
    while at < len(line):
        if open_until:
            if open_until == '"""' and line[at] == "\\":
                at += 2
                continue
            if line.startswith(open_until, at):
                at += 3
                while at < len(line) and line[at] == open_until[0]:
                    at += 1
                open_until = ""
                continue
            at += 1
            continue
        char = line[at]
        if char == "#":
            break
        if line.startswith(('"""', "'''"), at):
            open_until = line[at : at + 3]
            at += 3
            continue
        if char in "\"'":
            at += 1
            while at < len(line) and line[at] != char:
                at += 2 if line[at] == "\\" and char == '"' else 1
        elif char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        at += 1
    return open_until, max(depth, 0)
