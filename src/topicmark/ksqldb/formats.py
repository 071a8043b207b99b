"""Keys and values as bytes: JSON, KAFKA, DELIMITED and NONE, as lenient as ksqlDB's own deserialisers."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal as Number
from decimal import InvalidOperation
from json import JSONDecodeError
from typing import Any, Protocol

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb.casts import fit, parse_double, parse_whole, wrap
from topicmark.ksqldb.errors import RowError
from topicmark.ksqldb.jsontext import FloatText, WholeText, decode, encode, quote
from topicmark.ksqldb.values import boolean_text, decimal_text, double_text

Column = tuple[str, t.SqlType]
Convert = Callable[[Any], Any]
_PACKED = {"INTEGER": ">i", "BIGINT": ">q", "DOUBLE": ">d"}
_LOW_BITS_ZERO = 400  # a number of so many digits and no more than 300 significant ones ends with 64 zero bits


@dataclass(frozen=True, slots=True)
class Format:
    """``name`` JSON, KAFKA, DELIMITED or NONE. ``wrapped``: a single JSON column is a field of an object."""

    name: str
    delimiter: str = ","
    wrapped: bool = True


class Reader(Protocol):
    """Reads a record in two steps, so that what WHERE does not let through need not be read to the end."""

    def open(self, data: bytes) -> Any:
        """The record's parts; None if the record is NULL. Raises ``RowError``."""
        ...

    def fill(self, opened: Any, row: list[Any], columns: Sequence[int], offset: int) -> None:
        """Put the named columns into ``row``, each at its place plus ``offset``. Raises ``RowError``."""
        ...


def reader(columns: Sequence[Column], form: Format) -> Reader:
    if form.name == "JSON":
        return _JsonReader(columns) if form.wrapped else _BareJsonReader(columns)
    if form.name == "DELIMITED":
        return _DelimitedReader(columns, form.delimiter)
    return _KafkaReader(columns)


def writer(columns: Sequence[Column], form: Format) -> Callable[[Sequence[Any]], bytes | None]:
    """From the columns' values to bytes. May raise ``RowError``."""
    if form.name == "JSON":
        return _json_writer(columns, wrapped=form.wrapped)
    if form.name == "DELIMITED":
        return _delimited_writer(columns, form.delimiter)
    return _kafka_writer(columns)


# -- JSON -------------------------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> Any:
    try:
        return decode(data.decode("utf-8"))
    except (JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RowError(f"not JSON: {error}") from error


class _JsonReader:
    def __init__(self, columns: Sequence[Column]) -> None:
        self._names = [name for name, _ in columns]
        self._convert = [from_json(kind) for _, kind in columns]
        self._found: dict[tuple[str, ...], list[str | None]] = {}

    def open(self, data: bytes) -> Any:
        value = _decoded(data)
        if value is not None and type(value) is not dict:
            raise RowError("Can't convert type: not an object")
        return value

    def fill(self, opened: Any, row: list[Any], columns: Sequence[int], offset: int) -> None:
        shape = tuple(opened)
        names = self._found.get(shape)
        if names is None:
            if len(self._found) > 256:
                self._found.clear()
            names = self._found[shape] = match_fields(self._names, opened)
        convert = self._convert
        for index in columns:
            name = names[index]
            value = opened[name] if name is not None else None
            row[offset + index] = None if value is None else convert[index](value)


def match_fields(wanted: Sequence[str], given: dict[str, Any]) -> list[str | None]:
    """For each column the field that it reads: the exact name, else one that is it in upper case, the last such."""
    upper = {name.upper(): name for name in given}
    return [name if name in given else upper.get(name) for name in wanted]


class _BareJsonReader:
    def __init__(self, columns: Sequence[Column]) -> None:
        self._convert = from_json(columns[0][1])

    def open(self, data: bytes) -> Any:
        value = _decoded(data)
        return None if value is None else (value,)

    def fill(self, opened: Any, row: list[Any], columns: Sequence[int], offset: int) -> None:
        if columns:
            row[offset] = self._convert(opened[0])


def _json_text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, list):
        return "[" + ", ".join("null" if item is None else _json_text(item) for item in value) + "]"
    return encode(value)


def _json_whole(bits: int) -> Convert:
    def convert(value: Any) -> int:
        kind = type(value)
        if kind is WholeText:
            return wrap(int(value), bits)
        if kind is FloatText:
            exact = Number(value)
            return 0 if exact.adjusted() > _LOW_BITS_ZERO else wrap(int(exact), bits)
        if kind is str:
            return parse_whole(value, bits)
        raise RowError("Can't convert type")

    return convert


def _json_double(value: Any) -> float:
    kind = type(value)
    if kind is FloatText or kind is WholeText:
        return float(value)
    if kind is str:
        return parse_double(value)
    raise RowError("Can't convert type")


def _json_boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise RowError("Can't convert type")
    return value


def _json_bytes(value: Any) -> bytes:
    if type(value) is not str:
        raise RowError("Can't convert type")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise RowError("not Base64") from error


def _json_decimal(kind: t.Decimal) -> Convert:
    def convert(value: Any) -> Number:
        if not isinstance(value, str):
            raise RowError("Can't convert type")
        try:
            return fit(Number(value), kind, rounding=None)
        except InvalidOperation as error:
            raise RowError("not a number") from error

    return convert


_FROM_JSON: dict[str, Convert] = {
    "STRING": _json_text, "INTEGER": _json_whole(32), "BIGINT": _json_whole(64), "DOUBLE": _json_double,
    "BOOLEAN": _json_boolean, "BYTES": _json_bytes, "DATE": _json_whole(32), "TIME": _json_whole(64),
    "TIMESTAMP": _json_whole(64),
}  # fmt: skip


def from_json(kind: t.SqlType) -> Convert:
    """The function that makes a SQL value of a decoded JSON value (never of null)."""
    if isinstance(kind, t.Decimal):
        return _json_decimal(kind)
    if isinstance(kind, t.Array):
        item = from_json(kind.item)
        return lambda value: [None if one is None else item(one) for one in _expected(value, list)]
    if isinstance(kind, t.Map):
        held = from_json(kind.value)
        return lambda value: {key: None if one is None else held(one) for key, one in _expected(value, dict).items()}
    if isinstance(kind, t.Struct):
        names = [name for name, _ in kind.fields]
        convert = [from_json(inner) for _, inner in kind.fields]

        def structure(value: Any) -> dict[str, Any]:
            value, made = _expected(value, dict), {}
            for name, source, function in zip(names, match_fields(names, value), convert, strict=True):
                one = value[source] if source is not None else None
                made[name] = None if one is None else function(one)
            return made

        return structure
    return _FROM_JSON[kind.base]


def _expected(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise RowError(f"Can't convert type: not an {'array' if kind is list else 'object'}")
    return value


def _double_json(value: float) -> str:
    text = double_text(value)
    return f'"{text}"' if text[-1] in "Ny" else text


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


# by type, where it is not the text that Python gives it
_TO_TEXT: dict[str, Callable[[Any], str]] = {
    "BOOLEAN": boolean_text, "DOUBLE": double_text, "BYTES": _base64, "DECIMAL": decimal_text,
}  # fmt: skip
_TO_JSON: dict[str, Callable[[Any], str]] = {
    "BOOLEAN": boolean_text, "DOUBLE": _double_json, "BYTES": lambda value: f'"{_base64(value)}"', "STRING": quote,
}  # fmt: skip


def to_json(kind: t.SqlType) -> Callable[[Any], str]:
    """The function that writes a value as JSON; NULL as ``null``."""
    if isinstance(kind, t.Array):
        item = to_json(kind.item)
        return lambda value: "null" if value is None else "[" + ",".join([item(one) for one in value]) + "]"
    if isinstance(kind, t.Map):
        held = to_json(kind.value)

        def named(key: str | None) -> str:
            return quote("null" if key is None else key)

        return lambda value: (
            "null" if value is None else "{" + ",".join([f"{named(k)}:{held(v)}" for k, v in value.items()]) + "}"
        )
    if isinstance(kind, t.Struct):
        fields = [(quote(name), name, to_json(inner)) for name, inner in kind.fields]
        return lambda value: (
            "null"
            if value is None
            else "{" + ",".join([f"{shown}:{f(value[name])}" for shown, name, f in fields]) + "}"
        )
    plain = _TO_JSON.get(kind.base, str)
    return lambda value: "null" if value is None else plain(value)


def _json_writer(columns: Sequence[Column], *, wrapped: bool) -> Callable[[Sequence[Any]], bytes | None]:
    encoders = [to_json(kind) for _, kind in columns]
    if not wrapped:
        only = encoders[0]
        return lambda values: None if values[0] is None else only(values[0]).encode()
    names = [f"{quote(name)}:" for name, _ in columns]
    pairs = list(zip(names, encoders, strict=True))

    def write(values: Sequence[Any]) -> bytes:
        parts = [name + encoder(value) for (name, encoder), value in zip(pairs, values, strict=True)]
        return ("{" + ",".join(parts) + "}").encode("utf-8", "surrogatepass")

    return write


# -- KAFKA ------------------------------------------------------------------------------------------------------------


class _KafkaReader:
    def __init__(self, columns: Sequence[Column]) -> None:
        self._kind = columns[0][1] if columns else None

    def open(self, data: bytes) -> Any:
        return (data,)

    def fill(self, opened: Any, row: list[Any], columns: Sequence[int], offset: int) -> None:
        if not columns or self._kind is None:
            return
        data, base = opened[0], self._kind.base
        if base == "STRING":
            row[offset] = data.decode("utf-8", "replace")
        elif base == "BYTES":
            row[offset] = data
        else:
            try:
                row[offset] = struct.unpack(_PACKED[base], data)[0]
            except struct.error as error:
                raise RowError(f"{len(data)} bytes are no {base}") from error


def _kafka_writer(columns: Sequence[Column]) -> Callable[[Sequence[Any]], bytes | None]:
    if not columns:
        return lambda _: None
    base = columns[0][1].base
    if base == "STRING":
        return lambda values: None if values[0] is None else str(values[0]).encode("utf-8", "surrogatepass")
    if base == "BYTES":
        return lambda values: values[0]
    packed = _PACKED[base]
    return lambda values: None if values[0] is None else struct.pack(packed, values[0])


# -- DELIMITED --------------------------------------------------------------------------------------------------------


class _DelimitedReader:
    def __init__(self, columns: Sequence[Column], delimiter: str) -> None:
        self._convert = [_is_true if kind == t.BOOLEAN else from_json(kind) for _, kind in columns]
        self._delimiter = delimiter

    def open(self, data: bytes) -> Any:
        text = data.decode("utf-8", "replace")
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True)
            fields = next((row for row in rows if row), None)
        except csv.Error as error:
            raise RowError(f"not delimited: {error}") from error
        if fields is None or len(fields) != len(self._convert):
            raise RowError("Unexpected field count")
        return fields

    def fill(self, opened: Any, row: list[Any], columns: Sequence[int], offset: int) -> None:
        for index in columns:
            text = opened[index]
            row[offset + index] = self._convert[index](text) if text else None


def _is_true(text: str) -> bool:
    return text.lower() == "true"


def _delimited_writer(columns: Sequence[Column], delimiter: str) -> Callable[[Sequence[Any]], bytes | None]:
    texts = [_TO_TEXT.get(kind.base, str) for _, kind in columns]

    def write(values: Sequence[Any]) -> bytes:
        shown = [
            "" if value is None else _quoted(text(value), delimiter, first=index == 0)
            for index, (value, text) in enumerate(zip(values, texts, strict=True))
        ]
        return delimiter.join(shown).encode("utf-8", "surrogatepass")

    return write


def _quoted(text: str, delimiter: str, *, first: bool) -> str:
    """Quotes where the CSV library of ksqlDB puts them: around what starts with a character up to ``#``, too."""
    needed = (
        (first and (not text or text[0] > "~" or text[0] == ","))
        or (text != "" and (text[0] <= "#" or text[-1] <= " "))
        or any(char in text for char in ("\n", "\r", '"', delimiter))
    )
    return '"' + text.replace('"', '""') + '"' if needed else text
