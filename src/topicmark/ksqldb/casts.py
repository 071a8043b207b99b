"""CAST, and the conversions that ksqlDB does of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, InvalidOperation, localcontext
from decimal import Decimal as Number
from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb.errors import KsqlError, RowError
from topicmark.ksqldb.values import DAY_MS, parse_date, parse_time, parse_timestamp, text_of

Convert = Callable[[Any], Any]
_INTEGER = re.compile(r"[+-]?\d+\Z", re.ASCII)
_DOUBLE = re.compile(r"[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)\Z", re.ASCII)


def wrap(value: int, bits: int) -> int:
    """A whole number as Java keeps it: the low bits, two's complement."""
    half = 1 << (bits - 1)
    return ((value + half) & ((1 << bits) - 1)) - half


def parse_whole(text: str, bits: int) -> int:
    """As ``Integer.parseInt`` and ``Long.parseLong``. Raises ``RowError``."""
    if _INTEGER.match(text):
        value = int(text)
        if -(1 << (bits - 1)) <= value < 1 << (bits - 1):
            return value
    raise RowError(f'For input string: "{text}"')


def parse_double(text: str) -> float:
    """As ``Double.parseDouble``. Raises ``RowError``."""
    if _DOUBLE.match(text.strip()):
        return float(text.strip().rstrip("fFdD") if "n" not in text else text.strip())
    raise RowError(f'For input string: "{text}"')


def parse_boolean(text: str) -> bool:
    """``true`` for any start of true or yes, ``false`` for any start of false or no, in any case."""
    lower = text.lower()
    if lower and ("true".startswith(lower) or "yes".startswith(lower)):
        return True
    if lower and ("false".startswith(lower) or "no".startswith(lower)):
        return False
    raise RowError(f'invalid input syntax for type BOOLEAN: "{text}".')


def fit(value: Number, kind: t.Decimal, *, rounding: str | None = ROUND_HALF_UP) -> Number:
    """The number with the scale of ``kind``. Raises ``RowError`` if too large (or not exact, without rounding)."""
    if not value.is_finite() or abs(value) >= Number(10) ** (kind.precision - kind.scale):
        raise RowError(f"Numeric field overflow: {value}")
    with localcontext(Context(prec=200)):
        scaled = value.quantize(Number(1).scaleb(-kind.scale), rounding=rounding or ROUND_HALF_UP)
    if rounding is None and scaled != value:
        raise RowError(f"Cannot fit decimal '{value}' into {kind} without rounding.")
    return scaled


def double_to_whole(value: float, bits: int) -> int:
    """As Java's ``(int)`` and ``(long)``: towards zero, and no further than the type goes."""
    if value != value:
        return 0
    high = (1 << (bits - 1)) - 1
    if value in (float("inf"), float("-inf")):
        return high if value > 0 else -high - 1
    return max(-high - 1, min(high, int(value)))


def _to_decimal(source: t.SqlType, target: t.Decimal) -> Convert:
    if source.base in ("INTEGER", "BIGINT"):
        return lambda value: fit(Number(value), target)
    if source == t.DOUBLE:
        context = Context(prec=target.precision, rounding=ROUND_HALF_UP)
        return lambda value: fit(context.create_decimal(Number(value)), target)
    if source.base == "DECIMAL":
        return lambda value: fit(value, target)

    def parse(text: str) -> Number:
        try:
            return fit(Number(text.strip()), target)
        except InvalidOperation as error:
            raise RowError(f"not a number: {text}") from error

    return parse


def _time(parse: Callable[[str], int]) -> Convert:
    def convert(text: str) -> int:
        try:
            return parse(text.strip())
        except ValueError as error:
            raise RowError(str(error)) from error

    return convert


_SIMPLE: dict[tuple[str, str], Convert] = {
    ("INTEGER", "BIGINT"): lambda value: value,
    ("INTEGER", "DOUBLE"): float,
    ("BIGINT", "INTEGER"): lambda value: wrap(value, 32),
    ("BIGINT", "DOUBLE"): float,
    ("DECIMAL", "INTEGER"): lambda value: wrap(int(value), 32),
    ("DECIMAL", "BIGINT"): lambda value: wrap(int(value), 64),
    ("DECIMAL", "DOUBLE"): float,
    ("DOUBLE", "INTEGER"): lambda value: double_to_whole(value, 32),
    ("DOUBLE", "BIGINT"): lambda value: double_to_whole(value, 64),
    ("STRING", "BOOLEAN"): lambda value: parse_boolean(value.strip()),
    ("STRING", "INTEGER"): lambda value: parse_whole(value.strip(), 32),
    ("STRING", "BIGINT"): lambda value: parse_whole(value.strip(), 64),
    ("STRING", "DOUBLE"): lambda value: parse_double(value.strip()),
    ("STRING", "DATE"): _time(parse_date),
    ("STRING", "TIME"): _time(parse_time),
    ("STRING", "TIMESTAMP"): _time(parse_timestamp),
    ("TIMESTAMP", "DATE"): lambda value: value // DAY_MS,
    ("TIMESTAMP", "TIME"): lambda value: value % DAY_MS,
    ("DATE", "TIMESTAMP"): lambda value: value * DAY_MS,
}


def converter(source: t.SqlType | None, target: t.SqlType) -> Convert:
    """The function that casts; NULL stays NULL. Raises ``KsqlError`` if there is no such cast."""
    if source is None or source == target:
        return lambda value: value
    inner = _converter(source, target)
    return lambda value: None if value is None else inner(value)


def _converter(source: t.SqlType, target: t.SqlType) -> Convert:
    unsupported = KsqlError(f"Cast of {source} to {target} is not supported")
    if target == t.STRING and source != t.BYTES:
        return lambda value: text_of(value, source)
    if isinstance(target, t.Decimal) and (source.is_number or source == t.STRING):
        return _to_decimal(source, target)
    if (source.base, target.base) in _SIMPLE:
        return _SIMPLE[(source.base, target.base)]
    try:
        if isinstance(source, t.Array) and isinstance(target, t.Array):
            item = converter(source.item, target.item)
            return lambda value: [item(one) for one in value]
        if isinstance(source, t.Map) and isinstance(target, t.Map):
            key, held = converter(source.key, target.key), converter(source.value, target.value)
            return lambda value: {key(one): held(other) for one, other in value.items()}
        if isinstance(source, t.Struct) and isinstance(target, t.Struct):
            known = dict(source.fields)
            each = {name: converter(known[name], kind) for name, kind in target.fields if name in known}
            names = [name for name, _ in target.fields]
            return lambda value: {name: each[name](value[name]) if name in each else None for name in names}
    except KsqlError:
        raise unsupported from None
    raise unsupported
