"""Which records a program has shown, read from what it printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_CANDIDATE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])"
    r"|(?<![\d.])\d[\d,_]{6,10}(?!\d)"
)
_OVERLAP = 80


class Reader:
    """Follows one program's output. Not thread-safe; one reader has one owner.

    ``output_since`` is the program's: position → (new text, next position). ``tokens`` maps a token to the number
    of its record and may grow while this reads.
    """

    def __init__(self, output_since: Callable[[int], tuple[str, int]], tokens: Mapping[str, int]) -> None:
        self._output_since = output_since
        self._tokens = tokens
        self._position = 0
        self._rest = ""
        self._unknown: set[str] = set()
        self._seen: set[int] = set()

    def seen(self) -> set[int]:
        """Numbers of all records shown so far."""
        text, self._position = self._output_since(self._position)
        if text:
            text = self._rest + text.lower()
            self._rest = text[-_OVERLAP:]
            for match in _CANDIDATE.finditer(text):
                self._note(match.group())
        if self._unknown:
            for token in [token for token in self._unknown if token in self._tokens]:
                self._unknown.discard(token)
                self._seen.add(self._tokens[token])
        return set(self._seen)

    def _note(self, token: str) -> None:
        token = token.replace(",", "").replace("_", "") if "-" not in token else token
        number = self._tokens.get(token)
        if number is None:
            if len(self._unknown) < 100_000:
                self._unknown.add(token)
        else:
            self._seen.add(number)
