"""A console that tests run: answers as Redpanda Console 2.7 does, as far as the grader asks it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def console(
    brokers: Mapping[int, str], topics: list[str], *, kafka_ok: bool = True, answers: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """Its URL. ``brokers`` are hosts by id; ``answers`` take the place of what it says at a path;
    a pair has the status in front."""
    says: dict[str, tuple[int, Any]] = {
        "/admin/health": (200, {"isHttpOk": True}),
        "/admin/startup": (200 if kafka_ok else 503, {"isHttpOk": True, "isKafkaOk": kafka_ok}),
        "/api/brokers": (200, {"brokers": [{"brokerId": number, "address": host} for number, host in brokers.items()]}),
        "/api/topics": (200, {"topics": [{"topicName": name, "isInternal": False} for name in topics]}),
        **{path: said if isinstance(said, tuple) else (200, said) for path, said in (answers or {}).items()},
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, said = says.get(self.path, (404, {"message": "not found"}))
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing to be said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
