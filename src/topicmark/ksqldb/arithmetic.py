"""+ - * / %, with Java's widths and ksqlDB's types."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Context
from decimal import Decimal as Number
from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.casts import wrap
from topicmark.ksqldb.errors import KsqlError, RowError, Unsupported
from topicmark.ksqldb.formatter import expression as show

Run = Callable[[Sequence[Any]], Any]
_EXACT = Context(prec=200)


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise RowError("/ by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _remainder(left: int, right: int) -> int:
    return left - _divide(left, right) * right


def _divide_double(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or left != left:
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _remainder_double(left: float, right: float) -> float:
    return math.nan if right == 0 or math.isinf(left) else math.fmod(left, right)


_WHOLE: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": _divide, "%": _remainder,
}  # fmt: skip
_DOUBLE: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": _divide_double, "%": _remainder_double,
}  # fmt: skip
_NUMBER: dict[str, Callable[[Number, Number], Number]] = {
    "+": _EXACT.add, "-": _EXACT.subtract, "*": _EXACT.multiply,
}  # fmt: skip


def _decimal_result(operator: str, left: t.Decimal, right: t.Decimal) -> t.SqlType:
    if operator in "+-":
        whole = max(left.precision - left.scale, right.precision - right.scale)
        scale = max(left.scale, right.scale)
        return t.decimal(whole + scale + 1, scale)
    if operator == "*":
        return t.decimal(left.precision + right.precision + 1, left.scale + right.scale)
    raise Unsupported("dividing decimals is")


def compile_arithmetic(
    node: s.Arithmetic, left: t.SqlType | None, one: Run, right: t.SqlType | None, other: Run
) -> tuple[t.SqlType, Run]:
    """Type and function of ``left operator right``. Raises ``KsqlError`` for types that cannot be calculated with."""
    if left == t.STRING and right == t.STRING and node.operator == "+":
        return t.STRING, lambda row: _java(one(row)) + _java(other(row))
    if left is None or right is None or not (left.is_number and right.is_number):
        shown = " ".join(kind.base if kind else "null" for kind in (left, right))
        raise KsqlError(f"Error processing expression: {show(node)}. Unsupported arithmetic types. {shown}")
    if t.DOUBLE in (left, right):
        return t.DOUBLE, _apply(_DOUBLE[node.operator], one, other, float)
    if "DECIMAL" in (left.base, right.base):
        first, second = t.to_decimal(left), t.to_decimal(right)
        assert first is not None
        assert second is not None
        kind = _decimal_result(node.operator, first, second)
        return kind, _apply(_NUMBER[node.operator], one, other, Number)
    bits = 64 if t.BIGINT in (left, right) else 32
    exact = _WHOLE[node.operator]
    return (t.BIGINT if bits == 64 else t.INTEGER), _apply(lambda a, b: wrap(exact(a, b), bits), one, other, None)


def _java(value: object) -> str:
    return "null" if value is None else str(value)


def _apply(function: Callable[[Any, Any], Any], one: Run, other: Run, convert: Callable[[Any], Any] | None) -> Run:
    def run(row: Sequence[Any]) -> Any:
        a, b = one(row), other(row)
        if a is None or b is None:
            raise RowError("NULL in an arithmetic expression")
        return function(convert(a), convert(b)) if convert else function(a, b)

    return run


def negated(run: Run, kind: t.SqlType) -> Run:
    bits = {"INTEGER": 32, "BIGINT": 64}.get(kind.base)

    def minus(row: Sequence[Any]) -> Any:
        value = run(row)
        if value is None:
            raise RowError("NULL in an arithmetic expression")
        return wrap(-value, bits) if bits else -value

    return minus
