"""What happens while the lab starts and programs run.

One changing line on a terminal, one plain line per event elsewhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from topicmark.model import TaskResult
from topicmark.reports.grouping import lost_points
from topicmark.reports.text import one_line
from topicmark.reports.words import MARKS, in_ascii, points_text

_WIDTH = 80
_READY = frozenset({"ready", "up", "running"})


class Progress:
    """Shows progress on stderr. A context manager; safe to call from several threads.

    On a terminal one line with a spinner changes in place and is gone at the end. Elsewhere each call prints one
    line of at most 80 columns. ``live`` overrides what is found out about the terminal. While pytest captures file
    descriptors, pass a ``console`` on a duplicate of the real stderr.
    """

    def __init__(self, console: Console | None = None, *, live: bool | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._is_live = self._on_a_terminal() if live is None else live
        self._lock = threading.RLock()
        self._live: Live | None = None
        self._entered = False
        self._pauses = 0
        self._started_s = time.monotonic()
        self._what = ""
        self._services: dict[str, str] = {}
        self._results: list[TaskResult] = []
        self._spinner = Spinner("dots" if not self._console.options.ascii_only else "line")

    def __enter__(self) -> Self:
        with self._lock:
            self._entered = True
            self._started_s = time.monotonic()
            self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._entered = False
            self._stop()

    def step(self, text: str) -> None:
        """Say what is done now: "starting the lab"."""
        with self._lock:
            self._services.clear()
            self._show(text, f"  {one_line(text)}")

    def service(self, name: str, state: str) -> None:
        """Say what became of a service: ``starting``, ``ready``, ``died``. The same state twice is said once."""
        with self._lock:
            if self._services.get(name) == state:
                return
            self._services[name] = state
            self._show(None, f"  {one_line(name)}: {one_line(state)}")

    def task(self, id: str, title: str) -> None:  # noqa: A002 - the word of the model
        """Say which task is judged now."""
        with self._lock:
            self._services.clear()
            self._show(f"{id} {title}", f"  {one_line(id)} {one_line(title)}")

    def done(self, result: TaskResult) -> None:
        """Say how a task ended."""
        with self._lock:
            self._results.append(result)
            mark = MARKS[result.outcome]
            self._show(None, f"{mark} {one_line(result.id)} {points_text(result)}, {result.duration_s:.1f} s")

    def pause(self) -> None:
        """Take the changing line away until as many ``resume`` calls: somebody else prints."""
        with self._lock:
            self._pauses += 1
            self._stop()

    def resume(self) -> None:
        """Undo one ``pause``."""
        with self._lock:
            self._pauses = max(0, self._pauses - 1)
            self._start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """``pause`` and ``resume`` around a block."""
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def __rich__(self) -> RenderableType:
        """The changing line; rich asks for it at every refresh."""
        with self._lock:
            self._spinner.update(text=self._status())
            return self._spinner

    def _status(self) -> Text:
        width = min(_WIDTH, self._console.width) - 3
        lost = sum(task.max_points - task.points for task in lost_points(self._results))
        facts = [f"{len(self._results)} done"] if self._results else []
        facts += [f"lost {lost}"] if lost else []
        facts.append(f"{time.monotonic() - self._started_s:.0f} s")
        right = Text(f"  {' · '.join(facts)}", style="dim")
        left = Text(one_line(self._what))
        waiting = [f"{name} {state}" for name, state in self._services.items() if state not in _READY]
        ready = len(self._services) - len(waiting)
        if self._services:
            left.append(f"  {ready} of {len(self._services)} ready", style="green")
        if waiting:
            left.append(f"  {one_line(', '.join(waiting))}", style="dim")
        left.truncate(max(10, width - right.cell_len), overflow="ellipsis")
        line = Text.assemble(left, right)
        line.truncate(width)
        return self._printable(line)

    def _printable(self, line: Text) -> Text:
        return Text(in_ascii(line.plain)) if self._console.options.ascii_only else line

    def _show(self, what: str | None, plain: str) -> None:
        if what is not None:
            self._what = what
        if not self._is_live:
            line = Text(plain)
            line.truncate(_WIDTH, overflow="ellipsis")
            self._console.print(self._printable(line), soft_wrap=True)

    def _start(self) -> None:
        if self._is_live and self._entered and not self._pauses and self._live is None:
            self._live = Live(
                self,
                console=self._console,
                transient=True,
                refresh_per_second=8,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def _stop(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _on_a_terminal(self) -> bool:
        """A real one: FORCE_COLOR makes rich believe in terminals that are log files."""
        return self._console.is_interactive and self._console.file.isatty()
