"""Publishes samples of six sensors. Stop with Ctrl+C."""
import random
import time
from threading import Thread

from client import DEFAULT_TOPIC, make_producer
from data_model import Envelope, PowerReading
from kafka.errors import KafkaError


def report_failure(exc):
    print("a sample was not stored:", repr(exc))


def simulate(producer, sensor_id: int):
    while True:
        reading = PowerReading(sensor_id=sensor_id, modality=random.randint(-600, 600))
        try:
            producer.send(DEFAULT_TOPIC, key=sensor_id, value=Envelope(reading)).add_errback(report_failure)
        except KafkaError as exc:
            report_failure(exc)
        time.sleep(0.5)


def main():
    producer = make_producer()
    workers = [Thread(target=simulate, args=(producer, i), daemon=True) for i in range(1, 7)]
    for w in workers:
        w.start()
    print(f"{len(workers)} sensors are publishing to {DEFAULT_TOPIC}")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        producer.flush(timeout=5)


main()
