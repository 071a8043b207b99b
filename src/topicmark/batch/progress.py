"""How far a batch is: a line that changes in place on a terminal, a plain line for each hand-in elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from topicmark.batch.hand_ins import HandIn
from topicmark.batch.verdicts import State, Verdict
from topicmark.reports.text import clipped, one_line
from topicmark.reports.words import in_ascii, score_text

_LONGEST_NAME = 40
_MOST_NAMES = 4


class ClassProgress:
    """On stderr. A context manager; ``live`` overrides what is found out about the terminal."""

    def __init__(self, total: int, workers: int, console: Console | None = None, *, live: bool | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._total, self._workers = total, workers
        self._done = self._graded_now = 0
        self._running: dict[str, float] = {}
        self._began = time.monotonic()
        is_live = self._console.is_terminal if live is None else live
        self._live = Live(get_renderable=self._line, console=self._console, transient=True) if is_live else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def started(self, hand_in: HandIn) -> None:
        """A run for it has begun, for the first or the second time."""
        self._running[hand_in.name] = time.monotonic()

    def ended(self, verdict: Verdict) -> None:
        """It has a verdict."""
        self._done += 1
        self._running.pop(verdict.name, None)
        if verdict.kept or verdict.twin_of:
            return
        self._graded_now += 1
        told = score_text(verdict.run) if verdict.state is State.GRADED and verdict.run else ""
        self._say(f"{self.counted()} · {_short(verdict.name)}: {told or f'{verdict.state}: {verdict.reason}'}")

    def counted(self) -> str:
        """``12 of 300 done, 2 running, 286 left, about 35 min``."""
        left = self._total - self._done - len(self._running)
        told = f"{self._done} of {self._total} done, {len(self._running)} running, {left} left"
        return f"{told}, about {_minutes(estimate)}" if (estimate := self._left_s()) is not None else told

    def _left_s(self) -> float | None:
        """From what those of this batch took; None if there is nothing to go by, or nothing left."""
        if not self._graded_now or self._done == self._total:
            return None
        return (time.monotonic() - self._began) / self._graded_now * (self._total - self._done)

    def _line(self) -> Text:
        now = time.monotonic()
        longest = sorted(self._running.items(), key=lambda item: item[1])[:_MOST_NAMES]
        names = ", ".join(f"{_short(name)} {now - since:.0f} s" for name, since in longest)
        return Text(f"{self.counted()} · {names}", no_wrap=True, overflow="ellipsis")

    def _say(self, line: str) -> None:
        plain = one_line(line)
        self._console.print(Text(in_ascii(plain) if self._console.options.ascii_only else plain))


def _short(name: str) -> str:
    return clipped(one_line(name), _LONGEST_NAME)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
