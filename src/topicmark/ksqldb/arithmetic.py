"""+ - * / %, with Java's widths and ksqlDB's types."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from decimal import Context
from decimal import Decimal as Number
from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.casts import wrap
from topicmark.ksqldb.errors import KsqlError, RowError, Unsupported
from topicmark.ksqldb.formatter import expression as show
from topicmark.ksqldb.typed import Row, Run, Typed, required

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


_WHOLE = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": _divide, "%": _remainder}
_DOUBLE = {**_WHOLE, "/": _divide_double, "%": _remainder_double}
_NUMBER = {"+": _EXACT.add, "-": _EXACT.subtract, "*": _EXACT.multiply}


def _decimal_result(sign: str, left: t.Decimal, right: t.Decimal) -> t.SqlType:
    if sign in "+-":
        whole = max(left.precision - left.scale, right.precision - right.scale)
        scale = max(left.scale, right.scale)
        return t.decimal(whole + scale + 1, scale)
    if sign == "*":
        return t.decimal(left.precision + right.precision + 1, left.scale + right.scale)
    raise Unsupported("dividing decimals is")


def compile_arithmetic(node: s.Arithmetic, left: Typed, right: Typed) -> tuple[t.SqlType, Run]:
    """Type and function of ``left operator right``. Raises ``KsqlError`` for types that cannot be calculated with."""
    one, other, sign = left.run, right.run, node.operator
    if left.kind == right.kind == t.STRING and sign == "+":
        return t.STRING, lambda row: _java(one(row)) + _java(other(row))
    if left.kind is None or right.kind is None or not (left.kind.is_number and right.kind.is_number):
        shown = " ".join(kind.base if kind else "null" for kind in (left.kind, right.kind))
        raise KsqlError(f"Error processing expression: {show(node)}. Unsupported arithmetic types. {shown}")
    if t.DOUBLE in (left.kind, right.kind):
        return t.DOUBLE, _apply(_DOUBLE[sign], one, other, float)
    if isinstance(left.kind, t.Decimal) or isinstance(right.kind, t.Decimal):
        kind = _decimal_result(sign, t.to_decimal(left.kind), t.to_decimal(right.kind))
        return kind, _apply(_NUMBER[sign], one, other, Number)
    kind, bits = (t.BIGINT, 64) if t.BIGINT in (left.kind, right.kind) else (t.INTEGER, 32)
    exact = _WHOLE[sign]
    return kind, _apply(lambda a, b: wrap(exact(a, b), bits), one, other, None)


def _java(value: object) -> str:
    return "null" if value is None else str(value)


def _apply(function: Callable[[Any, Any], Any], one: Run, other: Run, convert: Callable[[Any], Any] | None) -> Run:
    def run(row: Row) -> Any:
        a, b = one(row), other(row)
        if a is None or b is None:
            raise RowError("NULL in an arithmetic expression")
        return function(convert(a), convert(b)) if convert else function(a, b)

    return run


def negated(run: Run, kind: t.SqlType) -> Run:
    bits = {"INTEGER": 32, "BIGINT": 64}.get(kind.base)
    value = required(run)
    return (lambda row: wrap(-value(row), bits)) if bits else (lambda row: -value(row))
