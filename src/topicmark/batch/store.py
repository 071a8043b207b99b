"""``OUT``: all that a batch knows of what was done before. A folder for each hand-in, its files whole or not there.

``hand-in.json`` says what is graded there and how, and is written before the run; the run writes ``results.json``. Both
together prove that a hand-in was graded, whatever was killed when.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from topicmark.batch.hand_ins import HandIn
from topicmark.model import RunResult, UsageError
from topicmark.reports import atomic, page, results_json
from topicmark.reports import files as files_of_a_run
from topicmark.reports.files import Places
from topicmark.syllabus import Syllabus
from topicmark.waiting import WaitExpired, eventually

CLAIM = "hand-in.json"
OUTPUT = "output.txt"
"""What the run printed."""
_LOCK = ".lock"
_ENDING_S = 10.0
"""What a batch that was killed had started ends itself in less."""


@dataclass(frozen=True, slots=True)
class Store:
    """``way`` tells apart how hand-ins are graded: results of another selection or another version do not count."""

    out: Path
    way: str
    syllabus: Syllabus

    def folder(self, name: str) -> Path:
        return self.out / name

    @contextlib.contextmanager
    def locked(self, *, shared: bool = False) -> Iterator[int]:
        """Nobody else writes here for the length of the block; ``shared``: but others that say so as well. Gives the
        lock's descriptor: processes that inherit it hold the lock as well until they end. Raises ``UsageError`` if
        another batch has it, or nothing can be written.
        """
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.out / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise UsageError(f"--out {self.out}: cannot be written to: {error.strerror}.") from None
        try:
            eventually(
                lambda: _taken(handle, shared=shared),
                bool,
                within=_ENDING_S,
                describe="the batch that has this folder",
                pause_s=0.1,
            )
            yield handle
        except WaitExpired:
            raise UsageError(f"--out {self.out}: another batch is at work here. Wait for it, or end it.") from None
        finally:
            os.close(handle)

    def kept(self, hand_in: HandIn) -> RunResult | None:
        """What an earlier batch found about this very hand-in, in this way; None if it was not graded to the end."""
        if not hand_in.digest:
            return None
        try:
            claim = json.loads((self.folder(hand_in.name) / CLAIM).read_bytes())
        except (OSError, ValueError):
            return None
        run = self.result(hand_in.name) if claim == self._claim(hand_in) else None
        return run if run is not None and run.could_be_graded else None

    def result(self, name: str) -> RunResult | None:
        """What the run for ``name`` has written, finished or not."""
        try:
            return results_json.from_json((self.folder(name) / results_json.FILE_NAME).read_bytes())
        except (OSError, results_json.ResultsError):
            return None

    def claim(self, hand_in: HandIn) -> None:
        """From here on, results in its folder are of this hand-in. Those of before are removed first."""
        folder = self.folder(hand_in.name)
        folder.mkdir(exist_ok=True)
        for old in (results_json.FILE_NAME, CLAIM, page.FILE_NAME):
            (folder / old).unlink(missing_ok=True)
        atomic.write(folder / CLAIM, json.dumps(self._claim(hand_in), indent=2).encode())

    def receive(self, name: str, files: Mapping[str, bytes], remarks: Sequence[str]) -> None:
        """What a run elsewhere has written; ``remarks`` on the hand-in are what that run could not know. Its results
        come last: they say that the rest is there. Raises ``ValueError`` for a name that leads out of the folder."""
        folder = self.folder(name)
        for path in sorted(files, key=lambda path: path == results_json.FILE_NAME):
            if Path(path).is_absolute() or ".." in Path(path).parts:
                raise ValueError(f"{path}: leads out of the folder of results")
            atomic.write(folder / path, files[path], durable=path == results_json.FILE_NAME)
        run = self.result(name) if remarks else None
        if run is not None and run.could_be_graded:
            (folder / page.FILE_NAME).unlink(missing_ok=True)  # made anew from what follows
            files_of_a_run.write(replace(run, remarks=(*run.remarks, *remarks)), Places(folder))

    def give(self, run: RunResult, twin: HandIn) -> RunResult:
        """The result of a hand-in as that of its ``twin``, with all reports, under the twin's own name."""
        own = replace(run, submission=twin.name)
        if self.kept(twin) != own:
            self.claim(twin)
        files_of_a_run.write(own, Places(self.folder(twin.name)))
        self.complete(twin.name, own)
        return own

    def complete(self, name: str, run: RunResult) -> None:
        """Make the page of a run that was killed just before it did."""
        path = self.folder(name) / page.FILE_NAME
        if not path.exists():
            sections, language = self.syllabus.sections, self.syllabus.language
            atomic.write(path, page.to_html(run, sections=sections, language=language))

    def _claim(self, hand_in: HandIn) -> dict[str, str]:
        return {"schema": "topicmark/hand-in/1", "digest": hand_in.digest, "way": self.way}


def _taken(handle: int, *, shared: bool) -> bool:
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
