"""The bytes of a write-ahead log, read as the recording shows them and not as our own Java does."""

from __future__ import annotations

import struct

HEADER = b"WAL\0"


def decoded(log: bytes) -> tuple[bytes, list[tuple[str, str]]]:
    """Sync marker and records (key, value), sync markers in between left out. Raises ``AssertionError``."""
    assert log[:4] == HEADER, log[:4]
    marker, at = log[4:20], 20
    records = []
    while at < len(log):
        (length,) = struct.unpack_from(">i", log, at)
        if length == -1:
            assert log[at + 4 : at + 20] == marker
            at += 20
            continue
        (key_length,) = struct.unpack_from(">i", log, at + 4)
        body = log[at + 8 : at + 8 + length]
        assert len(body) == length
        records.append((_text(body[:key_length]), _text(body[key_length:])))
        at += 8 + length
    return marker, records


def _text(field: bytes) -> str:
    """Text behind its length, a variable-length integer of Hadoop's: one byte to 127, else a byte count and bytes."""
    if field[0] < 128:
        length, start = field[0], 1
    else:
        size = 256 - field[0] - 112
        length, start = int.from_bytes(field[1 : 1 + size], "big"), 1 + size
    assert len(field) == start + length, (field, length)
    return field[start:].decode()


def encoded(*records: tuple[str, str]) -> bytes:
    """A log with these records. Texts of at most 127 bytes."""
    body = b"".join(
        struct.pack(">ii", len(key) + len(value) + 2, len(key) + 1)
        + bytes([len(key)]) + key.encode() + bytes([len(value)]) + value.encode()
        for key, value in records
    )  # fmt: skip
    return HEADER + b"exactly sixteen." + body


def transaction(temporary: str, committed: str) -> tuple[tuple[str, str], ...]:
    """The three records of one commit."""
    return ("BEGIN", ""), (temporary, committed), ("END", "")
