"""Forms that are learnt from a few values, and what is looked for in forged ones."""

from __future__ import annotations

import json
import re
import uuid

from topicmark.observe.forms import Forged, Form, learn
from topicmark.observe.records import Record

UUID = "906f764e-0f3b-4517-aed7-3b646081f6fb"
OTHER_UUID = "0b0e4a52-0a43-4f0e-8f0c-4f6f3c1d2e3f"
ISO = "2023-09-16T22:09:33.122458+00:00"
EPOCH = 1694902173.122458
READING = re.compile(r"[1-9]\d{6}")


def form(*values: bytes | str | dict[str, object], key: bytes | None = b"3") -> Form:
    """Learnt from records of one sensor with these values, in this order."""
    raw = [v if isinstance(v, bytes) else v.encode() if isinstance(v, str) else json.dumps(v).encode() for v in values]
    return learn([Record(0, at, key, value, float(at)) for at, value in enumerate(raw)], "test")


def forged_json(*values: dict[str, object]) -> tuple[dict[str, object], Forged]:
    forged = form(*values).forge(0)
    tree = json.loads(forged.value)
    assert isinstance(tree, dict)
    return tree, forged


def is_new_uuid(text: object, old: str = UUID) -> bool:
    return isinstance(text, str) and str(uuid.UUID(text)) == text.lower() and text.lower() != old


def is_reading(number: object) -> bool:
    return isinstance(number, int) and READING.fullmatch(str(number)) is not None
