"""Functions of arrays and maps."""

from __future__ import annotations

from typing import Any

from topicmark.ksqldb.errors import RowError
from topicmark.ksqldb.functions.registry import function

_ORDERED = tuple(f"ARRAY<{kind}> -> {kind}" for kind in ("INTEGER", "BIGINT", "DOUBLE", "STRING"))


def _unique(items: list[Any]) -> list[Any]:
    found: list[Any] = []  # no set: items may be lists and dicts
    for item in items:
        if item not in found:
            found.append(item)
    return found


function("ARRAY_LENGTH", "ARRAY<T> -> INTEGER")(len)
function("ARRAY_DISTINCT", "ARRAY<T> -> ARRAY<T>")(_unique)
function("ARRAY_UNION", "ARRAY<T>, ARRAY<T> -> ARRAY<T>")(lambda left, right: _unique([*left, *right]))
function("ARRAY_EXCEPT", "ARRAY<T>, ARRAY<T> -> ARRAY<T>")(
    lambda left, right: [item for item in _unique(left) if item not in right]
)
function("ARRAY_INTERSECT", "ARRAY<T>, ARRAY<T> -> ARRAY<T>")(
    lambda left, right: [item for item in _unique(left) if item in right]
)
function("ARRAY_MAX", *_ORDERED)(lambda items: max((item for item in items if item is not None), default=None))
function("ARRAY_MIN", *_ORDERED)(lambda items: min((item for item in items if item is not None), default=None))


@function("ARRAY_CONTAINS", "ARRAY<T>, T -> BOOLEAN", nulls=True)
def contains(items: list[Any] | None, wanted: Any) -> bool:
    return items is not None and wanted in items


@function("ARRAY_REMOVE", "ARRAY<T>, T -> ARRAY<T>", nulls=True)
def remove(items: list[Any] | None, unwanted: Any) -> list[Any] | None:
    return None if items is None else [item for item in items if item != unwanted]


@function("ARRAY_CONCAT", "ARRAY<T>, ARRAY<T> -> ARRAY<T>", nulls=True)
def concat(left: list[Any] | None, right: list[Any] | None) -> list[Any] | None:
    return None if left is None and right is None else [*(left or []), *(right or [])]


@function("AS_MAP", "ARRAY<STRING>, ARRAY<T> -> MAP<STRING, T>")
def as_map(keys: list[Any], values: list[Any]) -> dict[Any, Any]:
    if None in keys:
        raise RowError("a NULL key")
    return dict(zip(keys, values, strict=False))


@function("MAP_UNION", "MAP<STRING, T>, MAP<STRING, T> -> MAP<STRING, T>", nulls=True)
def map_union(left: dict[Any, Any] | None, right: dict[Any, Any] | None) -> dict[Any, Any] | None:
    return None if left is None and right is None else {**(left or {}), **(right or {})}
