"""One type for a list of expressions: IN lists, ARRAY[…], MAP(…)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal as Number
from decimal import InvalidOperation
from typing import Any, Protocol

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.casts import converter, parse_boolean
from topicmark.ksqldb.errors import KsqlError, RowError, Unsupported
from topicmark.ksqldb.formatter import expression as show


class _Typed(Protocol):
    @property
    def kind(self) -> t.SqlType | None: ...
    @property
    def run(self) -> Callable[[Sequence[Any]], Any]: ...


def common_list(
    nodes: Sequence[s.Expression], typed: Sequence[_Typed]
) -> tuple[t.SqlType | None, list[Callable[[Sequence[Any]], Any]]]:
    """The widest type of all and, in it, every expression. None if all are NULL. Raises ``KsqlError``."""
    kind: t.SqlType | None = None
    for node, one in zip(nodes, typed, strict=True):
        kind = kind or one.kind if kind is None or one.kind is None else _common(node, one.kind, kind)
    if kind is None:
        return None, [one.run for one in typed]
    return kind, [_as(node, one, kind) for node, one in zip(nodes, typed, strict=True)]


def _common(node: s.Expression, source: t.SqlType, target: t.SqlType) -> t.SqlType:
    literal = isinstance(node, s.Literal)
    if source == target:
        return target
    if isinstance(node, s.MakeArray | s.MakeMap | s.MakeStruct):
        raise Unsupported("a list of constructed values of different types is")
    if literal and source == t.STRING and target.is_number:
        return t.widen(_number_type(node, target), target)
    if literal and source == t.STRING and target == t.BOOLEAN:
        try:
            parse_boolean(str(node.value))  # type: ignore[union-attr]
        except RowError as error:
            raise KsqlError(str(error)) from None
        return target
    if source.is_number and target.is_number:
        return t.widen(source, target)
    if literal and target == t.STRING and (source.is_number or source == t.BOOLEAN):
        return target
    if literal and source == t.STRING and target in t.TIMES:
        return target
    if t.upcasts(source, target) or t.upcasts(target, source):
        return target if t.upcasts(source, target) else source
    raise KsqlError(
        f"operator does not exist: {target} = {source} ({show(node)})\nHint: You might need to add explicit type casts."
    )


def _number_type(node: Any, target: t.SqlType) -> t.SqlType:
    text = str(node.value)
    try:
        number = Number(text.strip())
    except InvalidOperation:
        raise KsqlError(f'invalid input syntax for type {target.base}: "{text}".') from None
    if not set(text) & set(".eE"):
        return t.INTEGER if abs(number) < 2**31 - 1 else t.BIGINT if abs(number) < 2**63 - 1 else _decimal_of(number)
    return _decimal_of(number)


def _decimal_of(number: Number) -> t.SqlType:
    _, digits, exponent = number.as_tuple()
    scale = max(0, -int(exponent))
    return t.decimal(max(len(digits) + max(0, int(exponent)), scale, 1), scale)


def _as(node: s.Expression, one: _Typed, kind: t.SqlType) -> Callable[[Sequence[Any]], Any]:
    if one.kind is None or one.kind == kind:
        return one.run
    convert, run = converter(one.kind, kind), one.run
    if isinstance(node, s.Literal):
        try:
            value = convert(node.value)
        except RowError as error:
            raise KsqlError(f'invalid input syntax for type {kind.base}: "{node.value}".') from error
        return lambda _: value
    return lambda row: convert(run(row))
