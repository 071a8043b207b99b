"""The embedded ksqlDB gives the answers that the real 7.3.1 gave, request by request, on a real broker."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest
import requests
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from selftest.recorded import Exchange, comparable, difference, exchanges, ingestion
from topicmark.provision.toolchain import ensure
from topicmark.services.kafka import KafkaCluster, KafkaSpec, NodeSpec
from topicmark.services.ksqldb import KSQLDB_HOST, KsqlDb
from topicmark.services.subnet import claim
from topicmark.waiting import Deadline, eventually

READY_S = 90
CUT_S = 2.0
_BEYOND = {
    "ksql-3-errors.txt-5": "AVRO is refused, not looked up in a schema registry",
}  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Replayed:
    """A server that has been asked the requests of the recordings up to some point, in order."""

    def __init__(self, url: str, bootstrap: str) -> None:
        self.url = url
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
        self._fed = iter(ingestion())
        self._admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        self._admin.create_topics(
            [NewTopic(name, parts, 1) for name, parts in
             (("INGESTION", 3), ("_connect-configs", 1), ("_connect-offsets", 3), ("_connect-status", 1))]
        )  # fmt: skip
        self.feed(20)

    def feed(self, count: int) -> None:
        for _ in range(count):
            fed = next(self._fed)
            self._producer.send("INGESTION", fed.value, fed.key, partition=fed.partition)
        self._producer.flush(20)

    def ask(self, exchange: Exchange) -> requests.Response:
        return requests.request(
            exchange.method,
            self.url + exchange.path,
            headers={"Accept": "*/*", **exchange.headers},
            data=exchange.data.encode() if exchange.data is not None else None,
            allow_redirects=False,
            timeout=CUT_S if exchange.cut else 10,
            stream=True,
        )

    def rows(self, stream: str) -> int:
        answer = requests.post(f"{self.url}/query", data=json.dumps({"ksql": f"SELECT * FROM {stream};"}), timeout=30)
        return len(answer.text.splitlines()) - 1

    def close(self) -> None:
        self._producer.close()
        self._admin.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Replayed]:
    ensure(["kafka"])
    folder = tmp_path_factory.mktemp("recordings")
    with claim() as subnet:
        one = {"offsets.topic.replication.factor": "1"}
        cluster = KafkaCluster(
            KafkaSpec(subnet.prefix, nodes=(NodeSpec(0),), properties=one), folder / "kafka", marker="selftest"
        )
        ksqldb = KsqlDb(cluster.bootstrap, subnet.address(KSQLDB_HOST), folder / "ksqldb", marker="selftest")
        try:
            cluster.start()
            cluster.await_ready(READY_S)
            ksqldb.start()
            ksqldb.await_ready(READY_S)
            replayed = Replayed(ksqldb.url, cluster.bootstrap)
            yield replayed
            replayed.close()
        finally:
            ksqldb.stop()
            cluster.stop()


def cases() -> list[Exchange]:
    found = [*exchanges("ksql-1-ddl.txt"), *exchanges("ksql-2-queries.txt"), *exchanges("ksql-3-errors.txt")]
    return [exchange for exchange in found if not exchange.http2]


def set_up(server: Replayed, exchange: Exchange) -> None:
    """What was done to the recorded server between two requests."""
    if exchange.name == "ksql-1-ddl.txt-10":
        server.feed(10)
    if exchange.name == "ksql-1-ddl.txt-17":
        eventually(lambda: server.rows("SENSOR_ID_6"), lambda rows: rows == 5, within=30, describe="the old records")
    if exchange.name == "ksql-2-queries.txt-0":
        server.feed(12)
        eventually(lambda: server.rows("SENSOR_ID_6"), lambda rows: rows == 7, within=30, describe="the new records")
        eventually(lambda: server.rows("SENSOR_ID_1"), lambda rows: rows == 2, within=30, describe="the new records")


def read(response: requests.Response, *, cut: bool) -> str:
    if not cut:
        return response.content.decode()
    data, deadline = b"", Deadline.after(CUT_S)
    with contextlib.suppress(requests.RequestException):  # the read runs out: nothing more is sent
        for chunk in response.iter_content(None):
            data += chunk
            if deadline.passed:
                break
    response.close()
    return data.decode()


def test_every_answer_is_as_recorded(server):
    """One test: each request finds the server as the ones before it left it."""
    found = [(exchange, _difference(server, exchange)) for exchange in cases()]
    assert len(found) > 100
    assert not [f"{exchange.name}: {problem}" for exchange, problem in found if problem]


def _difference(server: Replayed, exchange: Exchange) -> str | None:
    set_up(server, exchange)
    response = server.ask(exchange)
    body = read(response, cut=exchange.cut)
    if exchange.name in _BEYOND:
        return None if "not supported by the embedded ksqlDB" in body else f"was not refused: {body}"
    if response.status_code != exchange.status:
        return f"status {response.status_code}, expected {exchange.status}: {body}"
    for name in ("content-type", "location", "transfer-encoding"):
        seen, expected = response.headers.get(name, "").lower(), exchange.answer_headers.get(name, "").lower()
        if seen != expected:
            return f"{name} is {seen!r}, expected {expected!r}"
    rows = exchange.path in ("/query", "/query-stream") and exchange.status == 200
    recorded, answered = comparable(exchange.body, lines=rows), comparable(body, lines=rows)
    if rows and "LIMIT" in (exchange.data or "") and isinstance(recorded, list):
        # which rows come first is open: their number and form are not
        recorded, answered = [_form(line) for line in recorded], [_form(line) for line in answered]
    return difference(recorded, answered)


def _form(line: str) -> str:
    """A row without its values, a line of PRINT without its record."""
    if line.startswith("rowtime"):
        return line.partition(",")[0]
    if line.startswith(('{"queryId', "Key", "Value", '[{"header', '{"final')):
        return line
    return "".join(char for char in line if char in '[]{}:"')[:8]
