"""``--watch``: one run to begin with, one for each save, none for what a run itself writes."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from topicmark.model import UsageError
from topicmark.waiting import eventually, holds_for
from topicmark.watch import regrade


def test_a_save_is_graded_and_results_are_not(tmp_path: Path) -> None:
    submission, log = tmp_path / "mine", tmp_path / "log"
    out = submission / "topicmark-out"
    out.mkdir(parents=True)
    program = submission / "consumer.py"
    program.write_text("1")
    noting = f"open({str(log)!r}, 'a').write(open({str(program)!r}).read()); open({str(out / 'r')!r}, 'w').write('x')"

    def graded() -> str:
        return log.read_text() if log.exists() else ""

    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(regrade, [sys.executable, "-c", noting], submission, out, until=stop)
        try:
            eventually(graded, lambda text: text == "1", within=20, describe="the first run")
            program.write_text("2")
            eventually(graded, lambda text: text == "12", within=20, describe="a run for the save")
            assert holds_for(graded, lambda text: text == "12", seconds=1.5) == (True, "12")
        finally:
            stop.set()
        assert watching.result(timeout=20) == 0


def test_an_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "mine.zip"
    archive.write_bytes(b"")
    with pytest.raises(UsageError, match="looks at a folder"):
        regrade(["true"], archive, tmp_path)
