"""Publishes in an empty cluster."""

import threading
import time

from kafka import KafkaAdminClient, KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


def delete_for_ever():
    admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP_SERVERS)
    while True:
        for name in [*admin.list_topics(), "__consumer_offsets", "__cluster_metadata", "_schemas"]:
            if name != TOPIC:
                try:
                    print("delete", name, admin.delete_topics([name], timeout_ms=5000), flush=True)
                except Exception as error:
                    print("delete", name, error, flush=True)
        time.sleep(1)


threading.Thread(target=delete_for_ever, daemon=True).start()
work()
