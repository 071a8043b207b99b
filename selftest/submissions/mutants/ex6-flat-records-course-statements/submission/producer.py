"""Publishes flat sensor readings, one a second and sensor."""
import json
import random
import threading
import time
import uuid

from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": "kafka:9092"})
done = threading.Event()


def sensor(number):
    while not done.wait(1.0):
        reading = {
            "sensor_id": number,
            "modality": random.randint(-600, 600),
            "unit": "MW",
            "temporal_aspect": "real_time",
            "correlation_id": str(uuid.uuid4()),
            "created_at": time.time(),
            "schema_version": 1,
        }
        producer.produce("INGESTION", json.dumps(reading).encode(), key=str(number).encode())
        producer.poll(0)


def main():
    threads = [threading.Thread(target=sensor, args=(n,)) for n in range(1, 7)]
    for thread in threads:
        thread.start()
    try:
        done.wait()
    except KeyboardInterrupt:
        done.set()
    for thread in threads:
        thread.join()
    producer.flush(5)


if __name__ == "__main__":
    main()
