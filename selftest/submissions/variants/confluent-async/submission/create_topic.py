#!/usr/bin/env python3
"""One-off: create the INGESTION topic with the properties from my answers."""
import sys

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

import settings

DAY_MS = 24 * 60 * 60 * 1000

new_topic = NewTopic(
    settings.TOPIC,
    num_partitions=4,
    replication_factor=3,
    config={
        "min.insync.replicas": "2",
        "retention.ms": str(14 * DAY_MS),
        "retention.bytes": str(2 * 1024**3),
        "cleanup.policy": "delete",
    },
)

admin = AdminClient({"bootstrap.servers": settings.BOOTSTRAP})
for name, future in admin.create_topics([new_topic]).items():
    try:
        future.result(timeout=30)
        print(f"created {name}")
    except KafkaException as exc:
        if exc.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            print(f"{name} is already there")
        else:
            sys.exit(f"could not create {name}: {exc}")
