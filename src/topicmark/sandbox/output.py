"""What a program printed: a capped file, when each part of it arrived, and what was thrown away."""

from __future__ import annotations

import bisect
import os
import threading
import time
from pathlib import Path

_SAME_MOMENT_S = 0.01


class Output:
    """Written by one thread, read by any. Positions are byte offsets in ``path``."""

    def __init__(self, path: Path, cap_bytes: int) -> None:
        self.path = path
        self.dropped_bytes = 0
        self.fault = ""
        self._cap = cap_bytes
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._lock = threading.Lock()
        self._size = 0
        self._times: list[float] = []
        self._ends: list[int] = []

    @property
    def size(self) -> int:
        """Bytes kept."""
        return self._size

    @property
    def full(self) -> bool:
        """Whether further output is thrown away."""
        return self._size >= self._cap or bool(self.fault)

    def write(self, data: bytes) -> None:
        """Keep what fits under the cap and count the rest. A full disk sets ``fault`` instead of raising."""
        kept = data[: max(0, self._cap - self._size)] if not self.fault else b""
        written = 0
        try:
            while written < len(kept):
                written += os.write(self._fd, kept[written:])
        except OSError as error:
            self.fault = f"{self.path}: {error.strerror}"
        now = time.monotonic()
        with self._lock:
            self._size += written
            self.dropped_bytes += len(data) - written
            if not written:
                return
            if self._times and now - self._times[-1] < _SAME_MOMENT_S:
                self._ends[-1] = self._size
            else:
                self._times.append(now)
                self._ends.append(self._size)

    def close(self) -> None:
        """No more will be written."""
        os.close(self._fd)

    def read(self, position: int = 0) -> bytes:
        """What was kept from a position on."""
        end = self._size
        if position >= end:
            return b""
        with self.path.open("rb") as file:
            file.seek(position)
            return file.read(end - position)

    def arrived_at(self, position: int) -> float | None:
        """When the byte at ``position`` arrived, in ``time.monotonic()`` seconds, exact to 10 ms; None if not yet."""
        with self._lock:
            place = bisect.bisect_right(self._ends, position)
            return self._times[place] if place < len(self._times) else None


def whole_characters(data: bytes) -> int:
    """The length of ``data`` without an incomplete UTF-8 character at its end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        width = 4 if byte & 0xF8 == 0xF0 else 3 if byte & 0xF0 == 0xE0 else 2 if byte & 0xE0 == 0xC0 else 1
        return len(data) - back if width > back else len(data)
    return len(data)
