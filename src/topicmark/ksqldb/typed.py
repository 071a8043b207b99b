"""An expression that is typed and can be run, and what may stand around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from topicmark.ksqldb.errors import ROW_ERRORS, KsqlError, RowError
from topicmark.ksqldb.sqltypes import SqlType

Row = Sequence[Any]
Run = Callable[[Row], Any]


class CompileError(KsqlError):
    """Found by ksqlDB only when it makes code of the expression: its text says where ("Invalid Select: …")."""


@dataclass(frozen=True, slots=True)
class Typed:
    """``kind`` None: it is always NULL. ``columns``: the places in the row that it reads."""

    kind: SqlType | None
    run: Run
    columns: frozenset[int] = frozenset()


def columns_of(typed: Iterable[Typed]) -> frozenset[int]:
    return frozenset[int]().union(*(one.columns for one in typed))


def null(_: Row) -> None:
    return None


def or_null(run: Run) -> Run:
    """What fails for one record is NULL."""

    def safe(row: Row) -> Any:
        try:
            return run(row)
        except ROW_ERRORS:
            return None

    return safe


def required(run: Run) -> Run:
    """NULL here is an error of the row, as it is for the Java code that ksqlDB makes."""

    def checked(row: Row) -> Any:
        value = run(row)
        if value is None:
            raise RowError("NULL where a value is needed")
        return value

    return checked


def mapped(run: Run, convert: Callable[[Any], Any]) -> Run:
    """The converted value; NULL stays NULL."""

    def converted(row: Row) -> Any:
        value = run(row)
        return None if value is None else convert(value)

    return converted
