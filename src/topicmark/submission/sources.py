"""The Python files of a submission, read and never run: syntax trees, who imports whom, what looks like a program."""

from __future__ import annotations

import ast
import itertools
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from topicmark.submission.artefacts import Staged
from topicmark.submission.words import decode, read_bytes

MAX_SOURCE_BYTES = 512 * 1024
_MAX_PARSED_BYTES = 4 * 2**20
_MAX_FOLLOWED = 60
_MAX_FUNCTIONS = 100
_FOREIGN = frozenset({"node_modules", "site-packages", "dist-packages", "target", "__pycache__"})
_NOT_LOCAL = sys.stdlib_module_names | {"kafka", "confluent_kafka", "aiokafka", "click", "typer", "yaml", "dotenv"}


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file. ``tree`` is empty if it does not parse; ``error`` is then (line, message)."""

    path: str
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    error: tuple[int, str] | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    """Names that the module binds to a text once, at its top level."""
    functions: tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...] = ()

    def text_of(self, node: ast.AST | None) -> str | None:
        """The text a node stands for: a literal, or a name bound to one at the top of the module."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name):
            return self.constants.get(node.id)
        return None

    @property
    def is_runnable(self) -> bool:
        """Whether running the file does something: a ``__main__`` guard, or calls at the top level."""
        return any(_acts(statement) for statement in self.tree.body)

    def calls(self) -> Iterator[ast.Call]:
        """Every call in the file, in no particular order."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def strings(self) -> Iterator[str]:
        """Every text literal in the file."""
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


class Sources:
    """The submission's files, with what can be learnt from the Python ones without running them."""

    def __init__(self, staged: Staged) -> None:
        self.tree = staged.tree
        self.files = staged.files
        self._modules: dict[str, Module] = {}
        self._parsed_bytes = 0

    @cached_property
    def visible(self) -> tuple[str, ...]:
        """Files that may be artefacts: none of hidden folders, none of other people's code; shallow ones first."""
        mine = [path for path in self.files if not _is_foreign(path)]
        return tuple(sorted(mine, key=lambda path: (path.count("/"), len(PurePosixPath(path).name), path)))

    def text(self, path: str, max_bytes: int = MAX_SOURCE_BYTES) -> str | None:
        """The decoded text of a file of the submission; ``None`` if it is too long or cannot be read."""
        try:
            data = read_bytes(self.tree / path, max_bytes)
        except OSError:
            return None
        return None if data is None else decode(data)

    def module(self, path: str) -> Module:
        """A Python file, parsed once."""
        if path not in self._modules:
            self._modules[path] = self._parse(path)
        return self._modules[path]

    def _parse(self, path: str) -> Module:
        nothing = ast.Module([], [])
        try:
            data = read_bytes(self.tree / path, MAX_SOURCE_BYTES)
        except OSError as error:
            return Module(path, "", nothing, (), (1, f"cannot be read ({error.strerror})"))
        self._parsed_bytes += len(data or b"")
        if data is None or self._parsed_bytes > _MAX_PARSED_BYTES:
            return Module(path, "", nothing, (), (1, "is too long to be looked into"))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(data)
        except SyntaxError as error:
            return Module(path, decode(data), nothing, (), (error.lineno or 1, f"is not valid Python: {error.msg}"))
        except (ValueError, RecursionError, MemoryError, UnicodeError, LookupError):
            return Module(path, decode(data), nothing, (), (1, "is not valid Python"))
        nodes = tuple(ast.walk(tree))
        functions = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        found = tuple(itertools.islice(functions, _MAX_FUNCTIONS))
        return Module(path, decode(data), tree, nodes, None, _constants(tree), found)

    @cached_property
    def imported(self) -> frozenset[str]:
        """Files that another file imports (tests, which import what they test, do not count)."""
        found: set[str] = set()
        for path in self.visible:
            if path.endswith(".py") and not is_test(path):
                found |= self.imports(path) - {path}
        return frozenset(found)

    def imports(self, path: str) -> set[str]:
        """Files of the submission that this one imports, directly."""
        found: set[str] = set()
        for base, names in self._import_names(self.module(path)):
            for name in names:
                found |= set(self.resolve(path, base, name)[0])
        return found

    def follow(self, path: str) -> list[Module]:
        """The file and what it imports of the submission, nearest first."""
        order = [path]
        for current in order:
            if len(order) >= _MAX_FOLLOWED:
                break
            order += [other for other in sorted(self.imports(current)) if other not in order]
        return [self.module(each) for each in order]

    def search_folder(self, path: str) -> str | None:
        """The folder above the file's own that its plain imports need on ``sys.path``; ``None`` if none."""
        for base, names in self._import_names(self.module(path)):
            for name in names:
                files, folder = self.resolve(path, base, name)
                if files and base == 0 and folder is not None and folder != parent(path):
                    return folder
        return None

    def import_levels(self, path: str) -> list[int]:
        """How many dots the file's relative imports have; empty if there are none."""
        return [node.level for node in self.module(path).nodes if isinstance(node, ast.ImportFrom) and node.level > 0]

    @staticmethod
    def _import_names(module: Module) -> Iterator[tuple[int, list[str]]]:
        """(level, dotted names) of each import; ``from a import b`` gives ``a.b`` and ``a``."""
        for node in module.nodes:
            if isinstance(node, ast.Import):
                yield 0, [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                stem = f"{node.module}." if node.module else ""
                names = [stem + alias.name for alias in node.names if alias.name != "*"]
                yield node.level, [*names, *([node.module] if node.module else [])]

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.visible:
            if path.endswith(".py"):
                found.setdefault(PurePosixPath(path).name, []).append(path)
        return found

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(path for path in self.files if path.endswith(".py"))

    def resolve(self, path: str, level: int, name: str) -> tuple[list[str], str | None]:
        """The files an import means, and the folder they were found from (``None`` if by name alone)."""
        tail = name.replace(".", "/")
        for folder in ancestors(path)[max(level - 1, 0) :]:
            prefix = f"{folder}/" if folder else ""
            files = [each for each in (f"{prefix}{tail}.py", f"{prefix}{tail}/__init__.py") if each in self._known]
            if files:
                return files, folder
            if level:
                break
        if level == 0 and name.split(".", 1)[0] not in _NOT_LOCAL:
            hits = [
                each
                for each in self._by_name.get(PurePosixPath(tail).name + ".py", [])
                if each == f"{tail}.py" or each.endswith(f"/{tail}.py")
            ]
            if len(hits) == 1 and "sys.path" in self.module(path).text:
                return hits, None
        return [], None


def parent(path: str) -> str:
    """The folder of a file, empty for the top."""
    return path.rpartition("/")[0]


def ancestors(path: str) -> list[str]:
    """The folder of a file and those above it up to the top, nearest first."""
    found = [parent(path)]
    while found[-1]:
        found.append(parent(found[-1]))
    return found


def is_test(path: str) -> bool:
    """Whether the name is that of a test."""
    stem = PurePosixPath(path).stem.lower()
    return stem.startswith("test_") or stem.endswith("_test") or "tests" in path.lower().split("/")[:-1]


def by_pattern(paths: Iterable[str], pattern: str) -> list[str]:
    """Paths whose file name matches the regular expression fully, upper or lower case."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return [path for path in paths if compiled.fullmatch(PurePosixPath(path).name)]


def _is_foreign(path: str) -> bool:
    parts = path.split("/")
    hidden = any(part.startswith(".") for part in parts[:-1]) or (parts[-1].startswith(".") and parts[-1] != ".env")
    return hidden or any(part.lower() in _FOREIGN for part in parts[:-1])


def _constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for statement in tree.body:
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign):
            targets, value = [statement.target], statement.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            for target in targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, value.value)
    return found


def _acts(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return False
    if isinstance(statement, ast.If) and "__name__" in {
        node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)
    }:
        return True
    if isinstance(statement, ast.While):
        return True
    if isinstance(statement, ast.Expr | ast.For | ast.AsyncFor | ast.With | ast.AsyncWith | ast.If | ast.Try):
        return any(isinstance(node, ast.Call) for node in ast.walk(statement))
    return False
