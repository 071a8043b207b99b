"""A program's own log and its process's output, of which only what was written since the last start counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_TAIL_BYTES = 8192
_MOST_BYTES = 1 << 20


class StartLog(Protocol):
    """A log of which only what was written since the last start counts."""

    def since_start(self) -> str:
        """What the program logged since it was started, a line ``HH:mm:ss.SSS LEVEL logger: message`` for each."""
        ...

    def tail(self) -> str:
        """The last lines, for a report."""
        ...


@dataclass(slots=True)
class ProgramLog:
    """``main`` is written by the program's logger, ``output`` by the process itself; they may be one file."""

    main: Path
    output: Path
    from_bytes: int = 0
    """Where in ``main`` the last start begins."""

    def begin(self) -> None:
        """Count from here on."""
        self.from_bytes = size_bytes(self.main)

    def since_start(self) -> str:
        """What the program logged since it was started, at most its first megabyte."""
        start = self.from_bytes if size_bytes(self.main) >= self.from_bytes else 0  # it was rolled over
        return _read(self.main, start, _MOST_BYTES)

    def tail(self) -> str:
        """The last lines of both."""
        files = dict.fromkeys((self.main, self.output))
        texts = (_read(file, max(0, size_bytes(file) - _TAIL_BYTES), _TAIL_BYTES) for file in files)
        return "\n".join(text for text in texts if text)


def _read(file: Path, start: int, most_bytes: int) -> str:
    try:
        with file.open("rb") as source:
            source.seek(start)
            return source.read(most_bytes).decode(errors="replace")
    except OSError:
        return ""


def size_bytes(file: Path) -> int:
    """0 if it is not there."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
