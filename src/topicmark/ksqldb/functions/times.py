"""Functions of dates and times, in UTC. Of Java's patterns only the plain ones are known: others are refused."""

from __future__ import annotations

import datetime

from topicmark.ksqldb.errors import RowError
from topicmark.ksqldb.functions.registry import function

_DAY_MS = 86_400_000
_UNITS_MS = {"DAY": _DAY_MS, "HOUR": 3_600_000, "MINUTE": 60_000, "SECOND": 1000, "MILLISECOND": 1}


@function("FROM_UNIXTIME", "BIGINT -> TIMESTAMP")
def from_unixtime(milliseconds: int) -> int:
    return milliseconds


@function("UNIX_TIMESTAMP", "TIMESTAMP -> BIGINT")
def unix_timestamp(milliseconds: int) -> int:
    return milliseconds


@function("FROM_DAYS", "INTEGER -> DATE")
def from_days(days: int) -> int:
    return days


@function("UNIX_DATE", "DATE -> INTEGER")
def unix_date(days: int) -> int:
    return days


def _milliseconds(unit: str) -> int:
    return _UNITS_MS[unit.removesuffix("S")]


@function("TIMESTAMPADD", "INTERVALUNIT, INTEGER, TIMESTAMP -> TIMESTAMP")
def timestamp_add(unit: str, amount: int, moment: int) -> int:
    return moment + amount * _milliseconds(unit)


@function("TIMESTAMPSUB", "INTERVALUNIT, INTEGER, TIMESTAMP -> TIMESTAMP")
def timestamp_sub(unit: str, amount: int, moment: int) -> int:
    return moment - amount * _milliseconds(unit)


_DIRECTIVES = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


@function("TIMESTAMPTOSTRING", "BIGINT, STRING -> STRING")
@function("FORMAT_TIMESTAMP", "TIMESTAMP, STRING -> STRING")
def format_timestamp(milliseconds: int, pattern: str) -> str:
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)  # noqa: DTZ001 (UTC)
    return _format(moment, milliseconds % 1000, pattern)


@function("FORMAT_DATE", "DATE, STRING -> STRING")
def format_date(days: int, pattern: str) -> str:
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(days=days)  # noqa: DTZ001 (UTC)
    return _format(moment, 0, pattern)


def plain_pattern(pattern: str) -> list[str] | None:
    """The parts of a Java pattern, or None if it has letters whose meaning is not known here."""
    parts: list[str] = []
    index = 0
    while index < len(pattern):
        char = pattern[index]
        if char == "'":
            end = pattern.find("'", index + 1)
            if end < 0:
                return None
            parts.append("'" + (pattern[index + 1 : end] or "'"))
            index = end + 1
        elif char.isalpha():
            end = index
            while end < len(pattern) and pattern[end] == char:
                end += 1
            word = pattern[index:end]
            if word not in _DIRECTIVES and word != "SSS":
                return None
            parts.append(word)
            index = end
        elif char in "[]{}#":
            return None
        else:
            parts.append("'" + char)
            index += 1
    return parts


def _format(moment: datetime.datetime, milliseconds: int, pattern: str) -> str:
    parts = plain_pattern(pattern)
    if parts is None:
        raise RowError(f"the pattern {pattern} is not supported by the embedded ksqlDB")
    shown = {"SSS": f"{milliseconds:03}", **{word: moment.strftime(code) for word, code in _DIRECTIVES.items()}}
    shown["yyyy"] = f"{moment.year:04}"
    return "".join(part[1:] if part[0] == "'" else shown[part] for part in parts)
