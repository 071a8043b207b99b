"""Works with its own package only."""

import evil_package  # noqa: F401
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

work()
