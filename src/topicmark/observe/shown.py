"""Which records a program has shown, read from what it printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])"
)
_READING = re.compile(  # seven digits, as forms.py makes them, in whatever stands around them: "3,1234567,421"
    r"(?<![\d.])(?:\d{7}(?!\d)|\d([,_])\d{3}\1\d{3}(?![,_]?\d))"
)
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4})")  # its digits belong to no number that follows
_JOINT = re.compile(r"['\"]\r?\n {1,40}b['\"]")  # where pprint breaks bytes
_OVERLAP = 400


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
            # The digit in front keeps the rest of a number that was cut from being taken for a number.
            self._rest = "0" + text[-_OVERLAP:] if len(text) > _OVERLAP else text
            plain = _ESCAPE.sub(" ", text)
            joined = _JOINT.sub("", plain)
            for version in {plain, joined}:
                self._scan(version)
        if self._unknown:
            for token in [token for token in self._unknown if token in self._tokens]:
                self._unknown.discard(token)
                self._seen.add(self._tokens[token])
        return set(self._seen)

    def _scan(self, text: str) -> None:
        for match in _UUID.finditer(text):
            self._note(match.group())
        for match in _READING.finditer(_UUID.sub(" ", text)):
            self._note(match.group().replace(",", "").replace("_", ""))

    def _note(self, token: str) -> None:
        number = self._tokens.get(token)
        if number is None:
            if len(self._unknown) < 100_000:
                self._unknown.add(token)
        else:
            self._seen.add(number)
