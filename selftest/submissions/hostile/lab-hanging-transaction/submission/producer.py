"""Publishes; a transaction beside it stays open."""

import os
import time

from confluent_kafka import Producer

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


def hang(name):
    producer = Producer({"bootstrap.servers": BOOTSTRAP_SERVERS, "transactional.id": name, "transaction.timeout.ms": 900000})
    producer.init_transactions(20)
    producer.begin_transaction()
    for partition in range(3):
        producer.produce("hanging", b"never committed")
    for number in range(1, 7):
        producer.produce(TOPIC, encode(sample(number)), key=str(number).encode())
    producer.flush(20)
    time.sleep(100000)


for number in range(3):
    if os.fork() == 0:
        try:
            hang(f"hanging-{number}")
        except Exception as error:
            print(repr(error), flush=True)
        finally:
            os._exit(0)
work()
