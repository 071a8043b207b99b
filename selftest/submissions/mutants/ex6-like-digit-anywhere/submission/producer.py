import json
import random
import threading
import time
import uuid

from kafka import KafkaProducer

TOPIC = "INGESTION"
DEVICE = "EM-6541-3200"  # all our meters are of this type


def sample(sensor_id):
    payload = {
        "sensor_id": sensor_id,
        "device": DEVICE,
        "modality": random.randint(-600, 600),
        "unit": "MW",
        "temporal_aspect": "real_time",
    }
    return {
        "payload": json.dumps(payload),
        "correlation_id": str(uuid.uuid4()),
        "created_at": time.time(),
        "schema_version": 1,
    }


def run(producer, sensor_id):
    while True:
        producer.send(TOPIC, key=str(sensor_id).encode(), value=json.dumps(sample(sensor_id)).encode())
        time.sleep(1)


if __name__ == "__main__":
    p = KafkaProducer(bootstrap_servers="kafka:9092")
    workers = [threading.Thread(target=run, args=(p, n), daemon=True) for n in range(1, 7)]
    for w in workers:
        w.start()
    try:
        for w in workers:
            w.join()
    except KeyboardInterrupt:
        p.close(timeout=5)
