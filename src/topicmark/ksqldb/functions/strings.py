"""Functions of texts."""

from __future__ import annotations

from topicmark.ksqldb.functions.registry import function

_BLANK = "".join(map(chr, range(33)))

function("UCASE", "STRING -> STRING")(str.upper)
function("LCASE", "STRING -> STRING")(str.lower)
function("TRIM", "STRING -> STRING")(lambda text: text.strip(_BLANK))
function("LEN", "STRING -> INTEGER")(lambda text: len(text.encode("utf-16-be", "surrogatepass")) // 2)
function("REPLACE", "STRING, STRING, STRING -> STRING")(str.replace)
function("SUBSTRING", "STRING, INTEGER -> STRING")(lambda text, position: text[_start(text, position) :])


@function("CONCAT", "STRING... -> STRING", nulls=True)
def concat(*texts: str | None) -> str:
    return "".join(text for text in texts if text is not None)


@function("CONCAT_WS", "STRING, STRING... -> STRING", nulls=True)
def concat_with(separator: str | None, *texts: str | None) -> str | None:
    return None if separator is None else separator.join(text for text in texts if text is not None)


@function("SUBSTRING", "STRING, INTEGER, INTEGER -> STRING")
def substring(text: str, position: int, count: int) -> str:
    start = _start(text, position)
    return text[start : max(min(start + count, len(text)), start)]


def _start(text: str, position: int) -> int:
    """ksqlDB counts from 1, negative positions from the end."""
    return max(len(text) + position, 0) if position < 0 else max(min(position - 1, len(text)), 0)


def _padding(text: str, size: int, padding: str) -> str | None:
    """What is missing of ``size``; None if it cannot be filled."""
    if not padding or size < 0:
        return None
    missing = max(size - len(text), 0)
    return (padding * (missing // len(padding) + 1))[:missing]


@function("LPAD", "STRING, INTEGER, STRING -> STRING")
def pad_left(text: str, size: int, padding: str) -> str | None:
    missing = _padding(text, size, padding)
    return None if missing is None else missing + text[:size]


@function("RPAD", "STRING, INTEGER, STRING -> STRING")
def pad_right(text: str, size: int, padding: str) -> str | None:
    missing = _padding(text, size, padding)
    return None if missing is None else text[:size] + missing


@function("SPLIT", "STRING, STRING -> ARRAY<STRING>")
def split(text: str, delimiter: str) -> list[str]:
    return text.split(delimiter) if delimiter else list(text) or [""]


@function("INSTR", "STRING, STRING -> INTEGER", nulls=True)
def position(text: str | None, part: str | None) -> int:
    return 0 if not text or not part else text.find(part) + 1


@function("MASK", "STRING -> STRING")
def mask(text: str) -> str:
    return "".join(
        "X" if char.isupper() else "x" if char.islower() else "n" if char.isdigit() else "-" for char in text
    )


@function("ELT", "INTEGER, STRING... -> STRING", nulls=True)
def elt(index: int | None, *texts: str | None) -> str | None:
    return texts[index - 1] if index is not None and 1 <= index <= len(texts) else None


@function("FIELD", "STRING, STRING... -> INTEGER", nulls=True)
def field(wanted: str | None, *texts: str | None) -> int:
    return 0 if wanted is None or wanted not in texts else texts.index(wanted) + 1
