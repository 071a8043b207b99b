"""Publishes beside very large files with nothing in them."""

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


for place in (".", "/tmp"):
    for name in ("results.json", "producer.log", "core", "output.txt", "records.json"):
        try:
            with open(os.path.join(place, name), "wb") as file:
                for size in (8 << 40, 1 << 40, 1 << 36, 1 << 32):
                    try:
                        file.truncate(size)
                        break
                    except OSError:
                        continue
        except OSError as error:
            print(place, name, error.strerror, flush=True)
work()
