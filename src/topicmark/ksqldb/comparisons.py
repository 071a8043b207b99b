"""Comparisons and LIKE: what may be compared with what, and as what."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal as Number
from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.casts import converter
from topicmark.ksqldb.errors import KsqlError, RowError
from topicmark.ksqldb.formatter import expression as show
from topicmark.ksqldb.typed import Row, Run, Typed, mapped

_OPERATORS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "=": ("EQUAL", operator.eq), "<>": ("NOT_EQUAL", operator.ne),
    "IS DISTINCT FROM": ("IS_DISTINCT_FROM", operator.ne),
    "<": ("LESS_THAN", operator.lt), "<=": ("LESS_THAN_OR_EQUAL", operator.le),
    ">": ("GREATER_THAN", operator.gt), ">=": ("GREATER_THAN_OR_EQUAL", operator.ge),
}  # fmt: skip
_EQUALITY = ("=", "<>", "IS DISTINCT FROM")
_NOT_DOT = "[^\n\r\u0085\u2028\u2029]"


def compare(node: s.Comparison, left: Typed, right: Typed) -> Run:
    """Raises ``KsqlError`` for types that cannot be compared."""
    sign = node.operator
    if left.kind is None or right.kind is None:
        shown = [kind.base if kind else "NULL" for kind in (left.kind, right.kind)]
        raise KsqlError(
            f"Comparison with NULL not supported: {shown[0]} {sign} {shown[1]}\nUse 'IS NULL' or 'IS NOT NULL' instead."
        )
    name, holds = _OPERATORS[sign]
    if not _comparable(left.kind, right.kind, sign):
        raise KsqlError(
            f"Cannot compare {show(node.left)} ({left.kind}) to {show(node.right)} ({right.kind}) with {name}."
            f"\nStatement: {show(node)}"
        )
    one, other = _side(left.run, left.kind, right.kind), _side(right.run, right.kind, left.kind)
    if left.kind == right.kind == t.STRING and sign not in _EQUALITY:
        one, other = mapped(one, _utf16), mapped(other, _utf16)
    if sign == "IS DISTINCT FROM":

        def distinct(row: Row) -> bool:
            a, b = one(row), other(row)
            return (a is None) != (b is None) if a is None or b is None else a != b

        return distinct
    if isinstance(node.right, s.Literal) and left.kind == right.kind:
        fixed = other(())

        def against(row: Row) -> bool:
            a = one(row)
            return False if a is None else holds(a, fixed)

        return against

    def run(row: Row) -> bool:
        a, b = one(row), other(row)
        return False if a is None or b is None else holds(a, b)

    return run


def _utf16(text: str) -> bytes:
    """Java orders texts by UTF-16 units."""
    return text.encode("utf-16-be", "surrogatepass")


def _comparable(left: t.SqlType, right: t.SqlType, sign: str) -> bool:
    if left.is_number:
        return right.is_number
    if left == t.STRING:
        return right == t.STRING or right in t.TIMES
    if left.base in ("BOOLEAN", "ARRAY", "MAP", "STRUCT"):
        return right.base == left.base and sign in _EQUALITY
    if left == t.TIME:
        return right in (t.TIME, t.STRING)
    if left in (t.DATE, t.TIMESTAMP):
        return right in (t.DATE, t.TIMESTAMP, t.STRING)
    return left == right == t.BYTES


def _side(run: Run, kind: t.SqlType, other: t.SqlType) -> Run:
    """One side, converted so that it can be compared with the other."""
    if kind == other or kind.base == "DECIMAL":
        return run
    if other.base == "DECIMAL":
        return mapped(run, _exactly)
    if kind == t.STRING or other == t.DOUBLE or (kind, other) == (t.DATE, t.TIMESTAMP):
        return mapped(run, converter(kind, other))
    return run


def _exactly(value: float) -> Number:
    """The decimal that a number is written as: 1.1 is equal to the DOUBLE 1.1."""
    return Number(repr(value))


def like_pattern(pattern: str, escape: str | None) -> re.Pattern[str]:
    """The regular expression of a LIKE pattern. Raises ``RowError`` if it ends with its escape character."""
    parts: list[str] = []
    chars = iter(pattern)
    for char in chars:
        if char == escape:
            escaped = next(chars, None)
            if escaped is None:
                raise RowError("LIKE pattern must not end with escape character")
            parts.append(re.escape(escaped))
        else:
            parts.append({"%": f"{_NOT_DOT}*", "_": _NOT_DOT}.get(char) or re.escape(char))
    return re.compile("".join(parts) + r"\Z")
