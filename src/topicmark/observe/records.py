"""Records as they lie in a topic, and which sensor one is about, in any of the shapes that students use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SENSOR_NAMES = ("sensorid", "sensor", "sensornr", "sensorno", "sensornumber", "sensorname", "deviceid", "device")
_TRAILING_DIGITS = re.compile(r"(\d+)\D*$")
_POINT_ZERO = re.compile(r"(?<=\d)\.0+$")
_IN_TEXT = re.compile(  # repetitions are bounded: a hostile value must not make the search slow
    r"sensor[\W_]{0,20}(?:id|nr|no|number)?[\W_]{0,20}(\d{1,20})(?!\d)", re.IGNORECASE
)
_DEEPEST = 8
_LONGEST_ID = 100


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
    """Which sensor the record is about, normalised (``3`` for 3, "3", "3.0", "sensor_3", "Sensor-03"); None if it does
    not say. At most 100 characters. The value counts first, in whatever nesting (also JSON text inside JSON); then
    the key."""
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
    candidates = dict(_sensor_leaves(_tree(text), 0))
    for name in _SENSOR_NAMES:
        if name in candidates:
            return _normal(candidates[name])
    match = _IN_TEXT.search(text)  # no JSON, or a repr inside JSON
    return str(int(match.group(1))) if match else None


def _tree(text: str) -> Any:
    """The JSON in a text; None if it is none, or nested too deeply to be read."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _sensor_leaves(tree: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(tree, str) and tree[:1] in "{[":
        tree = _tree(tree)
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
    text = str(value).strip()[:_LONGEST_ID].encode(errors="replace").decode()  # JSON can hold half a character
    text = _POINT_ZERO.sub("", text)
    match = _TRAILING_DIGITS.search(text)
    return str(int(match.group(1))) if match and len(match.group(1)) < 10 else text
