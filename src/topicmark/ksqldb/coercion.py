"""One type for a list of expressions: IN lists, ARRAY[…], MAP(…)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal as Number
from decimal import InvalidOperation
from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.casts import converter, parse_boolean
from topicmark.ksqldb.errors import KsqlError, RowError
from topicmark.ksqldb.formatter import expression as show
from topicmark.ksqldb.typed import Run, Typed, mapped


def common_list(nodes: Sequence[s.Expression], typed: Sequence[Typed]) -> tuple[t.SqlType | None, list[Run]]:
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
    if (parts := _common_parts(node, source, target)) is not None:
        return parts
    if literal and source == t.STRING and target.is_number:
        return t.widen(_number_type(node, target), target)
    if literal and source == t.STRING and target == t.BOOLEAN:
        try:
            parse_boolean(str(node.value))  # type: ignore[attr-defined]
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
    raise _NoOperator(
        f"operator does not exist: {target} = {source} ({show(node)})\nHint: You might need to add explicit type casts."
    )


class _NoOperator(KsqlError):
    """Two types that have no common one. Of nested types the outermost are told."""


def _common_parts(node: s.Expression, source: t.SqlType, target: t.SqlType) -> t.SqlType | None:
    """The common type of two arrays, maps or structs; None if there is none. Literals in a constructor are coerced."""
    try:
        if isinstance(source, t.Array) and isinstance(target, t.Array):
            items = node.items if isinstance(node, s.MakeArray) else ()
            return t.array(_common_of(items, source.item, target.item))
        if isinstance(source, t.Map) and isinstance(target, t.Map):
            entries = node.entries if isinstance(node, s.MakeMap) else ()
            return t.map_of(
                _common_of([key for key, _ in entries], source.key, target.key),
                _common_of([value for _, value in entries], source.value, target.value),
            )
        if isinstance(source, t.Struct) and isinstance(target, t.Struct):
            given = dict(node.fields) if isinstance(node, s.MakeStruct) else {}
            fields = dict(target.fields)
            for name, kind in source.fields:
                known = fields.get(name)
                inner = [given[name]] if name in given else []
                fields[name] = kind if known is None else _common_of(inner, kind, known)
            return t.struct(tuple(fields.items()))
    except _NoOperator:
        return None
    return None


def _common_of(nodes: Sequence[s.Expression], source: t.SqlType, target: t.SqlType) -> t.SqlType:
    for node in nodes or [s.Column("")]:
        kind = node.kind if isinstance(node, s.Literal) else source
        target = target if kind is None else _common(node, kind, target)
    return target


def _number_type(node: Any, target: t.SqlType) -> t.SqlType:
    text = str(node.value)
    try:
        number = Number(text.strip())
    except InvalidOperation:
        raise KsqlError(f'invalid input syntax for type {target.base}: "{text}".') from None
    if not set(text) & set(".eE"):
        return t.INTEGER if abs(number) < 2**31 - 1 else t.BIGINT if abs(number) < 2**63 - 1 else decimal_of(number)
    return decimal_of(number)


def decimal_of(number: Number) -> t.Decimal:
    """The narrowest decimal that holds the number as it is written."""
    _, digits, exponent = number.as_tuple()
    scale = max(0, -int(exponent))
    return t.decimal(max(len(digits) + max(0, int(exponent)), scale, 1), scale)


def _as(node: s.Expression, one: Typed, kind: t.SqlType) -> Run:
    if one.kind is None or one.kind == kind:
        return one.run
    convert = converter(one.kind, kind)
    if isinstance(node, s.Literal):
        try:
            value = convert(node.value)
        except RowError as error:
            raise KsqlError(f'invalid input syntax for type {kind.base}: "{node.value}".') from error
        return lambda _: value
    return mapped(one.run, convert)
