import json
import random
import threading
import time
import uuid

from kafka import KafkaProducer

ASPECTS = ["real_time", "edge_prediction"]


def make(sensor_id):
    return {
        "payload": json.dumps({
            "sensor_id": sensor_id,
            "modality": random.uniform(-600, 600),
            "unit": "MW",
            "temporal_aspect": random.choice(ASPECTS),
        }),
        "correlation_id": str(uuid.uuid4()),
        "created_at": int(time.time() * 1000),
        "schema_version": 1,
    }


def loop(sensor_id, producer):
    while True:
        record = make(sensor_id)
        aspect = json.loads(record["payload"])["temporal_aspect"]
        producer.send("INGESTION", key=f"{sensor_id}-{aspect}", value=record)
        time.sleep(0.8)


def main():
    producer = KafkaProducer(
        bootstrap_servers="kafka:9092",
        key_serializer=str.encode,
        value_serializer=lambda v: json.dumps(v).encode(),
    )
    for sensor_id in range(1, 7):
        threading.Thread(target=loop, args=(sensor_id, producer), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
