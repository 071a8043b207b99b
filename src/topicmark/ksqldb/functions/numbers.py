"""Functions of numbers, and those that choose among values."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP
from decimal import Decimal as Number
from typing import Any

from topicmark.ksqldb.casts import double_to_whole
from topicmark.ksqldb.functions.registry import function


@function("ABS", "INTEGER -> INTEGER", "BIGINT -> BIGINT", "DOUBLE -> DOUBLE", "DECIMAL -> DECIMAL")
def absolute(value: Any) -> Any:
    if isinstance(value, Number):
        return value.copy_abs()
    return value if value in (-(2**31), -(2**63)) and isinstance(value, int) else abs(value)


@function("CEIL", "INTEGER -> INTEGER", "BIGINT -> BIGINT", "DOUBLE -> DOUBLE")
def ceiling(value: Any) -> Any:
    if isinstance(value, int) or not math.isfinite(value):
        return value
    return math.copysign(float(math.ceil(value)), value)


@function("FLOOR", "INTEGER -> INTEGER", "BIGINT -> BIGINT", "DOUBLE -> DOUBLE")
def floor(value: Any) -> Any:
    if isinstance(value, int) or not math.isfinite(value):
        return value
    return math.copysign(float(math.floor(value)), value)


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


@function("SQRT", "DOUBLE -> DOUBLE")
def square_root(value: float) -> float:
    return math.sqrt(value) if value >= 0 else math.nan


@function("SIGN", "INTEGER -> INTEGER", "BIGINT -> INTEGER", "DOUBLE -> INTEGER")
def sign(value: float) -> int:
    return (value > 0) - (value < 0)


@function("PI", "-> DOUBLE")
def pi() -> float:
    return math.pi


@function("COALESCE", "T, T... -> T", nulls=True)
def coalesce(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


@function("IFNULL", "T, T -> T", nulls=True)
def if_null(value: Any, other: Any) -> Any:
    return other if value is None else value


@function("NULLIF", "T, T -> T", nulls=True)
def null_if(value: Any, other: Any) -> Any:
    return None if value == other else value


@function("AS_VALUE", "T -> T", nulls=True)
def as_value(value: Any) -> Any:
    return value


@function("GREATEST", "INTEGER, INTEGER... -> INTEGER", "BIGINT, BIGINT... -> BIGINT", "DOUBLE, DOUBLE... -> DOUBLE",
          nulls=True)  # fmt: skip
def greatest(*values: Any) -> Any:
    return max((value for value in values if value is not None), default=None)


@function("LEAST", "INTEGER, INTEGER... -> INTEGER", "BIGINT, BIGINT... -> BIGINT", "DOUBLE, DOUBLE... -> DOUBLE",
          nulls=True)  # fmt: skip
def least(*values: Any) -> Any:
    return min((value for value in values if value is not None), default=None)
