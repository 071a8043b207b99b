"""Names and text of strangers: shown safely, read with a bound, decoded whatever the editor was."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

_SHOWN_CHARS = 160


def shown(name: str) -> str:
    """A name that can be put in a message: one line, no control characters, not endless."""
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in name)
    safe = safe.encode("utf-8", "backslashreplace").decode()
    return safe if len(safe) <= _SHOWN_CHARS else safe[: _SHOWN_CHARS - 1] + "…"


def read_bytes(path: Path, max_bytes: int) -> bytes | None:
    """The content of a regular file, ``None`` if it is longer than ``max_bytes``, or no regular file at all.

    Never follows a link and never waits for a FIFO. Raises ``OSError`` if the file cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > max_bytes:
            return None
        data = file.read(max_bytes + 1)
    return data if len(data) <= max_bytes else None


def decode(data: bytes) -> str:
    """Text of unknown origin: UTF-8 with or without a mark, UTF-16 with one (PowerShell), otherwise Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace").replace("\r\n", "\n")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean "workdir"?`` or nothing."""
    close = difflib.get_close_matches(word.lower(), list(known), 1, 0.6)
    return f'Did you mean "{close[0]}"?' if close else ""


def listed(names: Iterable[str], at_most: int = 4) -> str:
    """``a, b and 3 more``."""
    every = [shown(name) for name in names]
    if len(every) <= at_most:
        return ", ".join(every)
    return ", ".join(every[:at_most]) + f" and {len(every) - at_most} more"
