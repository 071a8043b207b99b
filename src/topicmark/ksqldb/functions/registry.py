"""Which function a call means, by name and types of the arguments, and how it is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.casts import converter
from topicmark.ksqldb.errors import KsqlError, Unsupported
from topicmark.ksqldb.functions.catalogue import CATALOGUE
from topicmark.ksqldb.sqltypes import SqlType

UNIT = SqlType("INTERVALUNIT")
Run = Callable[[Sequence[Any]], Any]
_TOKEN = re.compile(r"[A-Z_]+|\.\.\.|[<>,]")
_GENERIC = ("T", "K", "V")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parameter's type: a name (``STRING``, ``T``, ``DECIMAL``, ``ARRAY``, ``MAP``) and what it holds."""

    base: str
    inner: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """One form of a function. ``nulls``: it is called with NULLs too; else one NULL makes the result NULL."""

    parameters: tuple[Pattern, ...]
    variadic: bool
    result: Pattern
    call: Callable[..., Any]
    nulls: bool

    def expects(self, count: int) -> Sequence[Pattern] | None:
        if not self.variadic:
            return self.parameters if len(self.parameters) == count else None
        fixed = len(self.parameters) - 1
        return (*self.parameters[:fixed], *[self.parameters[-1]] * (count - fixed)) if count >= fixed else None


_FUNCTIONS: dict[str, list[Function]] = {}


def function(name: str, *signatures: str, nulls: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a Python function as SQL's ``name``; signatures as ``STRING, T... -> ARRAY<T>``."""

    def register(call: Callable[..., Any]) -> Callable[..., Any]:
        for signature in signatures:
            left, right = signature.split("->")
            parameters, variadic = _parse_list(left)
            result, _ = _parse_list(right)
            _FUNCTIONS.setdefault(name, []).append(Function(parameters, variadic, result[0], call, nulls))
        return call

    return register


def _parse_list(text: str) -> tuple[tuple[Pattern, ...], bool]:
    tokens = _TOKEN.findall(text)
    found: list[Pattern] = []
    variadic = False

    def pattern() -> Pattern:
        base = tokens.pop(0)
        if not tokens or tokens[0] != "<":
            return Pattern(base)
        inner: list[Pattern] = []
        while tokens.pop(0) != ">":
            inner.append(pattern())
            if tokens[0] == ">":
                tokens.pop(0)
                break
        return Pattern(base, tuple(inner))

    while tokens:
        found.append(pattern())
        if tokens and tokens[0] == "...":
            tokens.pop(0)
            variadic = True
        if tokens:
            tokens.pop(0)
    return tuple(found), variadic


def _bind(pattern: Pattern, kind: SqlType | None, generics: dict[str, SqlType], *, exact: bool) -> bool:
    if kind is None:
        return True
    if pattern.base in _GENERIC:
        known = generics.setdefault(pattern.base, kind)
        if known == kind:
            return True
        if not exact and known.is_number and kind.is_number:
            raise Unsupported("a function of numbers of different types is")
        return False
    if pattern.base == "ARRAY":
        return isinstance(kind, t.Array) and _bind(pattern.inner[0], kind.item, generics, exact=True)
    if pattern.base == "MAP":
        return isinstance(kind, t.Map) and all(
            _bind(part, held, generics, exact=True)
            for part, held in zip(pattern.inner, (kind.key, kind.value), strict=True)
        )
    if pattern.base == "DECIMAL":
        if isinstance(kind, t.Decimal):
            generics.setdefault("DECIMAL", kind)
            return True
        return False
    if pattern.base == kind.base:
        return True
    wanted = t.PRIMITIVES.get(pattern.base)
    return not exact and wanted is not None and kind.is_number and wanted.is_number and t.upcasts(kind, wanted)


def _type(pattern: Pattern, generics: dict[str, SqlType]) -> SqlType | None:
    if pattern.base in (*_GENERIC, "DECIMAL"):
        return generics.get(pattern.base)
    if pattern.base == "ARRAY":
        item = _type(pattern.inner[0], generics)
        return t.array(item) if item else None
    if pattern.base == "MAP":
        key, value = (_type(part, generics) for part in pattern.inner)
        return t.map_of(key, value) if key and value else None
    return UNIT if pattern.base == "INTERVALUNIT" else t.PRIMITIVES[pattern.base]


def bind(node: s.Call, kinds: Sequence[SqlType | None], runs: Sequence[Run]) -> tuple[SqlType, Run]:
    """Type and function of a call. Raises ``KsqlError`` for names and arguments that ksqlDB does not know either,
    ``Unsupported`` for those that only it knows."""
    name = node.name.upper()
    if name not in CATALOGUE:
        raise KsqlError(f"Can't find any functions with the name '{node.name}'")
    if CATALOGUE[name][0] != "SCALAR":
        raise Unsupported(f"the {CATALOGUE[name][0].lower()} function {name} is")
    if name not in _FUNCTIONS:
        raise Unsupported(f"the function {name} is")
    if name in PATTERNED and not (len(node.arguments) == 2 and _plain(node.arguments[1])):
        raise Unsupported(f"this date pattern of {name} is")
    for exact in (True,) if name in _SAME_TYPES else (True, False):
        for form in _FUNCTIONS[name]:
            generics: dict[str, SqlType] = {}
            expected = form.expects(len(kinds))
            if expected is None or not all(
                _bind(pattern, kind, generics, exact=exact) for pattern, kind in zip(expected, kinds, strict=True)
            ):
                continue
            if name in _DECIMAL_FORMS and "DECIMAL" not in generics and any(isinstance(k, t.Decimal) for k in kinds):
                raise Unsupported(f"{name} of decimals is")
            result = _type(form.result, generics)
            if result is None:
                raise Unsupported(f"{name} of an untyped NULL is")
            return result, _caller(form, expected, kinds, runs, generics)
    if name in _PARTIAL:
        raise Unsupported(f"this form of the function {name} is")
    shown = ", ".join("null" if kind is None else kind.show() for kind in kinds)
    raise KsqlError(
        f"Function '{node.name}' does not accept parameters ({shown}).\nValid alternatives are:\n{_forms(name)}"
    )


_PARTIAL = frozenset([
    "LEN", "INSTR", "MASK", "SUBSTRING", "CONCAT", "LPAD", "RPAD", "ABS", "ROUND", "CEIL", "FLOOR", "SPLIT",
    "ARRAY_MAX", "ARRAY_MIN", "ARRAY_JOIN", "TO_JSON_STRING", "UNIX_TIMESTAMP", "TIMESTAMPTOSTRING", "GREATEST",
    "LEAST", "ARRAY_CONTAINS", "CONCAT_WS", "SIGN", "SQRT", "JSON_ARRAY_CONTAINS",
])  # fmt: skip


_SAME_TYPES = frozenset(["GREATEST", "LEAST"])
_DECIMAL_FORMS = frozenset(["ROUND", "CEIL", "FLOOR"])  # the real ones do not make DOUBLEs of decimals
PATTERNED = frozenset(["TIMESTAMPTOSTRING", "FORMAT_TIMESTAMP", "FORMAT_DATE"])
_PLAIN_PATTERN = re.compile(r"(yyyy|MM|dd|HH|mm|ss|SSS|'[^']*'|[^A-Za-z'\[\]{}#])*\Z")


def _plain(node: s.Expression) -> bool:
    return isinstance(node, s.Literal) and isinstance(node.value, str) and bool(_PLAIN_PATTERN.match(node.value))


def _forms(name: str) -> str:
    lines = []
    for form in _FUNCTIONS[name]:
        parameters = [_shown(pattern) for pattern in form.parameters]
        if form.variadic:
            parameters[-1] += "..."
        lines.append(f"{name}({', '.join(parameters)})")
    return "\n".join(lines)


def _shown(pattern: Pattern) -> str:
    return pattern.base + (f"<{', '.join(map(_shown, pattern.inner))}>" if pattern.inner else "")


def _caller(
    form: Function,
    expected: Sequence[Pattern],
    kinds: Sequence[SqlType | None],
    runs: Sequence[Run],
    generics: dict[str, SqlType],
) -> Run:
    call, nulls = form.call, form.nulls
    prepared: list[Run] = []
    for pattern, kind, run in zip(expected, kinds, runs, strict=True):
        wanted = _type(pattern, generics)
        prepared.append(run if wanted is None or kind in (None, wanted) else _converted(run, converter(kind, wanted)))
    if len(prepared) == 2 and not nulls:
        one, other = prepared

        def two(row: Sequence[Any]) -> Any:
            a, b = one(row), other(row)
            return None if a is None or b is None else call(a, b)

        return two

    def many(row: Sequence[Any]) -> Any:
        values = [run(row) for run in prepared]
        return None if not nulls and None in [None if v is None else 0 for v in values] else call(*values)

    return many


def _converted(run: Run, convert: Callable[[Any], Any]) -> Run:
    return lambda row: convert(run(row))


def _load() -> None:
    from topicmark.ksqldb.functions import collections, json, numbers, strings, times

    assert all((collections, json, numbers, strings, times))


_load()
