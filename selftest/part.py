"""A part of the tests that are marked ``divided``, for who has no hour: each run of CI takes the next one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

PART = "TOPICMARK_TEST_PART"
"""``2/12``: the second of twelve parts. Unset: all of them."""


def is_chosen(name: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the part that is asked for holds the test ``name``. Raises ``ValueError`` if the part is none."""
    told = environment.get(PART, "1/1")
    part, _, parts = told.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise ValueError(f"{PART}={told}: the first of twelve parts is 1/12")
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % int(parts) == int(part) - 1
