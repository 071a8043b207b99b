"""Progress: one line per event where nobody watches, one changing line on a terminal, silence while others print."""

from __future__ import annotations

import io
import threading

import pytest
from rich.cells import cell_len
from rich.console import Console

from topicmark.model import Outcome, TaskResult
from topicmark.reports.progress import Progress

PASSED = TaskResult("ex5.1", "ex5", "t", Outcome.PASSED, 4, 4, duration_s=1.24)
FAILED = TaskResult("ex5.4", "ex5", "t", Outcome.FAILED, 1, 4, duration_s=3.0)


def a_console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=80, force_terminal=terminal, _environ={"TERM": "xterm"}), file


def test_each_event_is_one_plain_line() -> None:
    console, file = a_console(terminal=False)
    with Progress(console) as progress:
        progress.step("starting the lab")
        progress.service("kafka", "starting")
        progress.service("kafka", "starting")
        progress.service("kafka", "ready")
        progress.task("ex5.1", "The consumer shows\n[bold]every[/] record " + "x" * 200)
        with progress.paused():
            file.write("pytest says something\n")
        progress.done(PASSED)
        progress.done(FAILED)
    lines = file.getvalue().splitlines()
    assert lines == [
        "  starting the lab",
        "  kafka: starting",
        "  kafka: ready",
        "  ex5.1 The consumer shows [bold]every[/] record xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"[:79] + "…",
        "pytest says something",
        "✓ ex5.1 4 of 4, 1.2 s",
        "✗ ex5.4 1 of 4, 3.0 s",
    ]
    assert max(cell_len(line) for line in lines) <= 80


def test_a_terminal_gets_one_line_that_is_gone_at_the_end() -> None:
    console, file = a_console(terminal=True)
    with Progress(console, live=True) as progress:
        progress.step("starting the lab")
        progress.service("kafka", "ready")
        progress.service("connect", "starting")
        status = progress._status()
        progress.task("ex5.4", "y" * 300)
        progress.done(PASSED)
        progress.done(FAILED)
        later = progress._status()
    assert status.plain == "starting the lab  1 of 2 ready  connect starting  0 s"
    assert later.plain.startswith("ex5.4 yyyy")
    assert later.plain.endswith("2 done · lost 3 · 0 s")
    assert later.cell_len <= 77
    assert "\n\n" not in file.getvalue()
    assert file.getvalue().endswith("\x1b[2K")  # the line is erased


def test_while_paused_nothing_is_written() -> None:
    console, file = a_console(terminal=True)
    with Progress(console, live=True) as progress, progress.paused():
        before = file.getvalue()
        with progress.paused():
            progress.step("a step")
        progress.task("ex5.1", "t")
        threading.Event().wait(0.3)
        assert file.getvalue() == before
        assert before.count("\x1b[?25l") == before.count("\x1b[?25h")  # the cursor is back


def test_the_cursor_comes_back_after_an_exception() -> None:
    console, file = a_console(terminal=True)
    with pytest.raises(KeyboardInterrupt), Progress(console, live=True):
        raise KeyboardInterrupt
    assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")


def test_resume_after_the_end_shows_nothing() -> None:
    console, file = a_console(terminal=True)
    progress = Progress(console, live=True)
    with progress:
        progress.pause()
    before = file.getvalue()
    progress.resume()
    assert file.getvalue() == before


def test_a_log_file_is_no_terminal_even_if_colours_are_forced() -> None:
    console, file = a_console(terminal=True)
    with Progress(console) as progress:
        progress.step("a step")
        threading.Event().wait(0.2)
    assert file.getvalue().count("\n") == 1
    assert "\x1b[?25l" not in file.getvalue()


def test_services_may_report_from_several_threads() -> None:
    console, file = a_console(terminal=False)
    with Progress(console) as progress:
        threads = [threading.Thread(target=progress.service, args=(f"s{n}", "ready")) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(file.getvalue().splitlines()) == sorted(f"  s{n}: ready" for n in range(20))


def test_a_terminal_without_unicode() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with Progress(Console(file=file, width=80, _environ={})) as progress:
        progress.step("é " + "x" * 100)
        progress.done(PASSED)
    file.flush()
