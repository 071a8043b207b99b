"""Publishes; somebody beside it shouts."""

import os
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


if os.fork() == 0:
    while True:
        os.write(1, b"sensor 1 published record 4711 to INGESTION\r\n" * 500)
work()
