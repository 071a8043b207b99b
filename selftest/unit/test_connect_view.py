"""Connect asked while its group rebalances, which its workers tell in several ways."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from topicmark.observe.connect import ConnectView, Refused

DUE = "Request cannot be completed because a rebalance is expected"


@contextmanager
def worker(*answers: tuple[int, object]) -> Iterator[ConnectView]:
    """A view on one that gives these answers in turn, then the last one for ever."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    view = ConnectView(f"http://127.0.0.1:{server.server_port}", patience_s=5.0)
    try:
        yield view
    finally:
        view.close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (500, DUE),
        (409, DUE),
        (
            409,
            "Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config",
        ),
    ],
)
def test_a_rebalance_is_waited_for(status: int, message: str) -> None:
    with worker((status, {"error_code": status, "message": message}), (200, ["hdfs-sink"])) as view:
        assert view.connectors() == ("hdfs-sink",)


@pytest.mark.parametrize(
    ("status", "message"), [(500, "Failed to find the leader"), (409, "Connector x already exists")]
)
def test_any_other_refusal_is_the_answer(status: int, message: str) -> None:
    with worker((status, {"error_code": status, "message": message}), (200, ["hdfs-sink"])) as view:
        assert view.connectors() == Refused(status, message)
