"""Producers that belong together: ``producer1.py`` to ``producer6.py``, ``producer_a.py``, ``sensor2/producer.py``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

MAX_MEMBERS = 12
_WORDS = "one|two|three|four|five|six|en|to|tre|fire|fem|seks|eins|zwei|drei|vier|fünf|sechs"
_VERSIONS = re.compile(
    r"(?:^|[_\W])(?:v|ver|version|old|new|backup|copy|kopi|kopie|try|draft|final)[_-]?\d*(?:$|[_\W])|\(\d+\)| \d+$"
)
_SENSOR_FOLDER = re.compile(r"(?:sensor|source|producer|datasource)[_-]?(?:\d+|[a-z])", re.IGNORECASE)


def family(paths: Sequence[str]) -> list[str]:
    """The largest set of at least two files whose names differ in a number, a letter or a number word only."""
    kin: dict[str, list[str]] = {}
    for path in paths:
        for key in _keys(path):
            kin.setdefault(key, []).append(path)
    best = max(kin.values(), key=len, default=[])
    return sorted(best, key=_natural) if 2 <= len(best) <= MAX_MEMBERS else []


def _keys(path: str) -> list[str]:
    """What a file would share with its kin; empty if its name carries no such mark."""
    pure = PurePosixPath(path)
    stem, folder = pure.stem.lower(), str(pure.parent)
    if _VERSIONS.search(stem):
        return []
    keys: list[str] = []
    numbered = re.sub(r"\d+", "#", stem)
    if numbered != stem:
        keys.append(f"{folder}/{numbered}")
    lettered = re.fullmatch(r"(.*?producer(?:.*?sensor)?)[_-]?([a-f]|" + _WORDS + r")", stem) or re.fullmatch(
        r"(sensor)[_-]?([a-f]|" + _WORDS + r")([_-]?.*producer.*)", stem
    )
    if lettered:
        keys.append(f"{folder}/{lettered[1]}@{lettered[3] if len(lettered.groups()) > 2 else ''}")
    if _SENSOR_FOLDER.fullmatch(pure.parent.name):
        keys.append(f"{pure.parent.parent}/*/{stem}")
    return keys


def _natural(path: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path.lower())[:40]]
