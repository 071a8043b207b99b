"""Functions of JSON texts. Numbers keep their text, as ksqlDB's exact decimals do."""

from __future__ import annotations

import functools
import re
from json import JSONDecodeError
from typing import Any

from topicmark.ksqldb.errors import RowError
from topicmark.ksqldb.functions.registry import function
from topicmark.ksqldb.jsontext import WholeText, decode, encode

_STEP = re.compile(r'\.([\w@:]+)|\[([\w@]+)\]|\["((?:[^"\\]|\\["\\])*)"\]')
_ESCAPED = re.compile(r"\\(.)")


@functools.lru_cache(maxsize=256)
def tokens(path: str) -> tuple[str, ...] | None:
    """The steps of a JSON path as ksqlDB reads it; None if it is not one (every record then fails)."""
    found: list[str] = []
    at = 1
    while path.startswith("$") and at < len(path) and (step := _STEP.match(path, at)):
        name, index, quoted = step.groups()
        found.append(_ESCAPED.sub(r"\1", quoted) if quoted is not None else name or index)
        at = step.end()
    return tuple(found) if path.startswith("$") and at == len(path) else None


@function("EXTRACTJSONFIELD", "STRING, STRING -> STRING")
def extract(text: str, path: str) -> str | None:
    steps = tokens(path)
    if steps is None:
        raise RowError(f"Invalid JSON path: '{path}'")
    node = parsed(text)
    if node is _MISSING:
        return "" if not steps else None
    for step in steps:
        if isinstance(node, dict):
            if step not in node:
                return None
            node = node[step]
        elif isinstance(node, list):
            try:
                index = int(step)
            except ValueError:
                return None
            if not 0 <= index < len(node):
                return None
            node = node[index]
        else:
            return None
    return str(node) if type(node) is str else encode(node)


_MISSING = object()


def parsed(text: str) -> Any:
    """The value at the start of ``text`` (what follows it is ignored). Raises ``RowError``."""
    try:
        return decode(text)
    except JSONDecodeError as error:
        if not text.strip():
            return _MISSING
        raise RowError(f"Invalid JSON format:{text}") from error


@function("IS_JSON_STRING", "STRING -> BOOLEAN", nulls=True)
def is_json(text: str | None) -> bool:
    if text is None:
        return False
    try:
        return parsed(text) is not _MISSING
    except RowError:
        return False


@function("JSON_ARRAY_LENGTH", "STRING -> INTEGER")
def array_length(text: str) -> int | None:
    value = parsed(text)
    return len(value) if isinstance(value, list) else None


@function("JSON_KEYS", "STRING -> ARRAY<STRING>")
def keys(text: str) -> list[str] | None:
    value = parsed(text)
    return list(value) if isinstance(value, dict) else None


@function("JSON_RECORDS", "STRING -> MAP<STRING, STRING>")
def records(text: str) -> dict[str, str] | None:
    value = parsed(text)
    return {key: encode(held) for key, held in value.items()} if isinstance(value, dict) else None


@function("JSON_CONCAT", "STRING... -> STRING", nulls=True)
def concat(*texts: str | None) -> str | None:
    values: list[Any] = []
    for text in texts:
        value = _MISSING if text is None else parsed(text)
        if value is _MISSING:
            return None
        values.append(value)
    if all(isinstance(value, dict) for value in values):
        merged: dict[str, Any] = {}
        for value in values:
            merged.update(value)
        return encode(merged, plain=True)
    if len(values) == 1:
        return encode(values[0], plain=True)
    return encode([item for value in values for item in (value if isinstance(value, list) else [value])], plain=True)


@function(
    "JSON_ARRAY_CONTAINS",
    "STRING, STRING -> BOOLEAN", "STRING, INTEGER -> BOOLEAN", "STRING, BIGINT -> BOOLEAN",
    "STRING, BOOLEAN -> BOOLEAN",
)  # fmt: skip
def array_contains(text: str, wanted: Any) -> bool:
    try:
        value = decode(text)
    except JSONDecodeError:
        return False
    if not isinstance(value, list):
        return False
    return any(_same(item, wanted) for item in value)


def _same(item: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return item is wanted
    if isinstance(wanted, int):
        return isinstance(item, WholeText) and int(item) == wanted
    return type(item) is str and item == wanted
