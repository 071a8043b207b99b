"""Functions of numbers, and those that choose among values."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP
from decimal import Decimal as Number
from typing import Any

from topicmark.ksqldb.casts import double_to_whole
from topicmark.ksqldb.functions.registry import function

_SAME = tuple(f"{kind} -> {kind}" for kind in ("INTEGER", "BIGINT", "DOUBLE"))
_SAME_MANY = tuple(f"{kind}, {kind}... -> {kind}" for kind in ("INTEGER", "BIGINT", "DOUBLE"))

function("CEIL", *_SAME)(lambda value: _whole(value, math.ceil))
function("FLOOR", *_SAME)(lambda value: _whole(value, math.floor))
function("SQRT", "DOUBLE -> DOUBLE")(lambda value: math.sqrt(value) if value >= 0 else math.nan)
function("SIGN", "INTEGER -> INTEGER", "BIGINT -> INTEGER", "DOUBLE -> INTEGER")(
    lambda value: (value > 0) - (value < 0)
)
function("PI", "-> DOUBLE")(lambda: math.pi)
function("AS_VALUE", "T -> T", nulls=True)(lambda value: value)
function("IFNULL", "T, T -> T", nulls=True)(lambda value, other: other if value is None else value)
function("NULLIF", "T, T -> T", nulls=True)(lambda value, other: None if value == other else value)
function("COALESCE", "T, T... -> T", nulls=True)(lambda *values: next(_given(values), None))
function("GREATEST", *_SAME_MANY, nulls=True)(lambda *values: max(_given(values), default=None))
function("LEAST", *_SAME_MANY, nulls=True)(lambda *values: min(_given(values), default=None))


def _given(values: tuple[Any, ...]) -> Any:
    return (value for value in values if value is not None)


def _whole(value: Any, towards: Any) -> Any:
    if isinstance(value, int) or not math.isfinite(value):
        return value
    return math.copysign(float(towards(value)), value)


@function("ABS", *_SAME, "DECIMAL -> DECIMAL")
def absolute(value: Any) -> Any:
    if isinstance(value, Number):
        return value.copy_abs()
    return value if value in (-(2**31), -(2**63)) and isinstance(value, int) else abs(value)


@function("ROUND", "INTEGER -> BIGINT", "BIGINT -> BIGINT", "DOUBLE -> BIGINT")
def rounded(value: Any) -> int:
    if isinstance(value, int):
        return value
    if not math.isfinite(value):
        return double_to_whole(value, 64)
    whole = math.floor(value)
    return double_to_whole(float(whole + (value - whole >= 0.5)), 64)


@function("ROUND", "DOUBLE, INTEGER -> DOUBLE")
def rounded_to(value: float, places: int) -> float:
    """Halves go up, towards the larger number."""
    if not math.isfinite(value):
        return value
    mode = ROUND_HALF_UP if value >= 0 else ROUND_HALF_DOWN
    return float(Number(repr(value)).quantize(Number(1).scaleb(-places), mode)) + 0.0  # a zero has no sign
