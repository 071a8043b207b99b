"""Records as they lie in a topic, and which sensor one is about, in any of the shapes that students use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SENSOR_NAMES = ("sensorid", "sensor", "sensornr", "sensorno", "sensornumber", "sensorname", "deviceid", "device")
_TRAILING_DIGITS = re.compile(r"(\d+)\D*$")
_IN_TEXT = re.compile(r"sensor[\W_]*(?:id|nr|no|number)?[\W_]*(\d+)", re.IGNORECASE)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic. ``at`` is the monotonic time at which the grader saw it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at: float

    def key_text(self) -> str:
        """The key for people: text if it is printable, else its hexadecimal bytes; ``null`` if there is none."""
        return "null" if self.key is None else shown_bytes(self.key)

    def sensor(self) -> str | None:
        """See ``sensor_of``."""
        return sensor_of(self.key, self.value)


def shown_bytes(raw: bytes, longest: int = 200) -> str:
    """Bytes for people: text if printable UTF-8, else hexadecimal; cut at ``longest`` characters."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or not text.isprintable():
        text = "0x" + raw.hex()
    return text if len(text) <= longest else text[: longest - 1] + "…"


def sensor_of(key: bytes | None, value: bytes | None) -> str | None:
    """Which sensor the record is about, normalised (``3`` for 3, "3", "sensor_3", "Sensor-03"); None if it does
    not say. The value counts first, in whatever nesting (also JSON text inside JSON); then the key."""
    if value:
        found = _sensor_in_value(value)
        if found is not None:
            return found
    if key:
        return _sensor_in_key(key)
    return None


def _sensor_in_value(value: bytes) -> str | None:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    try:
        tree = json.loads(text)
    except ValueError:
        match = _IN_TEXT.search(text)
        return str(int(match.group(1))) if match else None
    candidates = dict(_sensor_leaves(tree, 0))
    for name in _SENSOR_NAMES:
        if name in candidates:
            return _normal(candidates[name])
    return None


def _sensor_leaves(tree: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(tree, str) and tree[:1] in "{[":
        try:
            tree = json.loads(tree)
        except ValueError:
            return
    if isinstance(tree, list):
        for item in tree:
            yield from _sensor_leaves(item, depth + 1)
    elif isinstance(tree, dict):
        for name, leaf in tree.items():
            plain = re.sub(r"[\W_]", "", str(name)).lower()
            if isinstance(leaf, dict) and plain in ("sensor", "device") and "id" in {str(k).lower() for k in leaf}:
                yield "sensorid", next(v for k, v in leaf.items() if str(k).lower() == "id")
            if isinstance(leaf, (str, int, float)) and not isinstance(leaf, bool) and plain in _SENSOR_NAMES:
                yield plain, leaf
            yield from _sensor_leaves(leaf, depth + 1)


def _sensor_in_key(key: bytes) -> str | None:
    try:
        text = key.decode()
        if text.isprintable():
            return _normal(text)
    except UnicodeDecodeError:
        pass
    return str(int.from_bytes(key, "big")) if len(key) in (1, 2, 4, 8) else None


def _normal(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    match = _TRAILING_DIGITS.search(text)
    return str(int(match.group(1))) if match and len(match.group(1)) < 10 else text
