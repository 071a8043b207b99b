"""Expressions: typed against the columns of a stream, then made into Python functions of a row.

Types are checked when the statement is read, as ksqlDB does; the texts are its own. What goes wrong with one row
raises ``RowError``: NULL in arithmetic, in AND and OR, in LIKE; a text that is no number; a division by zero.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal as Number
from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.arithmetic import compile_arithmetic, negated
from topicmark.ksqldb.casts import converter
from topicmark.ksqldb.coercion import common_list
from topicmark.ksqldb.errors import ROW_ERRORS, KsqlError, RowError, Unsupported
from topicmark.ksqldb.formatter import expression as show
from topicmark.ksqldb.functions import registry

Row = Sequence[Any]
Run = Callable[[Row], Any]
_NAMES = {
    "=": "EQUAL", "<>": "NOT_EQUAL", "<": "LESS_THAN", "<=": "LESS_THAN_OR_EQUAL", ">": "GREATER_THAN",
    ">=": "GREATER_THAN_OR_EQUAL", "IS DISTINCT FROM": "IS_DISTINCT_FROM",
}  # fmt: skip
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "IS DISTINCT FROM": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_EQUALITY = ("=", "<>", "IS DISTINCT FROM")
_NOT_DOT = "[^\n\r\u0085\u2028\u2029]"


class CompileError(KsqlError):
    """Found by ksqlDB only when it makes code of the expression: its text says where ("Invalid Select: …")."""


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression that can be run. ``kind`` None: it is always NULL."""

    kind: t.SqlType | None
    run: Run
    columns: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Scope:
    """The columns that an expression may name, by name: index in the row and type.

    ``lenient``: what fails inside an expression is NULL there (a CAST, a member of a constructor, a function's argument
    that is itself a call), as in ksqlDB's SELECT and PARTITION BY; in WHERE it makes the whole predicate false.
    """

    columns: dict[str, tuple[int, t.SqlType]]
    lenient: bool = False

    def compile(self, node: s.Expression) -> Typed:
        """Raises ``KsqlError`` for unknown columns and functions, and for types that do not go together."""
        method = _COMPILERS[type(node)]
        return method(self, node)

    # each returns what the node's class name says

    def _literal(self, node: s.Literal) -> Typed:
        value = node.value
        return Typed(node.kind, lambda _: value)

    def _column(self, node: s.Column) -> Typed:
        if node.name not in self.columns:
            raise KsqlError(f"Unknown column {node.name}.")
        index, kind = self.columns[node.name]
        return Typed(kind, operator.itemgetter(index), frozenset([index]))

    def _unary(self, node: s.Unary) -> Typed:
        inner = self.compile(node.value)
        if inner.kind is None or not inner.kind.is_number:
            raise KsqlError(f"Negation on unsupported type: {inner.kind}")
        run = inner.run
        return Typed(inner.kind, negated(run, inner.kind) if node.sign == "-" else _required(run), inner.columns)

    def _arithmetic(self, node: s.Arithmetic) -> Typed:
        left, right = self.compile(node.left), self.compile(node.right)
        kind, run = compile_arithmetic(node, left.kind, left.run, right.kind, right.run)
        return Typed(kind, run, left.columns | right.columns)

    def _comparison(self, node: s.Comparison) -> Typed:
        left, right = self.compile(node.left), self.compile(node.right)
        columns = left.columns | right.columns
        run = _comparison(node, left, right)
        return Typed(t.BOOLEAN, run, columns)

    def _between(self, node: s.Between) -> Typed:
        low = self._comparison(s.Comparison(">=", node.value, node.low))
        high = self._comparison(s.Comparison("<=", node.value, node.high))
        one, other = low.run, high.run
        return Typed(t.BOOLEAN, lambda row: one(row) and other(row), low.columns | high.columns)

    def _logical(self, node: s.Logical) -> Typed:
        left, right = self.compile(node.left), self.compile(node.right)
        for side in (left, right):
            if side.kind != t.BOOLEAN:
                raise KsqlError(f"Unsupported expression: {show(node)}")
        one, other = _required(left.run), _required(right.run)
        columns = left.columns | right.columns
        if node.operator == "AND":
            return Typed(t.BOOLEAN, lambda row: one(row) and other(row), columns)
        return Typed(t.BOOLEAN, lambda row: one(row) or other(row), columns)

    def _not(self, node: s.Not) -> Typed:
        inner = self.compile(node.value)
        if inner.kind != t.BOOLEAN:
            raise KsqlError(f"Unsupported expression: {show(node)}")
        run = _required(inner.run)
        return Typed(t.BOOLEAN, lambda row: not run(row), inner.columns)

    def _is_null(self, node: s.IsNull) -> Typed:
        inner = self.compile(node.value)
        run = inner.run
        if node.negated:
            return Typed(t.BOOLEAN, lambda row: run(row) is not None, inner.columns)
        return Typed(t.BOOLEAN, lambda row: run(row) is None, inner.columns)

    def _in(self, node: s.In) -> Typed:
        nodes = (node.value, *node.items)
        typed = [self.compile(item) for item in nodes]
        try:
            kind, runs = common_list(nodes, typed)
        except KsqlError as error:
            raise CompileError(error.message) from None
        if kind is None:
            return Typed(t.BOOLEAN, lambda _: False)
        value, *items = runs

        def run(row: Row) -> bool:
            wanted = value(row)
            if wanted is None:
                return False
            return any(found is not None and found == wanted for found in (item(row) for item in items))

        return Typed(t.BOOLEAN, run, frozenset().union(*(one.columns for one in typed)))

    def _like(self, node: s.Like) -> Typed:
        value, pattern = self.compile(node.value), self.compile(node.pattern)
        if value.kind != t.STRING or pattern.kind != t.STRING:
            raise Unsupported("LIKE on other types than STRING is")
        one = _required(value.run)
        if isinstance(node.pattern, s.Literal):
            fixed = like_pattern(str(node.pattern.value), node.escape)
            return Typed(t.BOOLEAN, lambda row: fixed.match(one(row)) is not None, value.columns)
        other, escape = _required(pattern.run), node.escape
        return Typed(
            t.BOOLEAN,
            lambda row: like_pattern(other(row), escape).match(one(row)) is not None,
            value.columns | pattern.columns,
        )

    def _case(self, node: s.Case) -> Typed:
        branches: list[tuple[Run, Run]] = []
        columns: frozenset[int] = frozenset()
        kind: t.SqlType | None = None
        for when in node.whens:
            condition = when.condition
            if node.operand is not None:
                condition = s.Comparison("=", node.operand, condition)
            test, result = self.compile(condition), self.compile(when.result)
            if test.kind != t.BOOLEAN:
                raise KsqlError(f"WHEN operand type should be boolean.\nType for '{show(condition)}' is {test.kind}")
            if result.kind is not None and kind is not None and result.kind != kind:
                raise KsqlError(
                    "Invalid Case expression. Type for all 'THEN' clauses should be the same.\n"
                    f"THEN expression 'WHEN {show(condition)} THEN {show(when.result)}' has type: {result.kind}.\n"
                    f"Previous THEN expression(s) type: {kind}."
                )
            kind = kind or result.kind
            branches.append((_required(test.run), result.run))
            columns |= test.columns | result.columns
        default: Run = _null
        if node.default is not None:
            last = self.compile(node.default)
            if last.kind is not None and kind is not None and last.kind != kind:
                raise KsqlError(
                    "Invalid Case expression. Type for the default clause should be the same as for 'THEN' clauses.\n"
                    f"THEN type: {kind}.\nDEFAULT type: {last.kind}."
                )
            kind, default, columns = kind or last.kind, last.run, columns | last.columns
        if kind is None:
            raise KsqlError("Invalid Case expression. All case branches have NULL type")

        def run(row: Row) -> Any:
            for test, result in branches:
                if test(row):
                    return result(row)
            return default(row)

        return Typed(kind, run, columns)

    def _cast(self, node: s.Cast) -> Typed:
        inner = self.compile(node.value)
        try:
            convert = converter(inner.kind, node.kind)
        except KsqlError as error:
            raise CompileError(error.message) from None
        run = inner.run
        return Typed(node.kind, self._inner(lambda row: convert(run(row))), inner.columns)

    def _inner(self, run: Run) -> Run:
        return or_null(run) if self.lenient else run

    def _call(self, node: s.Call) -> Typed:
        arguments = [_unit(argument) or self.compile(argument) for argument in node.arguments]
        kinds = [argument.kind for argument in arguments]
        runs = [
            self._inner(typed.run) if isinstance(part, s.Call) else typed.run
            for part, typed in zip(node.arguments, arguments, strict=True)
        ]
        kind, run = registry.bind(node, kinds, runs)
        return Typed(kind, run, frozenset().union(*(argument.columns for argument in arguments)))

    def _field(self, node: s.Field) -> Typed:
        base = self.compile(node.base)
        if not isinstance(base.kind, t.Struct):
            raise KsqlError(f"Expected STRUCT type, got: {base.kind}")
        kind = base.kind.field(node.name)
        if kind is None:
            raise KsqlError(f"Could not find field '{node.name}' in '{show(node.base)}'.")
        run, name = base.run, node.name

        def read(row: Row) -> Any:
            value = run(row)
            return None if value is None else value[name]

        return Typed(kind, read, base.columns)

    def _subscript(self, node: s.Subscript) -> Typed:
        base, index = self.compile(node.base), self.compile(node.index)
        one, other = base.run, _required(index.run)
        columns = base.columns | index.columns
        if isinstance(base.kind, t.Map):
            return Typed(base.kind.value, lambda row: None if (v := one(row)) is None else v.get(other(row)), columns)
        if isinstance(base.kind, t.Array):
            return Typed(
                base.kind.item, lambda row: None if (v := one(row)) is None else _element(v, other(row)), columns
            )
        hint = ""
        if isinstance(base.kind, t.Struct):
            hint = f" Use the dereference operator for STRUCTS: {show(node.base)}->{show(node.index)}"
        raise KsqlError(f"Subscript expression ({show(node)}) do not apply to {base.kind}.{hint}")

    def _make_array(self, node: s.MakeArray) -> Typed:
        if not node.items:
            raise KsqlError(
                "Array constructor cannot be empty. Please supply at least one element "
                "(see https://github.com/confluentinc/ksql/issues/4239)."
            )
        typed = [self.compile(item) for item in node.items]
        kind, runs = common_list(node.items, typed)
        if kind is None:
            raise KsqlError(
                "Cannot construct an array with all NULL elements (see https://github.com/confluentinc/ksql/issues/4239)."
                " As a workaround, you may cast a NULL value to the desired type."
            )
        runs = [self._inner(run) for run in runs]
        return Typed(t.array(kind), lambda row: [run(row) for run in runs], _columns(typed))

    def _make_map(self, node: s.MakeMap) -> Typed:
        if not node.entries:
            raise KsqlError(
                "Map constructor cannot be empty. Please supply at least one key value pair "
                "(see https://github.com/confluentinc/ksql/issues/4239)."
            )
        keys, values = tuple(key for key, _ in node.entries), tuple(value for _, value in node.entries)
        typed_keys, typed_values = [self.compile(key) for key in keys], [self.compile(value) for value in values]
        key_kind, key_runs = common_list(keys, typed_keys)
        value_kind, value_runs = common_list(values, typed_values)
        for kind, what, one in ((key_kind, "keys", "key"), (value_kind, "values", "value")):
            if kind is None:
                raise KsqlError(
                    f"Cannot construct a map with all NULL {what} (see https://github.com/confluentinc/ksql/issues/4239)."
                    f" As a workaround, you may cast a NULL {one} to the desired type."
                )
        assert key_kind is not None
        assert value_kind is not None
        pairs = [(self._inner(key), self._inner(value)) for key, value in zip(key_runs, value_runs, strict=True)]
        return Typed(
            t.map_of(key_kind, value_kind),
            lambda row: {key(row): value(row) for key, value in pairs},
            _columns([*typed_keys, *typed_values]),
        )

    def _make_struct(self, node: s.MakeStruct) -> Typed:
        typed = [(name, self.compile(value)) for name, value in node.fields]
        if any(value.kind is None for _, value in typed):
            raise Unsupported("a STRUCT with an untyped NULL is")
        kind = t.struct(tuple((name, value.kind) for name, value in typed if value.kind is not None))
        runs = [(name, self._inner(value.run)) for name, value in typed]
        return Typed(kind, lambda row: {name: run(row) for name, run in runs}, _columns([one for _, one in typed]))

    def _unit(self, node: s.Unit) -> Typed:
        raise KsqlError(f"{node.name} does not stand for a value here")


_COMPILERS: dict[type, Callable[[Scope, Any], Typed]] = {
    s.Literal: Scope._literal, s.Column: Scope._column, s.Unary: Scope._unary, s.Arithmetic: Scope._arithmetic,
    s.Comparison: Scope._comparison, s.Between: Scope._between, s.Logical: Scope._logical, s.Not: Scope._not,
    s.IsNull: Scope._is_null, s.In: Scope._in, s.Like: Scope._like, s.Case: Scope._case, s.Cast: Scope._cast,
    s.Call: Scope._call, s.Field: Scope._field, s.Subscript: Scope._subscript, s.MakeArray: Scope._make_array,
    s.MakeMap: Scope._make_map, s.MakeStruct: Scope._make_struct, s.Unit: Scope._unit,
}  # fmt: skip
_UNITS = ("DAY", "HOUR", "MINUTE", "SECOND")


def _unit(node: s.Expression) -> Typed | None:
    """DAYS and the like, given to a function that takes a unit of time."""
    if isinstance(node, s.Unit):
        name = node.name
        return Typed(registry.UNIT, lambda _: name)
    return None


def _columns(typed: Sequence[Typed]) -> frozenset[int]:
    return frozenset().union(*(one.columns for one in typed))


def _null(_: Row) -> None:
    return None


def or_null(run: Run) -> Run:
    """What fails for one record is NULL."""

    def safe(row: Row) -> Any:
        try:
            return run(row)
        except ROW_ERRORS:
            return None

    return safe


def _required(run: Run) -> Run:
    """NULL here is an error of the row, as it is for the Java code that ksqlDB makes."""

    def required(row: Row) -> Any:
        value = run(row)
        if value is None:
            raise RowError("NULL where a value is needed")
        return value

    return required


def _element(items: list[Any], index: int) -> Any:
    """ksqlDB counts from 1, negative ones from the end; NULL beyond either."""
    place = index - 1 if index >= 0 else len(items) + index
    return items[place] if 0 <= place < len(items) else None


def like_pattern(pattern: str, escape: str | None) -> re.Pattern[str]:
    """The regular expression of a LIKE pattern. Raises ``RowError`` if it ends with its escape character."""
    parts: list[str] = []
    escaped = False
    for char in pattern:
        if escaped:
            parts.append(re.escape(char))
            escaped = False
        elif char == escape:
            escaped = True
        elif char == "%":
            parts.append(f"{_NOT_DOT}*")
        elif char == "_":
            parts.append(_NOT_DOT)
        else:
            parts.append(re.escape(char))
    if escaped:
        raise RowError("LIKE pattern must not end with escape character")
    return re.compile("".join(parts) + r"\Z")


def _comparison(node: s.Comparison, left: Typed, right: Typed) -> Run:
    name = node.operator
    if left.kind is None or right.kind is None:
        shown = [kind.base if kind else "NULL" for kind in (left.kind, right.kind)]
        raise KsqlError(
            f"Comparison with NULL not supported: {shown[0]} {name} {shown[1]}\nUse 'IS NULL' or 'IS NOT NULL' instead."
        )
    if not _comparable(left.kind, right.kind, name):
        raise KsqlError(
            f"Cannot compare {show(node.left)} ({left.kind}) to {show(node.right)} ({right.kind}) with {_NAMES[name]}."
            f"\nStatement: {show(node)}"
        )
    compare = _COMPARE[name]
    one, other = _comparison_side(left, right.kind), _comparison_side(right, left.kind)
    if left.kind == right.kind == t.STRING and name not in _EQUALITY:
        first, second = one, other
        one, other = lambda row: _utf16(first(row)), lambda row: _utf16(second(row))
    if name == "IS DISTINCT FROM":

        def distinct(row: Row) -> bool:
            a, b = one(row), other(row)
            return (a is None) != (b is None) if a is None or b is None else a != b

        return distinct
    if isinstance(node.right, s.Literal) and left.kind == right.kind:
        fixed = other(())

        def against(row: Row) -> bool:
            a = one(row)
            return False if a is None else compare(a, fixed)

        return against

    def run(row: Row) -> bool:
        a, b = one(row), other(row)
        return False if a is None or b is None else compare(a, b)

    return run


def _utf16(text: str | None) -> bytes | None:
    """Java orders texts by UTF-16 units."""
    return None if text is None else text.encode("utf-16-be", "surrogatepass")


def _comparable(left: t.SqlType, right: t.SqlType, name: str) -> bool:
    if left.is_number:
        return right.is_number
    if left == t.STRING:
        return right == t.STRING or right in t.TIMES
    if left.base in ("BOOLEAN", "ARRAY", "MAP", "STRUCT"):
        return right.base == left.base and name in _EQUALITY
    if left == t.TIME:
        return right in (t.TIME, t.STRING)
    if left in (t.DATE, t.TIMESTAMP):
        return right in (t.DATE, t.TIMESTAMP, t.STRING)
    return left == right == t.BYTES


def _comparison_side(side: Typed, other: t.SqlType) -> Run:
    run, kind = side.run, side.kind
    assert kind is not None
    if kind == other:
        return run
    if other.base == "DECIMAL":
        return run if kind.base == "DECIMAL" else _mapped(run, _exactly)
    if kind.base == "DECIMAL":
        return run
    if kind.is_number:
        return _mapped(run, float) if other == t.DOUBLE else run
    if kind == t.STRING and other in t.TIMES:
        return _mapped(run, converter(kind, other))
    if kind == t.DATE and other == t.TIMESTAMP:
        return _mapped(run, converter(kind, other))
    return run


def _exactly(value: float) -> Number:
    """The decimal that a number is written as: 1.1 is equal to the DOUBLE 1.1."""
    return Number(repr(value))


def _mapped(run: Run, convert: Callable[[Any], Any]) -> Run:
    def mapped(row: Row) -> Any:
        value = run(row)
        return None if value is None else convert(value)

    return mapped
