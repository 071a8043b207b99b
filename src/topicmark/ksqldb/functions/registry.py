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
from topicmark.ksqldb.typed import Row, Run, mapped

UNIT = SqlType("INTERVALUNIT")
_PARAMETER = re.compile(r"(\w+(?:<[\w, ]+>)?)(\.\.\.)?")
_GENERIC = ("T", "DECIMAL")  # they stand for what is given there; a DECIMAL only for decimals


@dataclass(frozen=True, slots=True)
class Function:
    """One form of a function. ``nulls``: it is called with NULLs too; else one NULL makes the result NULL."""

    parameters: tuple[SqlType, ...]
    variadic: bool
    result: SqlType
    call: Callable[..., Any]
    nulls: bool

    def expects(self, count: int) -> Sequence[SqlType] | None:
        if not self.variadic:
            return self.parameters if len(self.parameters) == count else None
        fixed = len(self.parameters) - 1
        return (*self.parameters[:fixed], *[self.parameters[-1]] * (count - fixed)) if count >= fixed else None


_FUNCTIONS: dict[str, list[Function]] = {}


def function(name: str, *signatures: str, nulls: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a Python function as SQL's ``name``; signatures as ``STRING, T... -> ARRAY<T>``."""

    def register(call: Callable[..., Any]) -> Callable[..., Any]:
        for signature in signatures:
            left, _, result = signature.partition("->")
            found = _PARAMETER.findall(left)
            parameters = tuple(_parameter(text) for text, _ in found)
            variadic = bool(found and found[-1][1])
            _FUNCTIONS.setdefault(name, []).append(
                Function(parameters, variadic, _parameter(result.strip()), call, nulls)
            )
        return call

    return register


def _parameter(text: str) -> SqlType:
    base, _, inner = text.removesuffix(">").partition("<")
    held = [_parameter(part) for part in inner.split(", ")] if inner else []
    if base == "ARRAY":
        return t.array(held[0])
    return t.map_of(*held) if base == "MAP" else t.PRIMITIVES.get(base) or SqlType(base)


def _bind(wanted: SqlType, kind: SqlType | None, generics: dict[str, SqlType], *, exact: bool) -> bool:
    if kind is None:
        return True
    if wanted.base == "DECIMAL":
        return isinstance(kind, t.Decimal) and bool(generics.setdefault("DECIMAL", kind))
    if wanted.base in _GENERIC:
        known = generics.setdefault(wanted.base, kind)
        if known != kind and not exact and known.is_number and kind.is_number:
            raise Unsupported("a function of numbers of different types is")
        return known == kind
    if wanted.base == kind.base:
        pairs = zip(t.children(wanted), t.children(kind), strict=True)
        return all(_bind(part, held, generics, exact=True) for part, held in pairs)
    return not exact and wanted.is_number and t.upcasts(kind, wanted)


def _type(wanted: SqlType, generics: dict[str, SqlType]) -> SqlType | None:
    if wanted.base in _GENERIC:
        return generics.get(wanted.base)
    if isinstance(wanted, t.Array):
        item = _type(wanted.item, generics)
        return t.array(item) if item else None
    if isinstance(wanted, t.Map):
        key, value = _type(wanted.key, generics), _type(wanted.value, generics)
        return t.map_of(key, value) if key and value else None
    return wanted


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
    if name in _PATTERNED and not (len(node.arguments) == 2 and _plain(node.arguments[1])):
        raise Unsupported(f"this date pattern of {name} is")
    for exact in (True,) if name in _SAME_TYPES else (True, False):
        for form in _FUNCTIONS[name]:
            generics: dict[str, SqlType] = {}
            expected = form.expects(len(kinds))
            if expected is None or not all(
                _bind(wanted, kind, generics, exact=exact) for wanted, kind in zip(expected, kinds, strict=True)
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
_PATTERNED = frozenset(["TIMESTAMPTOSTRING", "FORMAT_TIMESTAMP", "FORMAT_DATE"])
_PLAIN_PATTERN = re.compile(r"(yyyy|MM|dd|HH|mm|ss|SSS|'[^']*'|[^A-Za-z'\[\]{}#])*\Z")


def _plain(node: s.Expression) -> bool:
    return isinstance(node, s.Literal) and isinstance(node.value, str) and bool(_PLAIN_PATTERN.match(node.value))


def _forms(name: str) -> str:
    return "\n".join(
        f"{name}({', '.join(map(str, form.parameters))}{'...' if form.variadic else ''})" for form in _FUNCTIONS[name]
    )


def _caller(
    form: Function,
    expected: Sequence[SqlType],
    kinds: Sequence[SqlType | None],
    runs: Sequence[Run],
    generics: dict[str, SqlType],
) -> Run:
    call, nulls = form.call, form.nulls
    prepared: list[Run] = []
    for parameter, kind, run in zip(expected, kinds, runs, strict=True):
        wanted = _type(parameter, generics)
        prepared.append(run if wanted is None or kind in (None, wanted) else mapped(run, converter(kind, wanted)))
    if len(prepared) == 2 and not nulls:
        one, other = prepared

        def two(row: Row) -> Any:
            a, b = one(row), other(row)
            return None if a is None or b is None else call(a, b)

        return two

    def many(row: Row) -> Any:
        values = [run(row) for run in prepared]
        return None if not nulls and any(value is None for value in values) else call(*values)

    return many
