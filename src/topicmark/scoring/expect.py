"""What a test says about a value that it already holds. Never waits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_SHOWN = 300


class Unmet(AssertionError):
    """The student's work is not as expected. ``points`` are those that are left (0 unless the task has parts)."""

    def __init__(self, expected: str, observed: str, *, points: int = 0, evidence: Mapping[str, Any] | None = None):
        super().__init__(f"expected {expected}; seen: {observed}")
        self.expected = expected
        self.observed = observed
        self.points = points
        self.evidence = dict(evidence or {})


class Blocked(Exception):
    """Nothing to judge, because the work of another task is missing."""

    def __init__(self, needs: str, why: str) -> None:
        super().__init__(f"{needs}: {why}")
        self.needs = needs
        self.why = why


class NotJudged(Exception):
    """This backend or mode cannot judge the task; it leaves the denominator."""


class Expectation(Generic[T]):
    """``expect(value).to_…(…, what)``: raises ``Unmet`` naming ``what`` and what was seen instead."""

    def __init__(self, value: T, seen: str | None = None) -> None:
        self._value = value
        self._seen = seen

    def _judge(self, holds: bool, what: str) -> None:
        if not holds:
            raise Unmet(what, self._seen if self._seen is not None else describe(self._value))

    def to_be(self, wanted: object, what: str) -> None:
        """Equal (as numbers, texts, collections are)."""
        self._judge(self._value == wanted, what)

    def to_be_true(self, what: str) -> None:
        self._judge(bool(self._value), what)

    def to_be_empty(self, what: str) -> None:
        self._judge(isinstance(self._value, Collection) and len(self._value) == 0, what)

    def to_satisfy(self, holds: Callable[[T], bool], what: str) -> None:
        self._judge(holds(self._value), what)


def expect(value: T, seen: str | None = None) -> Expectation[T]:
    """Begin an expectation about ``value``; ``seen`` says it in words a student understands (default: the value)."""
    return Expectation(value, seen)


def describe(value: object) -> str:
    """A value for people, short."""
    if value is None:
        return "nothing"
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=repr)
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class Parts:
    """Points that are given in parts, where the task's table says so."""

    def __init__(self) -> None:
        self.points = 0
        self._unmet: list[Unmet] = []

    @contextmanager
    def worth(self, points: int) -> Iterator[None]:
        """The points of one part, earned if nothing in the block is unmet."""
        try:
            yield
        except Unmet as unmet:
            self._unmet.append(unmet)
        else:
            self.points += points

    def each(self, points: int, items: Iterable[T], judge: Callable[[T], None]) -> None:
        """``points`` for each of the items of which ``judge`` finds nothing unmet."""
        for item in items:
            with self.worth(points):
                judge(item)

    def settle(self) -> None:
        """Raise ``Unmet`` with the points earned if a part is missing."""
        if self._unmet:
            raise Unmet(
                "; ".join(unmet.expected for unmet in self._unmet),
                "; ".join(unmet.observed for unmet in self._unmet),
                points=self.points,
            )
