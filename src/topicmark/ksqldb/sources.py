"""Streams: what CREATE STREAM made, and the checks that its WITH clause and columns must pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.errors import KsqlError, Unsupported
from topicmark.ksqldb.formats import Column, Format

Columns = tuple[Column, ...]
Given = dict[str, s.Literal]
PSEUDO: Columns = (("ROWTIME", t.BIGINT), ("ROWPARTITION", t.INTEGER), ("ROWOFFSET", t.BIGINT))
_RESERVED = ("ROWTIME", "ROWPARTITION", "ROWOFFSET", "WINDOWSTART", "WINDOWEND")
_FORMATS = ("JSON", "KAFKA", "DELIMITED", "NONE")
_BEYOND_FORMATS = ("AVRO", "PROTOBUF", "PROTOBUF_NOSR", "JSON_SR")
_KNOWN = (
    "KAFKA_TOPIC", "VALUE_FORMAT", "KEY_FORMAT", "FORMAT", "PARTITIONS", "REPLICAS", "WRAP_SINGLE_VALUE",
    "VALUE_DELIMITER", "KEY_DELIMITER",
)  # fmt: skip
_BEYOND = (
    "TIMESTAMP", "TIMESTAMP_FORMAT", "WINDOW_TYPE", "WINDOW_SIZE", "KEY_SCHEMA_ID", "VALUE_SCHEMA_ID",
    "VALUE_AVRO_SCHEMA_FULL_NAME", "KEY_SCHEMA_FULL_NAME", "VALUE_SCHEMA_FULL_NAME",
    "KEY_PROTOBUF_NULLABLE_REPRESENTATION", "VALUE_PROTOBUF_NULLABLE_REPRESENTATION",
    "SOURCED_BY_CONNECTOR", "RETENTION_MS", "CLEANUP_POLICY",
)  # fmt: skip
_KAFKA_TYPES = ("INTEGER", "BIGINT", "DOUBLE", "STRING", "BYTES")


@dataclass(frozen=True)
class Stream:
    """A stream in the catalogue. ``created_by`` is the query that fills it, if its statement was CREATE … AS."""

    name: str
    topic: str
    keys: Columns
    values: Columns
    key_format: Format
    value_format: Format
    statement: str
    created_by: str | None = None
    reads: tuple[str, ...] = field(default=())

    def columns(self) -> Columns:
        return (*self.keys, *self.values)


def check_properties(properties: s.Properties) -> Given:
    """The WITH clause as a dict. Raises ``KsqlError`` for names and values that cannot be."""
    given = dict(properties)
    if beyond := [name for name in given if name in _BEYOND]:
        raise Unsupported(f"the property {beyond[0]} is")
    if unknown := [name for name in given if name not in _KNOWN]:
        raise KsqlError(
            f"Failed to prepare statement: Invalid config variable(s) in the WITH clause: {', '.join(unknown)}"
        )
    for name in ("VALUE_DELIMITER", "KEY_DELIMITER"):
        if name in given:
            _delimiter(str(given[name].value), name)
    return given


def text(given: Given, name: str) -> str | None:
    return str(given[name].value) if name in given else None


def whole(given: Given, name: str) -> int | None:
    if name not in given:
        return None
    value = given[name].value
    try:
        return int(str(value))
    except ValueError:
        raise KsqlError(
            f"Failed to prepare statement: Invalid value {value} for configuration {name}: Not a number of type INT"
        ) from None


def with_formats(given: Given, defaults: Mapping[str, str], *, required: bool) -> Given:
    """The clause with KEY_FORMAT and VALUE_FORMAT filled in, as the statement is shown afterwards."""
    full = dict(given)
    for name in ("KEY_FORMAT", "VALUE_FORMAT"):
        if name in given and "FORMAT" in given:
            raise KsqlError(
                f"Cannot supply both '{name}' and 'FORMAT' properties, as 'FORMAT' sets both key and value formats. "
                "Either use just 'FORMAT', or use 'KEY_FORMAT' and 'VALUE_FORMAT'."
            )
    if "FORMAT" in given:
        full["KEY_FORMAT"] = full["VALUE_FORMAT"] = full.pop("FORMAT")
    for name, key in (("KEY_FORMAT", "ksql.persistence.default.format.key"), ("VALUE_FORMAT", _VALUE_DEFAULT)):
        if name not in full and required:
            if not defaults.get(key):
                raise KsqlError(
                    f"Statement is missing the '{name}' property from the WITH clause. Either provide one or set a "
                    f"default via the '{key}' config."
                )
            full[name] = s.Literal(defaults[key], t.STRING)
    return full


_VALUE_DEFAULT = "ksql.persistence.default.format.value"


def format_of(given: Given, which: str, base: Format | None, columns: Columns, *, wrapped: bool = True) -> Format:
    """Key or value format (``which``: KEY or VALUE) of a statement; ``base`` is the source's. ``wrapped``: whether a
    single value is, if the statement does not say. Raises ``KsqlError``."""
    name = (text(given, f"{which}_FORMAT") or (base.name if base else "KAFKA")).upper()
    if name in _BEYOND_FORMATS:
        raise Unsupported(f"the format {name} is")
    if name not in _FORMATS:
        raise KsqlError(f"Unknown format: {name}")
    delimiter = ","
    if (given_delimiter := text(given, f"{which}_DELIMITER")) is not None:
        if name != "DELIMITED":
            raise KsqlError(f"{name} does not support the following configs: [delimiter]")
        delimiter = _delimiter(given_delimiter, f"{which}_DELIMITER")
    elif base and base.name == name == "DELIMITED":
        delimiter = base.delimiter
    wrapped = wrapped or len(columns) != 1 or name != "JSON"
    if which == "VALUE" and "WRAP_SINGLE_VALUE" in given:
        wrapped = _wrapping(given["WRAP_SINGLE_VALUE"], name, columns)
    if which == "KEY":
        wrapped = len(columns) != 1
        if name == "NONE" and columns:
            raise no_columns_for_none(columns, " KEY")
    _check_columns(name, columns, which)
    return Format(name, delimiter, wrapped)


def _wrapping(literal: s.Literal, name: str, columns: Columns) -> bool:
    value = str(literal.value).lower() == "true"
    if len(columns) != 1:
        raise KsqlError("'WRAP_SINGLE_VALUE' is only valid for single-field value schemas")
    if name in ("KAFKA", "NONE") or (name == "DELIMITED" and value):
        raise KsqlError(f"Format '{name}' does not support 'WRAP_SINGLE_VALUE' set to '{str(value).lower()}'.")
    return value


def shown_columns(columns: Columns, suffix: str = "") -> str:
    return ", ".join(f"`{name}` {kind}{suffix}" for name, kind in columns)


def no_columns_for_none(columns: Columns, suffix: str = "") -> KsqlError:
    return KsqlError(
        f"The 'NONE' format can only be used when no columns are defined. Got: [{shown_columns(columns, suffix)}]"
    )


def _check_columns(name: str, columns: Columns, which: str) -> None:
    suffix = " KEY" if which == "KEY" else ""
    reason = ""
    if which == "KEY":
        for column, kind in columns:
            if t.contains(kind, "MAP"):
                raise KsqlError(
                    "Map keys, including types that contain maps, are not supported as they may lead to unexpected "
                    f"behavior due to inconsistent serialization. Key column name: `{column}`. Column type: {kind}. "
                    "See https://github.com/confluentinc/ksql/issues/6621 for more."
                )
    if name == "KAFKA" and len(columns) > 1:
        reason = f"The 'KAFKA' format only supports a single field. Got: [{shown_columns(columns, suffix)}]"
    elif name == "KAFKA" and columns and columns[0][1].base not in _KAFKA_TYPES:
        reason = f"The 'KAFKA' format does not support type '{columns[0][1].base}'"
    elif name == "DELIMITED":
        bad = [(column, kind.base) for column, kind in columns if kind.base in ("ARRAY", "MAP", "STRUCT")]
        if bad:
            reason = f"The 'DELIMITED' format does not support type '{bad[0][1]}', column: `{bad[0][0]}`"
    elif name == "JSON":
        for _, kind in columns:
            if _bad_map(kind):
                reason = "JSON only supports MAP types with STRING keys"
    if reason:
        part = "Key" if which == "KEY" else "Value"
        raise KsqlError(
            f"{part} format does not support schema.\nformat: {name}\nschema: Persistence{{columns="
            f"[{shown_columns(columns, suffix)}], features=[]}}\nreason: {reason}"
        )


def _bad_map(kind: t.SqlType) -> bool:
    return (isinstance(kind, t.Map) and kind.key != t.STRING) or any(_bad_map(inner) for inner in t.children(kind))


def _delimiter(value: str, name: str) -> str:
    special = {"TAB": "\t", "SPACE": " "}
    if value in special:
        return special[value]
    hint = "\nExample valid value: ';'"
    if not value.strip():
        raise KsqlError(
            f"Failed to prepare statement: Configuration {name} is invalid: Delimiter cannot be empty, if you meant to "
            f"have a tab or space for delimiter, please use the special values 'TAB' or 'SPACE'{hint}"
        )
    if len(value) != 1:
        raise KsqlError(
            f"Failed to prepare statement: Configuration {name} is invalid: Invalid delimiter value: '{value}'. "
            f"Delimiter must be a single character or TAB,SPACE{hint}"
        )
    return value


def check_elements(elements: tuple[s.Element, ...]) -> tuple[Columns, Columns]:
    """Key and value columns of CREATE STREAM. Raises ``KsqlError``."""
    for element in elements:
        if element.role.startswith("HEADER"):
            raise Unsupported("a HEADERS column is")
        if element.role == "PRIMARY KEY":
            raise KsqlError(
                f"Column `{element.name}` is a 'PRIMARY KEY' column: please use 'KEY' for streams.\nTables have "
                "PRIMARY KEYs, which are unique and NON NULL.\nStreams have KEYs, which have no uniqueness or NON NULL "
                "constraints."
            )
        if element.name in _RESERVED:
            raise KsqlError(f"'{element.name}' is a reserved column name. You cannot use it as a name for a column.")
    names = [element.name for element in elements]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise KsqlError(f"Duplicate column names: {', '.join(f'`{name}`' for name in twice)}")
    keys = tuple((element.name, element.kind) for element in elements if element.role == "KEY")
    values = tuple((element.name, element.kind) for element in elements if not element.role)
    if not values and not keys:
        raise KsqlError("No columns supplied.")
    return keys, values
