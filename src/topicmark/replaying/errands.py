"""The reader's hands: runs commands in the sandbox, one after the other, in one shell's folder and variables.

Started as ``python3 errands.py MARK``; standard library only. Reads orders, each the URL-safe base64 of JSON
(``number``, ``text``, ``folder`` or null, ``within_s``; or ``{}`` to ask which of those that went on have ended) in
lines, all but its last with a ``+`` at the end. Answers each line by one: ``MARK {…}`` with ``number``, ``code`` (null
while it runs), ``output`` (its end), ``later`` (those that ended since); ``{}`` for a line that is not an order's last.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
from typing import Any

KEPT_BYTES = 12_000
MOST_AT_ONCE = 8
_SHELL = """\
[ ! -f "$1/variables" ] || . "$1/variables"
trap 'pwd >"$2/folder"; export -p >"$2/variables"' EXIT
eval "$3"
"""


class Errand:
    """A command that was started. What it prints is read as long as it runs, and its end is kept."""

    def __init__(self, text: str, folder: str, before: str) -> None:
        self.state = tempfile.mkdtemp(prefix="replay-")
        self._said = bytearray()
        shell = shutil.which("bash") or "/bin/sh"
        self.process = subprocess.Popen(
            [shell, "-c", _SHELL, "reader", before, self.state, text],
            cwd=folder,
            stdin=subprocess.PIPE,  # nobody types: what asks for input waits, as it would for the reader
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 1 << 16):
            self._said += data
            del self._said[:-KEPT_BYTES]

    def wait(self, within_s: float) -> int | None:
        """Its exit code, None if it still runs."""
        try:
            code = self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            return None
        self._reader.join(0.5)  # what it left in the background may hold the pipe open
        return code if code >= 0 else 128 - code

    def end(self) -> None:
        """Stop it, with what it started."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return
            if self.wait(2.0) is not None:
                return

    @property
    def output(self) -> str:
        return self._said.decode("utf-8", "replace")


class Reader:
    """Who follows the text: stands in a folder, has variables, and leaves what does not end running."""

    def __init__(self) -> None:
        self.tree = os.getcwd()  # noqa: PTH109
        self._folder = self.tree
        self._state = tempfile.mkdtemp(prefix="replay-")
        self._running: dict[int, Errand] = {}

    def run(self, number: int, text: str, folder: str | None, within_s: float) -> dict[str, Any]:
        """Carry out one command."""
        at = self._folder if folder is None else os.path.join(self.tree, folder)  # noqa: PTH118
        try:
            errand = Errand(text, at, self._state)
        except OSError as error:
            return {"number": number, "code": 126, "output": f"topicmark-replay: {error}"}
        code = errand.wait(within_s)
        if code is None:
            self._leave(number, errand)
        else:
            self._adopt(errand)
        return {"number": number, "code": code, "output": errand.output}

    def _leave(self, number: int, errand: Errand) -> None:
        self._running[number] = errand
        if len(self._running) > MOST_AT_ONCE:
            self._running.pop(min(self._running)).end()

    def _adopt(self, errand: Errand) -> None:
        """Go on where a command that has ended left the shell."""
        try:
            with open(f"{errand.state}/folder", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
                self._folder = file.read().rstrip("\n")
            if os.path.exists(f"{errand.state}/variables"):  # noqa: PTH110
                self._state = errand.state
        except OSError:
            return  # it replaced or killed its shell: the reader stays where they were

    def later(self) -> list[dict[str, Any]]:
        """Of the commands that went on, those that ended by themselves."""
        ended = []
        for number, errand in list(self._running.items()):
            code = errand.wait(0.0)
            if code is not None:
                ended.append({"number": number, "code": code, "output": errand.output})
                del self._running[number]
        return ended


def main() -> None:
    mark = sys.argv[1]
    settings = termios.tcgetattr(0)
    settings[3] &= ~(termios.ICANON | termios.ECHO)  # what is typed is not to be shown
    termios.tcsetattr(0, termios.TCSANOW, settings)
    reader = Reader()
    say(mark, {"ready": True})
    order_so_far = ""
    for line in sys.stdin:
        order_so_far += line.strip().removesuffix("+")
        if line.strip().endswith("+"):
            say(mark, {})
            continue
        order, order_so_far = json.loads(base64.urlsafe_b64decode(order_so_far)), ""
        answer = reader.run(**order) if order else {"later": reader.later()}
        say(mark, answer)


def say(mark: str, answer: dict[str, Any]) -> None:
    sys.stdout.write(f"{mark} {json.dumps(answer)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
