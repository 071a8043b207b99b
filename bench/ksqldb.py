"""Rows a second through the embedded ksqlDB, beside a plain consume-filter-produce loop with the same client.

    .venv/bin/python bench/ksqldb.py [--records 100000]

On one broker, within one run: the plain loop (consume, parse both JSONs, filter, produce), one CREATE STREAM AS SELECT
with EXTRACTJSONFIELD, then six of them at once. A row is a record that a filter looked at.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from pathlib import Path

import requests
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from topicmark.provision.toolchain import ensure
from topicmark.services.kafka import KafkaCluster, KafkaSpec, NodeSpec
from topicmark.services.ksqldb import KSQLDB_HOST, KsqlDb
from topicmark.services.subnet import claim

TOPIC = "INGESTION"
WITHIN_S = 300


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=100_000)
    records = arguments.parse_args().records
    ensure(["kafka"])
    with tempfile.TemporaryDirectory() as folder, claim() as subnet:
        one = {"offsets.topic.replication.factor": "1"}
        spec = KafkaSpec(subnet.prefix, nodes=(NodeSpec(0),), properties=one)
        cluster = KafkaCluster(spec, Path(folder) / "kafka", marker="bench")
        ksqldb = KsqlDb(cluster.bootstrap, subnet.address(KSQLDB_HOST), Path(folder) / "ksqldb", marker="bench")
        try:
            cluster.start()
            cluster.await_ready(120)
            print(f"{'first start on a new cluster':34} {ready_after_s(ksqldb):10.2f} s")
            ksqldb.kill()
            print(f"{'second start':34} {ready_after_s(ksqldb):10.2f} s")
            feed(cluster.bootstrap, records)
            plain = records / plain_loop(cluster.bootstrap, records)
            print(f"{'plain loop':34} {plain:10.0f} rows/s")
            run(ksqldb, "CREATE STREAM S (payload STRING, correlation_id STRING, created_at DOUBLE, schema_version INT)"
                        f" WITH (kafka_topic='{TOPIC}', value_format='JSON');")  # fmt: skip
            single = records / csas(cluster.bootstrap, ksqldb, [1], "ONE", records)
            print(f"{'one CREATE STREAM AS SELECT':34} {single:10.0f} rows/s {single / plain:6.2f} of the plain loop")
            six = 6 * records / csas(cluster.bootstrap, ksqldb, list(range(1, 7)), "SIX", records)
            print(f"{'six at once':34} {six:10.0f} rows/s {six / plain:6.2f} of the plain loop")
            print(f"{'resident memory':34} {ksqldb.rss_bytes() / 2**20:10.0f} MB")
        finally:
            ksqldb.stop()
            cluster.stop()


def ready_after_s(ksqldb: KsqlDb) -> float:
    began = time.monotonic()
    ksqldb.start()
    ksqldb.await_ready(60)
    return time.monotonic() - began


def run(ksqldb: KsqlDb, text: str) -> None:
    body = json.dumps({"ksql": text, "streamsProperties": {"auto.offset.reset": "earliest"}})
    requests.post(f"{ksqldb.url}/ksql", data=body, timeout=60).raise_for_status()


def feed(bootstrap: str, records: int) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.create_topics([NewTopic(TOPIC, 3, 1), NewTopic("PLAIN", 3, 1)]).values():
        future.result()
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "partitioner": "murmur2_random"})
    for number in range(records):
        payload = {"sensor_id": number % 6 + 1, "modality": number, "unit": "MW", "temporal_aspect": "real_time"}
        value = {
            "payload": json.dumps(payload),
            "correlation_id": f"ad3c2d6d-1a3d-4fa7-bc89-{number:012}",
            "created_at": 1694902174.122458 + number,
            "schema_version": 1,
        }
        while True:
            try:
                producer.produce(TOPIC, json.dumps(value), str(number % 6))
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()


def plain_loop(bootstrap: str, records: int) -> float:
    """Seconds for all records."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "plain", "enable.auto.commit": False})
    consumer.assign([TopicPartition(TOPIC, part, 0) for part in range(3)])
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 2})
    began, seen = time.monotonic(), 0
    while seen < records:
        for message in consumer.consume(2000, 1.0):
            seen += 1
            if json.loads(json.loads(message.value())["payload"])["sensor_id"] == 1:
                producer.produce("PLAIN", message.value(), timestamp=message.timestamp()[1])
        producer.flush()
    elapsed_s = time.monotonic() - began
    consumer.close()
    return elapsed_s


def csas(bootstrap: str, ksqldb: KsqlDb, sensors: list[int], name: str, records: int) -> float:
    """Seconds from the statements until every filter has looked at every record."""
    began = time.monotonic()
    run(ksqldb, "".join(
        f"CREATE STREAM {name}_{n} AS SELECT * FROM S WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '{n}';"
        for n in sensors
    ))  # fmt: skip
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "watch"})
    expected = {n: sum(1 for number in range(records) if number % 6 + 1 == n) for n in sensors}
    pause = threading.Event()
    while time.monotonic() - began < WITHIN_S:
        done = all(
            sum(consumer.get_watermark_offsets(TopicPartition(f"{name}_{n}", part))[1] for part in range(3)) >= count
            for n, count in expected.items()
        )
        if done:
            break
        pause.wait(0.1)
    elapsed_s = time.monotonic() - began
    consumer.close()
    return elapsed_s


if __name__ == "__main__":
    main()
