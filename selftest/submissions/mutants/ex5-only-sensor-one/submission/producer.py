import json
import random
import time
import uuid
from threading import Thread

from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers=["kafka:9092"],
    key_serializer=lambda k: str(k).encode(),
    value_serializer=lambda v: json.dumps(v).encode(),
)


def sensor(sensor_id):
    while True:
        producer.send("INGESTION", key=sensor_id, value={
            "sensor_id": sensor_id,
            "modality": random.randint(-600, 600),
            "unit": "MW",
            "temporal_aspect": "real_time",
            "correlation_id": str(uuid.uuid4()),
            "created_at": time.time(),
        })
        time.sleep(1)


for i in range(1, 7):
    Thread(target=sensor, args=(i,), daemon=True).start()
while True:
    time.sleep(1)
