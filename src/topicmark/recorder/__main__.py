"""``python -m topicmark.recorder``: records one cluster. It ends with its owner, with the cluster, or when told."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil

from topicmark.recorder import ELSEWHERE, STARTED
from topicmark.recorder.tape import InUse, Tape
from topicmark.recorder.watching import OtherCluster, Watch


def main() -> None:
    parser = argparse.ArgumentParser(prog="topicmark.recorder", description=__doc__)
    parser.add_argument("--bootstrap", required=True, help="host:port,… [via proxy URL]")
    parser.add_argument("--cluster", required=True, help="its id; the recorder ends if another one is there")
    parser.add_argument("--tape", required=True, type=Path)
    parser.add_argument("--patience", type=float, default=60.0, metavar="S", help="end when nobody answered so long")
    parser.add_argument("--owner", nargs=2, metavar=("PID", "STARTED"), help="end with this process")
    given = parser.parse_args()
    owner = (int(given.owner[0]), float(given.owner[1])) if given.owner else None
    record(given.bootstrap, given.cluster, given.tape, patience_s=given.patience, still_wanted=alive(owner))


def record(bootstrap: str, cluster: str, path: Path, *, patience_s: float, still_wanted: Callable[[], bool]) -> None:
    """Record until there is an end. Says on standard output when it has begun."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    try:
        with Tape(path) as tape:
            tape.begun(cluster, bootstrap)
            _say(STARTED)
            Watch(bootstrap, cluster, tape, over, patience_s, still_wanted).run()
            _say("it is over")
    except InUse:
        _say(ELSEWHERE)
    except OtherCluster as error:
        _say(f"another cluster is there: {error}")


def alive(owner: tuple[int, float] | None) -> Callable[[], bool]:
    """Whether this process, which began so many seconds after the machine, still runs; True without owner."""
    if owner is None:
        return lambda: True
    pid, started_at = owner

    def runs() -> bool:
        try:
            process = psutil.Process(pid)
            began = process.create_time() - psutil.boot_time()
            return abs(began - started_at) < 0.05 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    return runs


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
