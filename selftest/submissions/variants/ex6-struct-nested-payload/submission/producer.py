"""Sensor producer. The payload is sent as a nested object, not as a string."""
import json
import random
import threading
import time
import uuid

from kafka import KafkaProducer


def build_record(sensor_id):
    return {
        "payload": {
            "sensor_id": sensor_id,
            "modality": random.randint(-600, 600),
            "unit": "MW",
            "temporal_aspect": "real_time",
        },
        "correlation_id": str(uuid.uuid4()),
        "created_at": time.time(),
        "schema_version": 1,
    }


def loop(producer, sensor_id):
    while True:
        producer.send("INGESTION", key=str(sensor_id), value=build_record(sensor_id))
        time.sleep(1)


if __name__ == "__main__":
    kafka = KafkaProducer(
        bootstrap_servers=["kafka:9092"],
        acks="all",
        key_serializer=str.encode,
        value_serializer=lambda v: json.dumps(v).encode("utf-8"),
    )
    for number in range(1, 7):
        threading.Thread(target=loop, args=(kafka, number), daemon=True).start()
    try:
        while True:
            time.sleep(60)
    except KeyboardInterrupt:
        kafka.flush(5)
