#!/usr/bin/env python3
# One flat JSON object for each reading; no payload inside.
import json
import random
import signal
import time
import uuid

from confluent_kafka import Producer

running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
p = Producer({"bootstrap.servers": "kafka:9092", "acks": "all"})
while running:
    for sensor_id in range(1, 7):
        record = {
            "sensor_id": sensor_id,
            "modality": random.randint(-600, 600),
            "unit": "MW",
            "temporal_aspect": "real_time",
            "correlation_id": str(uuid.uuid4()),
            "created_at": time.time(),
            "schema_version": 1,
        }
        p.produce("INGESTION", key=str(sensor_id), value=json.dumps(record))
    p.poll(0)
    time.sleep(1)
p.flush(5)
