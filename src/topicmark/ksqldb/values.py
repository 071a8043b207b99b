"""SQL values in Python, and the texts that Java makes of them.

BOOLEAN bool · INTEGER, BIGINT int · DOUBLE float · DECIMAL decimal.Decimal · STRING str · BYTES bytes ·
DATE int (days since 1970) · TIME int (milliseconds of the day) · TIMESTAMP int (milliseconds since 1970) ·
ARRAY list · MAP dict · STRUCT dict in the order of its fields. NULL is None everywhere.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from decimal import Decimal as Number
from typing import Any

from topicmark.ksqldb import sqltypes as t

_EPOCH = datetime.date(1970, 1, 1)
DAY_MS = 86_400_000
_TIMESTAMP = re.compile(
    r"(?P<date>\d{4}(-\d{2}(-\d{2})?)?)(T(?P<time>\d{2}(:\d{2}(:\d{2}(\.\d{1,9})?)?)?)?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?\Z"
)


def double_text(value: float) -> str:
    """As Java's ``Double.toString``: ``1.694902173122458E9``, ``0.001``, ``1.0E-5``."""
    if value != value:
        return "NaN"
    if value in (math.inf, -math.inf):
        return "Infinity" if value > 0 else "-Infinity"
    text = repr(value)
    if "e" not in text:
        size = abs(value)
        if size < 1e7 and (size >= 1e-3 or size == 0):
            return text
    if len(text.lstrip("-").partition("e")[0]) == 1:
        text = f"{value:.1e}"  # Java always has a second digit: the smallest double is 4.9E-324
    sign, digits, exponent = Number(text).as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    point = len(digits) + int(exponent) - 1
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{point}"


def decimal_text(value: Number) -> str:
    """As ``BigDecimal.toPlainString``."""
    return format(value, "f")


def text_of(value: Any, kind: t.SqlType) -> str | None:
    """What CAST to STRING and string concatenation make of a value. Structured kinds as Java's ``toString``."""
    if value is None:
        return None
    if isinstance(kind, t.Array):
        return "[" + ", ".join(_inner(item, kind.item) for item in value) + "]"
    if isinstance(kind, t.Map):
        return "{" + ", ".join(f"{_inner(k, kind.key)}={_inner(v, kind.value)}" for k, v in value.items()) + "}"
    if isinstance(kind, t.Struct):
        named = [(name, value[name], inner) for name, inner in kind.fields]
        return "Struct{" + ",".join(f"{n}={_inner(v, inner)}" for n, v, inner in named if v is not None) + "}"
    return _TEXTS.get(kind.base, str)(value)


def _inner(value: object, kind: t.SqlType) -> str:
    return "null" if value is None else str(text_of(value, kind))


def moment_of(milliseconds: int) -> datetime.datetime:
    """The time of a TIMESTAMP, in UTC. Raises ``OverflowError`` beyond the year 9999."""
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)


def date_text(days: int) -> str:
    return (_EPOCH + datetime.timedelta(days=days)).isoformat()


def time_text(milliseconds: int) -> str:
    """As ``LocalTime.toString``: seconds and milliseconds only where they are not zero."""
    seconds, rest = divmod(milliseconds, 1000)
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    tail = f":{second:02}" if second or rest else ""
    return f"{hour:02}:{minute:02}{tail}" + (f".{rest:03}" if rest else "")


def timestamp_text(milliseconds: int) -> str:
    return f"{moment_of(milliseconds):%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}"


def boolean_text(value: bool) -> str:
    return "true" if value else "false"


_TEXTS: dict[str, Callable[[Any], str]] = {
    "BOOLEAN": boolean_text, "DOUBLE": double_text, "DECIMAL": decimal_text, "DATE": date_text, "TIME": time_text,
    "TIMESTAMP": timestamp_text,
}  # fmt: skip


def parse_date(text: str) -> int:
    """Days since 1970 of ``2020-01-31``; month and day may be left out. Raises ``ValueError``."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text)
    if not found:
        raise ValueError(f"Failed to parse date '{text}': Required format is: \"yyyy-MM-dd\"")
    year, month, day = (int(part or 1) for part in found.groups())
    return (datetime.date(year, month, day) - _EPOCH).days


def parse_time(text: str) -> int:
    """Milliseconds of the day of ``13:59:59.999``. Raises ``ValueError``."""
    found = re.fullmatch(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?", text)
    if not found:
        raise ValueError(f"Failed to parse time '{text}': Required format is: \"HH:mm:ss.SSS\"")
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"Failed to parse time '{text}': Required format is: \"HH:mm:ss.SSS\"")
    return ((hour * 60 + minute) * 60 + second) * 1000 + int((found.group(4) or "0").ljust(9, "0")[:3])


def parse_timestamp(text: str) -> int:
    """Milliseconds since 1970 of ``2020-01-31T13:59:59.999``, all but the year optional. Raises ``ValueError``."""
    problem = (
        f"Failed to parse timestamp '{text}': Required format is: \"yyyy-MM-dd'T'HH:mm:ss.SSS\", with an optional"
        " numeric or text timezone"
    )
    found = _TIMESTAMP.match(text)
    if not found:
        raise ValueError(problem)
    clock = (found["time"] or "00") + ":00" * (2 - (found["time"] or "00").count(":"))
    try:
        total = parse_date(found["date"]) * DAY_MS + parse_time(clock)
    except ValueError:
        raise ValueError(problem) from None
    zone = found["zone"]
    if zone and zone != "Z":
        offset = int(zone[1:3]) * 60 + int(zone[-2:])
        total -= (1 if zone[0] == "+" else -1) * offset * 60_000
    return total
