"""Publishes from the bottom of a deep well."""

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


top = os.open(".", os.O_RDONLY)
try:
    for number in range(10000):
        name = b"\xff\xfe" + b"d" * 200
        os.mkdir(name)
        if number % 100 == 99:
            os.mkdir("closed")
            os.chmod("closed", 0)
        os.chdir(name)
except OSError as error:
    print(error.strerror, flush=True)
os.fchdir(top)
work()
