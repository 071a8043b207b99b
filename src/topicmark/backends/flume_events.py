"""Runs a Flume agent inside the sandbox and hands it events, as its clients would.

Runs alone (``python events.py FEEDS AGENT…``), standard library only: it cannot be trusted more than the agent beside
it, and nothing that it prints is taken for proof. ``FEEDS`` is a JSON list of objects: ``kind`` (``http``, ``netcat``,
``tail``, ``spool``), ``host`` and ``port`` or ``path``, ``bodies`` (texts).
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

STARTS_S = 30.0
_ANSWERS_S = 10.0
_SAYS_OK_S = 5.0
_PAUSE_S = 0.1
_MARK = "events:"


def main() -> int:
    """The agent's exit code, once it has ended."""
    feeds = json.loads(sys.argv[1])
    for feed in feeds:
        _prepare(feed)
    agent = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
    for feed in feeds:
        threading.Thread(target=_feed, args=(feed,), daemon=True).start()
    code = agent.wait()
    _tell(f"the agent ended with code {code}")
    return code if code >= 0 else 128 - code


def _tell(text: str) -> None:
    sys.stdout.write(f"{_MARK} {text}\n")
    sys.stdout.flush()


def _prepare(feed: dict[str, object]) -> None:
    """What the agent expects to be there: the file that it follows, the folder that it watches."""
    path = pathlib.Path(str(feed.get("path", "")))
    with contextlib.suppress(OSError):
        if feed["kind"] == "tail":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        elif feed["kind"] == "spool":
            path.mkdir(parents=True, exist_ok=True)


def _feed(feed: dict[str, object]) -> None:
    bodies = [str(body) for body in feed["bodies"]]  # type: ignore[attr-defined]
    try:
        if feed["kind"] in ("http", "netcat"):
            host, port = str(feed["host"]), int(str(feed["port"]))
            if not _listens(host, port):
                _tell(f"nothing listens on {host}:{port} after {STARTS_S:.0f} s")
                return
            _post(host, port, bodies) if feed["kind"] == "http" else _say(host, port, bodies)
        else:
            _write(pathlib.Path(str(feed["path"])), str(feed["kind"]), bodies)
    except (OSError, http.client.HTTPException) as error:
        _tell(f"{feed['kind']}: {type(error).__name__}: {error}")


def _listens(host: str, port: int) -> bool:
    until = time.monotonic() + STARTS_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((host, port), _ANSWERS_S):
            return True
        threading.Event().wait(_PAUSE_S)
    return False


def _post(host: str, port: int, bodies: list[str]) -> None:
    """An event to a request; its key is in the header that the Kafka sink looks for."""
    for number, body in enumerate(bodies):
        headers = {"source": "topicmark", "key": f"key-{number}", "timestamp": str(int(time.time() * 1000))}
        text = json.dumps([{"headers": headers, "body": body}], ensure_ascii=False).encode()
        with contextlib.closing(http.client.HTTPConnection(host, port, timeout=_ANSWERS_S)) as there:
            there.request("POST", "/", text, {"Content-Type": "application/json; charset=UTF-8"})
            answer = there.getresponse()
            words = answer.read(400).decode("utf-8", "replace").strip()
        if answer.status != http.client.OK:
            _tell(f"POST to {host}:{port} is answered with {answer.status} {answer.reason} {words}")
            return
    _tell(f"{len(bodies)} events posted to {host}:{port}, each answered with 200")


def _say(host: str, port: int, bodies: list[str]) -> None:
    """An event to a line. Flume says OK to each, unless it is told not to; whoever hangs up before loses lines."""
    with socket.create_connection((host, port), _ANSWERS_S) as there:
        there.sendall("".join(f"{body}\n" for body in bodies).encode())
        there.settimeout(_SAYS_OK_S)
        lines = 0
        with contextlib.suppress(OSError):
            while lines < len(bodies) and (answer := there.recv(4096)):
                lines += answer.count(b"\n")
    _tell(f"{len(bodies)} lines sent to {host}:{port}")


def _write(path: pathlib.Path, kind: str, bodies: list[str]) -> None:
    text = "".join(f"{body}\n" for body in bodies)
    if kind == "spool":
        hidden = path / ".events.part"
        hidden.write_text(text, encoding="utf-8")
        hidden.rename(path / f"events-{os.getpid()}.txt")
    else:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    _tell(f"{len(bodies)} lines written to {path}")


if __name__ == "__main__":
    sys.exit(main())
