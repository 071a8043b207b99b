"""One way in which a consumer can be given its group id, and what every search for such ways shares."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from topicmark.submission.sources import Module

OPTION, POSITIONAL, ENVIRONMENT, CONFIG_FILE, FIRST_ARGUMENT, GUESS = range(6)
"""Ranks, best first, in the order that docs/hand-in.md gives."""


@dataclass(frozen=True, slots=True)
class Way:
    """Arguments, environment and files (templates with ``{group}``) to add to a command; ``words`` for humans."""

    rank: int
    words: str
    arguments: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """Paths relative to the submission."""
    fixed: tuple[str, ...] = ()
    """Arguments that stay when no group id is given: a subcommand, what the program requires besides."""

    @property
    def key(self) -> object:
        """Two ways with one key are one way."""
        return self.fixed, self.arguments, tuple(self.env), tuple(self.files)


@dataclass(slots=True)
class Parser:
    """The arguments that one command line parser takes, as far as the source says."""

    subcommand: tuple[str, ...] = ()
    group_option: str | None = None
    group_positional: bool = False
    before: list[str] = field(default_factory=list)
    """Stand-ins for the required positional arguments in front of the group id."""
    after: list[str] = field(default_factory=list)
    required: list[str] = field(default_factory=list)
    """Stand-ins for other required options."""
    line: int = 0
    path: str = ""

    def positional(self, names: Iterable[str], optional: bool, stand_in: str) -> None:
        """Take note of a positional argument."""
        if not self.group_positional and means_group(*names):
            self.group_positional = True
        elif not optional:
            (self.after if self.group_positional else self.before).append(stand_in)

    def way(self, library: str) -> Way | None:
        """The way that this parser opens for a group id, if any."""
        fixed = (*self.subcommand, *self.required)
        at = f"({library}, {self.path}:{self.line})"
        if self.group_option:
            words = f"the option {self.group_option} {at}"
            arguments: tuple[str, ...] = (self.group_option, "{group}")
            return Way(OPTION, words, arguments, fixed=(*fixed, *self.before, *self.after))
        if self.group_positional:
            words = f"argument {len(self.before) + 1} {at}"
            return Way(POSITIONAL, words, ("{group}", *self.after), fixed=(*fixed, *self.before))
        return None


def means_group(*names: str | None) -> bool:
    """Whether one of the names speaks of a group (of consumers, not of an argument group)."""
    return any(name and "group" in name.lower() and "mutually" not in name.lower() for name in names)


def stand_in(names: Iterable[str], call: ast.Call | None, module: Module) -> str:
    """A value for an argument that the program demands besides the group id."""
    joined = " ".join(name.lower() for name in names)
    if call is not None:
        choices = keyword(call, "choices")
        if isinstance(choices, ast.List | ast.Tuple | ast.Set) and choices.elts:
            return module.text_of(choices.elts[0]) or "1"
        kind = keyword(call, "type")
        if isinstance(kind, ast.Name) and kind.id in ("int", "float") and "port" not in joined:
            return "1"
    if "topic" in joined:
        return "INGESTION"
    if re.search("bootstrap|broker|server|host|address|url", joined):
        return "kafka:9092"
    if "port" in joined:
        return "9092"
    if re.search("offset|reset", joined):
        return "earliest"
    return "1"


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def is_true(node: ast.expr | None) -> bool:
    """Whether the node is the literal ``True``."""
    return isinstance(node, ast.Constant) and node.value is True


def called(call: ast.Call) -> str:
    """The dotted name of what is called, as far as it is made of names: ``os.environ.get``."""
    return dotted(call.func)


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of an attribute chain; ``?`` stands for what is no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 20:
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts))


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module, methods included; of a monster the first hundred."""
    yield from module.functions


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """Each parameter with its default, if it has one."""
    plain = [*function.args.posonlyargs, *function.args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(function.args.defaults))
    yield from zip(plain, [*defaults, *function.args.defaults], strict=True)
    yield from zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
