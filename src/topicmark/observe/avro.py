"""Avro's container files, as far as an import of a table writes them: records of nullable primitives.

After the specification of Avro 1.11 (Object Container Files, Binary Encoding).
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

MAGIC = b"Obj\x01"
_SYNC_BYTES = 16


class AvroProblem(ValueError):
    """A file that is none, or with something in it that no import writes."""


def records(content: bytes) -> Iterator[dict[str, Any]]:
    """The records of a container file, fields by name. Codecs ``null`` and ``deflate``. Raises ``AvroProblem``."""
    source = io.BytesIO(content)
    if source.read(len(MAGIC)) != MAGIC:
        raise AvroProblem("no Avro container file")
    meta = _map(source)
    try:
        schema = json.loads(meta["avro.schema"])
    except (KeyError, ValueError) as error:
        raise AvroProblem(f"no schema: {error}") from error
    codec = meta.get("avro.codec", b"null").decode()
    if codec not in ("null", "deflate"):
        raise AvroProblem(f"codec {codec}")
    source.read(_SYNC_BYTES)
    while source.tell() < len(content):
        count, block = _long(source), _bytes(source)
        source.read(_SYNC_BYTES)
        data = io.BytesIO(zlib.decompress(block, -15) if codec == "deflate" else block)
        for _ in range(count):
            yield {field["name"]: _value(data, field["type"]) for field in schema["fields"]}


def _value(source: io.BytesIO, schema: Any) -> Any:
    if isinstance(schema, list):
        return _value(source, schema[_long(source)])
    kind = schema["type"] if isinstance(schema, dict) else schema
    match kind:
        case "null":
            return None
        case "boolean":
            return source.read(1) == b"\x01"
        case "int" | "long":
            return _long(source)
        case "float":
            return struct.unpack("<f", source.read(4))[0]
        case "double":
            return struct.unpack("<d", source.read(8))[0]
        case "string":
            return _bytes(source).decode("utf-8", "replace")
        case "bytes":
            return _bytes(source)
    raise AvroProblem(f"type {kind!r}")


def _map(source: io.BytesIO) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    while count := _long(source):
        if count < 0:
            count = -count
            _long(source)  # the block's size in bytes
        for _ in range(count):
            key = _bytes(source).decode("utf-8", "replace")
            found[key] = _bytes(source)
    return found


def _bytes(source: io.BytesIO) -> bytes:
    size = _long(source)
    data = source.read(size) if size >= 0 else b""
    if size < 0 or len(data) != size:
        raise AvroProblem("it ends too early")
    return data


def _long(source: io.BytesIO) -> int:
    """A zig-zag number of variable length."""
    number = shift = 0
    while True:
        byte = source.read(1)
        if not byte or shift > 63:
            raise AvroProblem("it ends too early")
        number |= (byte[0] & 0x7F) << shift
        if not byte[0] & 0x80:
            return (number >> 1) ^ -(number & 1)
        shift += 7
