"""Expressions: typed against the columns of a stream, then made into Python functions of a row.

Types are checked when the statement is read, as ksqlDB does; the texts are its own. What goes wrong with one row
raises ``RowError``: NULL in arithmetic, in AND and OR, in LIKE; a text that is no number; a division by zero.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.arithmetic import compile_arithmetic, negated
from topicmark.ksqldb.casts import converter
from topicmark.ksqldb.coercion import common_list
from topicmark.ksqldb.comparisons import compare, like_pattern
from topicmark.ksqldb.errors import KsqlError, Unsupported
from topicmark.ksqldb.formatter import expression as show
from topicmark.ksqldb.functions import registry
from topicmark.ksqldb.typed import CompileError, Row, Run, Typed, columns_of, null, or_null, required

_SEE = "(see https://github.com/confluentinc/ksql/issues/4239)"


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
        return Typed(inner.kind, negated(run, inner.kind) if node.sign == "-" else required(run), inner.columns)

    def _arithmetic(self, node: s.Arithmetic) -> Typed:
        left, right = self.compile(node.left), self.compile(node.right)
        kind, run = compile_arithmetic(node, left, right)
        return Typed(kind, run, left.columns | right.columns)

    def _comparison(self, node: s.Comparison) -> Typed:
        left, right = self.compile(node.left), self.compile(node.right)
        return Typed(t.BOOLEAN, compare(node, left, right), left.columns | right.columns)

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
        one, other = required(left.run), required(right.run)
        columns = left.columns | right.columns
        if node.operator == "AND":
            return Typed(t.BOOLEAN, lambda row: one(row) and other(row), columns)
        return Typed(t.BOOLEAN, lambda row: one(row) or other(row), columns)

    def _not(self, node: s.Not) -> Typed:
        inner = self.compile(node.value)
        if inner.kind != t.BOOLEAN:
            raise KsqlError(f"Unsupported expression: {show(node)}")
        run = required(inner.run)
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

        return Typed(t.BOOLEAN, run, columns_of(typed))

    def _like(self, node: s.Like) -> Typed:
        value, pattern = self.compile(node.value), self.compile(node.pattern)
        if value.kind != t.STRING or pattern.kind != t.STRING:
            raise Unsupported("LIKE on other types than STRING is")
        one = required(value.run)
        if isinstance(node.pattern, s.Literal):
            fixed = like_pattern(str(node.pattern.value), node.escape)
            return Typed(t.BOOLEAN, lambda row: fixed.match(one(row)) is not None, value.columns)
        other, escape = required(pattern.run), node.escape
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
            branches.append((required(test.run), result.run))
            columns |= test.columns | result.columns
        default: Run = null
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
        return Typed(kind, run, columns_of(arguments))

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
        one, other = base.run, required(index.run)
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
            raise KsqlError(f"Array constructor cannot be empty. Please supply at least one element {_SEE}.")
        typed = [self.compile(item) for item in node.items]
        kind, runs = common_list(node.items, typed)
        kind = _known(kind, "an array", "elements", "value")
        runs = [self._inner(run) for run in runs]
        return Typed(t.array(kind), lambda row: [run(row) for run in runs], columns_of(typed))

    def _make_map(self, node: s.MakeMap) -> Typed:
        if not node.entries:
            raise KsqlError(f"Map constructor cannot be empty. Please supply at least one key value pair {_SEE}.")
        keys, values = zip(*node.entries, strict=True)
        typed_keys, typed_values = [self.compile(key) for key in keys], [self.compile(value) for value in values]
        key_kind, key_runs = common_list(keys, typed_keys)
        value_kind, value_runs = common_list(values, typed_values)
        kind = t.map_of(_known(key_kind, "a map", "keys", "key"), _known(value_kind, "a map", "values", "value"))
        pairs = [(self._inner(key), self._inner(value)) for key, value in zip(key_runs, value_runs, strict=True)]
        columns = columns_of([*typed_keys, *typed_values])
        return Typed(kind, lambda row: {key(row): value(row) for key, value in pairs}, columns)

    def _make_struct(self, node: s.MakeStruct) -> Typed:
        typed = [(name, self.compile(value)) for name, value in node.fields]
        if any(value.kind is None for _, value in typed):
            raise Unsupported("a STRUCT with an untyped NULL is")
        kind = t.struct(tuple((name, value.kind) for name, value in typed if value.kind is not None))
        runs = [(name, self._inner(value.run)) for name, value in typed]
        return Typed(kind, lambda row: {name: run(row) for name, run in runs}, columns_of([one for _, one in typed]))

    def _unit(self, node: s.Unit) -> Typed:
        raise KsqlError(f"{node.name} does not stand for a value here")


_COMPILERS: dict[type, Callable[[Scope, Any], Typed]] = {
    s.Literal: Scope._literal, s.Column: Scope._column, s.Unary: Scope._unary, s.Arithmetic: Scope._arithmetic,
    s.Comparison: Scope._comparison, s.Between: Scope._between, s.Logical: Scope._logical, s.Not: Scope._not,
    s.IsNull: Scope._is_null, s.In: Scope._in, s.Like: Scope._like, s.Case: Scope._case, s.Cast: Scope._cast,
    s.Call: Scope._call, s.Field: Scope._field, s.Subscript: Scope._subscript, s.MakeArray: Scope._make_array,
    s.MakeMap: Scope._make_map, s.MakeStruct: Scope._make_struct, s.Unit: Scope._unit,
}  # fmt: skip


def _known(kind: t.SqlType | None, what: str, members: str, member: str) -> t.SqlType:
    if kind is None:
        raise KsqlError(
            f"Cannot construct {what} with all NULL {members} {_SEE}."
            f" As a workaround, you may cast a NULL {member} to the desired type."
        )
    return kind


def _unit(node: s.Expression) -> Typed | None:
    """DAYS and the like, given to a function that takes a unit of time."""
    if isinstance(node, s.Unit):
        name = node.name
        return Typed(registry.UNIT, lambda _: name)
    return None


def _element(items: list[Any], index: int) -> Any:
    """ksqlDB counts from 1, negative ones from the end; NULL beyond either."""
    place = index - 1 if index >= 0 else len(items) + index
    return items[place] if 0 <= place < len(items) else None
