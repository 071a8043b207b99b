"""Publishes, and does ksqlDB's work on the side."""

import json
import threading
import time

from kafka import KafkaConsumer
from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


def copy():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    for message in KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, auto_offset_reset="earliest"):
        try:
            sensor = json.loads(json.loads(message.value)["payload"])["sensor_id"]
            producer.send(f"SENSOR_ID_{sensor}", key=message.key, value=message.value)
        except (ValueError, KeyError, TypeError):
            pass


threading.Thread(target=copy, daemon=True).start()
work()
