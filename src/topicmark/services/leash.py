"""Runs a program that knows nothing of us, and ends it when our end of standard input closes.

Runs alone (``python -I leash.py PROGRAM ARGUMENT…``), standard library only. Without it a program such as
``kubectl port-forward`` would outlive a grader that was killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

_GRACE_S = 2.0


def main() -> int:
    """The program's exit code; 128 and the signal if it was ended by one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which then closes our input
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, close_fds=False)  # what we were given is for it
    signal.signal(signal.SIGTERM, lambda *_: _end(program))
    if told:  # while it was being started
        _end(program)
    threading.Thread(target=_watch, args=(program,), daemon=True).start()
    code = program.wait()
    return code if code >= 0 else 128 - code


def _watch(program: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    _end(program)
    try:
        program.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        program.kill()


def _end(program: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        program.terminate()


if __name__ == "__main__":
    sys.exit(main())
