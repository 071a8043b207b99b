"""Functions of dates and times, in UTC. Of Java's patterns only the plain ones are known: others are refused."""

from __future__ import annotations

import datetime
import re

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


_PART = re.compile(r"yyyy|MM|dd|HH|mm|ss|SSS|'[^']*'")


@function("TIMESTAMPTOSTRING", "BIGINT, STRING -> STRING")
@function("FORMAT_TIMESTAMP", "TIMESTAMP, STRING -> STRING")
def format_timestamp(milliseconds: int, pattern: str) -> str:
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)
    return _format(moment, milliseconds % 1000, pattern)


@function("FORMAT_DATE", "DATE, STRING -> STRING")
def format_date(days: int, pattern: str) -> str:
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(days=days)
    return _format(moment, 0, pattern)


def _format(moment: datetime.datetime, milliseconds: int, pattern: str) -> str:
    """``pattern`` has only the parts that ``registry.bind`` lets through."""
    values = {
        "yyyy": f"{moment.year:04}", "MM": f"{moment.month:02}", "dd": f"{moment.day:02}", "HH": f"{moment.hour:02}",
        "mm": f"{moment.minute:02}", "ss": f"{moment.second:02}", "SSS": f"{milliseconds:03}",
    }  # fmt: skip
    return _PART.sub(lambda found: values.get(found.group(0)) or found.group(0)[1:-1] or "'", pattern)
