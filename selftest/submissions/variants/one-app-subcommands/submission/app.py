#!/usr/bin/env python3
"""All programs of lecture 3 in one file.

    python app.py create-topic
    python app.py produce
    GROUP_ID=some-group python app.py consume
"""
from __future__ import annotations

import json
import os
import random
import socket
import sys
import threading
import time
import uuid
from typing import Any, Callable

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

NAMESPACE = "student-ns-07"
BROKERS = ",".join(
    f"kafka-controller-{i}.kafka-controller-headless.{NAMESPACE}.svc.cluster.local:9092" for i in range(3)
)
TOPIC = "INGESTION"
DEFAULT_GROUP = "app-default-group"

PLACES = {
    1: ("Odense", 55.3959, 10.3883),
    2: ("Aarhus", 56.1572, 10.2107),
    3: ("Aalborg", 57.0480, 9.9187),
    4: ("Esbjerg", 55.4703, 8.4519),
    5: ("Kolding", 55.4904, 9.4722),
    6: ("Vejle", 55.7093, 9.5357),
}


class FakeSensor:
    def __init__(self, sensor_id: int) -> None:
        self.sensor_id = sensor_id
        self.sequence = 0
        self.battery = 100.0

    def read(self) -> dict[str, Any]:
        self.sequence += 1
        self.battery = max(5.0, self.battery - random.random() / 100)
        city, lat, lon = PLACES[self.sensor_id]
        return {
            "payload": {
                "sensor_id": self.sensor_id,
                "modality": random.randint(-600, 600),
                "unit": "MW",
                "temporal_aspect": "real_time",
                "location": {"city": city, "lat": lat, "lon": lon},
                "battery_pct": round(self.battery, 2),
            },
            "correlation_id": str(uuid.uuid4()),
            "created_at": time.time(),
            "schema_version": 2,
            "sequence": self.sequence,
            "host": socket.gethostname(),
            "tags": ["fictive", city.lower()],
        }


def create_topic() -> None:
    admin = KafkaAdminClient(bootstrap_servers=BROKERS)
    try:
        admin.create_topics(
            [
                NewTopic(
                    TOPIC,
                    num_partitions=5,
                    replication_factor=3,
                    topic_configs={
                        "min.insync.replicas": "2",
                        "retention.ms": str(30 * 24 * 3600 * 1000),
                        "retention.bytes": str(5 * 1000**3),
                    },
                )
            ]
        )
        print(f"{TOPIC} created")
    except TopicAlreadyExistsError:
        print(f"{TOPIC} exists already")
    finally:
        admin.close()


def produce() -> None:
    producer = KafkaProducer(
        bootstrap_servers=BROKERS,
        acks="all",
        linger_ms=20,
        key_serializer=str.encode,
        value_serializer=lambda record: json.dumps(record).encode(),
    )
    stop = threading.Event()

    def loop(sensor: FakeSensor) -> None:
        while not stop.wait(random.uniform(0.5, 1.5)):
            try:
                producer.send(TOPIC, key=f"{sensor.sensor_id}", value=sensor.read())
            except KafkaError as problem:
                print(f"sensor {sensor.sensor_id}: {problem}", file=sys.stderr)

    workers = [threading.Thread(target=loop, args=(FakeSensor(i),)) for i in PLACES]
    for worker in workers:
        worker.start()
    try:
        stop.wait()
    except KeyboardInterrupt:
        stop.set()
    for worker in workers:
        worker.join()
    producer.close(timeout=5)


def consume() -> None:
    group_id = os.environ.get("GROUP_ID", DEFAULT_GROUP)
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BROKERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=3000,
        value_deserializer=lambda raw: json.loads(raw.decode()),
    )
    print(f"consuming {TOPIC} as member of {group_id}", flush=True)
    try:
        for message in consumer:
            print(json.dumps(message.value, indent=2), flush=True)
    except KeyboardInterrupt:
        print("shutting down", flush=True)
    finally:
        consumer.close()


COMMANDS: dict[str, Callable[[], None]] = {
    "create-topic": create_topic,
    "produce": produce,
    "consume": consume,
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: {sys.argv[0]} {'|'.join(COMMANDS)}")
    COMMANDS[sys.argv[1]]()
