"""What is handed to a Flume agent's sources, and what is said of one that takes nothing; the feeder itself."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fixtures.agent import Delivery, _feeds, _topics
from topicmark.backends import flume_events
from topicmark.scoring import NotJudged, Unmet
from topicmark.submission import FlumeAgent
from topicmark.submission.flume import parse

SINK = "a.sinks.k.type = org.apache.flume.sink.kafka.KafkaSink\n"


def agent(source: str, sink: str = SINK) -> FlumeAgent:
    lines = "".join(f"a.sources.s.{line}\n" for line in source.split("; "))
    found = parse(f"a.sources = s\na.channels = c\na.sinks = k\n{lines}{sink}", "flume.conf")
    assert isinstance(found, FlumeAgent), found
    return found


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("type = http; port = 12345", {"kind": "http", "host": "127.0.0.1", "port": 12345}),
        ("type = HTTP; bind = 0.0.0.0; port = 1", {"kind": "http", "host": "127.0.0.1", "port": 1}),
        (
            "type = org.apache.flume.source.http.HTTPSource; port = 5; bind = x",
            {"kind": "http", "host": "x", "port": 5},
        ),
        ("type = netcat; bind = localhost; port = 6", {"kind": "netcat", "host": "localhost", "port": 6}),
        ("type = spooldir; spoolDir = /tmp/in", {"kind": "spool", "path": "/tmp/in"}),
        ("type = exec; command = tail -F logs/app.log", {"kind": "tail", "path": "logs/app.log"}),
        ("type = exec; command = /usr/bin/tail -n 5 --follow=name x", {"kind": "tail", "path": "x"}),
    ],
)
def test_a_source_that_takes_events_gets_some(source: str, wanted: dict[str, object]) -> None:
    (feed,) = _feeds(agent(source))
    assert len(set(feed.pop("bodies"))) == 7
    assert feed == {"source": "s", **wanted}


def test_bodies_for_sources_that_read_lines_are_lines() -> None:
    (http,), (lines,) = (_feeds(agent(f"type = {kind}; port = 5")) for kind in ("http", "netcat"))
    assert any(body != body.strip() for body in http["bodies"])
    assert all(body == body.strip() and "\n" not in body and len(body) < 512 for body in lines["bodies"])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("type = seq", "the sources of a are seq"),
        ("channels = c", "none of a known type"),
        ("type = exec; command = ping kafka", "the sources of a are exec"),
        ("type = http", "http source s has the port ''"),
        ("type = netcat; port = 70000", "netcat source s has the port '70000'"),
    ],
)
def test_a_source_that_takes_nothing_is_the_student_s(source: str, told: str) -> None:
    with pytest.raises(Unmet) as unmet:
        _feeds(agent(source))
    assert told in unmet.value.observed


@pytest.mark.parametrize(
    "source",
    [
        "type = avro; port = 5",
        "type = TAILDIR",
        "type = syslogtcp; port = 5",
        "type = org.apache.flume.source.kafka.KafkaSource",
        "type = http; port = 5; ssl = true",
        "type = http; port = 5; handler = org.apache.flume.sink.solr.morphline.BlobHandler",
    ],
)
def test_what_cannot_be_fed_is_not_judged(source: str) -> None:
    with pytest.raises(NotJudged):
        _feeds(agent(source))


@pytest.mark.parametrize(
    ("sink", "told"),
    [("a.sinks.k.type = logger\n", "logger"), (f"{SINK}a.sinks.k.kafka.topic = flume logs\n", "'flume logs'")],
)
def test_a_sink_that_leads_to_no_topic_is_told(sink: str, told: str) -> None:
    with pytest.raises(Unmet) as unmet:
        _topics(agent("type = http", sink))
    assert told in unmet.value.observed


def test_what_arrived_is_compared_byte_for_byte() -> None:
    delivery = Delivery(["t"], {"s": ["one ", "två"]}, [b"one", "två".encode(), b"foreign"], "said")
    assert delivery.missing() == ["one "]
    assert delivery.missing_told() == "1 of 2 events in t; a record there is b'one'. said"


class _Answering(BaseHTTPRequestHandler):
    status, got = 200, []  # type: ignore[var-annotated]

    def do_POST(self) -> None:
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def fed(*feeds: dict[str, object], agent_does: str = "pass") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", flume_events.__file__, json.dumps(feeds), sys.executable, "-c", agent_does],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("status", "told"), [(200, "2 events posted"), (503, "is answered with 503")])
def test_events_are_posted_one_by_one(status: int, told: str) -> None:
    handler = type("Handler", (_Answering,), {"status": status, "got": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        feed = {"kind": "http", "host": "127.0.0.1", "port": server.server_port, "bodies": ["ö", "b"]}
        done = fed(feed, agent_does="import threading; threading.Event().wait(3)")
        server.shutdown()
    assert told in done.stdout
    assert [events[0]["body"] for events in handler.got] == (["ö", "b"] if status == 200 else ["ö"])  # type: ignore[attr-defined]
    assert {"key", "source", "timestamp"} <= set(handler.got[0][0]["headers"])  # type: ignore[attr-defined]


def test_lines_are_sent_and_written(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        got: list[bytes] = []

        def answer() -> None:
            for _ in range(2):  # the first connection only looks whether somebody listens
                there, _address = server.accept()
                with there:
                    while data := there.recv(4096):
                        got.append(data)
                        there.sendall(b"OK\n" * data.count(b"\n"))

        threading.Thread(target=answer, daemon=True).start()
        port = server.getsockname()[1]
        done = fed(
            {"kind": "netcat", "host": "127.0.0.1", "port": port, "bodies": ["a", "b"]},
            {"kind": "tail", "path": str(tmp_path / "logs" / "app.log"), "bodies": ["c", "d"]},
            {"kind": "spool", "path": str(tmp_path / "in"), "bodies": ["e"]},
            agent_does="import threading; threading.Event().wait(2)",
        )
    assert b"".join(got) == b"a\nb\n"
    assert (tmp_path / "logs" / "app.log").read_text() == "c\nd\n"
    assert [path.read_text() for path in (tmp_path / "in").iterdir()] == ["e\n"]
    assert done.stdout.count("events: ") == 4


def test_an_agent_that_ends_is_told_by_its_code() -> None:
    done = fed({"kind": "http", "host": "127.0.0.1", "port": 1, "bodies": ["a"]}, agent_does="raise SystemExit(3)")
    assert done.returncode == 3
    assert "events: the agent ended with code 3" in done.stdout
