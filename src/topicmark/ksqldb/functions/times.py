"""Functions of dates and times, in UTC. Of Java's patterns only the plain ones are known: others are refused."""

from __future__ import annotations

import re

from topicmark.ksqldb.functions.registry import function
from topicmark.ksqldb.values import DAY_MS, moment_of

_UNITS_MS = {"DAY": DAY_MS, "HOUR": 3_600_000, "MINUTE": 60_000, "SECOND": 1000, "MILLISECOND": 1}
_PART = re.compile(r"yyyy|MM|dd|HH|mm|ss|SSS|'[^']*'")

# a TIMESTAMP is its milliseconds here, a DATE its days
function("FROM_UNIXTIME", "BIGINT -> TIMESTAMP")(int)
function("UNIX_TIMESTAMP", "TIMESTAMP -> BIGINT")(int)
function("FROM_DAYS", "INTEGER -> DATE")(int)
function("UNIX_DATE", "DATE -> INTEGER")(int)


@function("TIMESTAMPADD", "INTERVALUNIT, INTEGER, TIMESTAMP -> TIMESTAMP")
def timestamp_add(unit: str, amount: int, moment: int) -> int:
    return moment + amount * _UNITS_MS[unit.removesuffix("S")]


@function("TIMESTAMPSUB", "INTERVALUNIT, INTEGER, TIMESTAMP -> TIMESTAMP")
def timestamp_sub(unit: str, amount: int, moment: int) -> int:
    return moment - amount * _UNITS_MS[unit.removesuffix("S")]


def _format(milliseconds: int, pattern: str) -> str:
    """``pattern`` has only the parts that ``registry.bind`` lets through."""
    moment = moment_of(milliseconds)
    values = {
        "yyyy": f"{moment.year:04}", "MM": f"{moment.month:02}", "dd": f"{moment.day:02}", "HH": f"{moment.hour:02}",
        "mm": f"{moment.minute:02}", "ss": f"{moment.second:02}", "SSS": f"{milliseconds % 1000:03}",
    }  # fmt: skip
    return _PART.sub(lambda found: values.get(found.group(0)) or found.group(0)[1:-1] or "'", pattern)


function("TIMESTAMPTOSTRING", "BIGINT, STRING -> STRING")(_format)
function("FORMAT_TIMESTAMP", "TIMESTAMP, STRING -> STRING")(_format)
function("FORMAT_DATE", "DATE, STRING -> STRING")(lambda days, pattern: _format(days * DAY_MS, pattern))
