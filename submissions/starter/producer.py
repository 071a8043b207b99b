"""Exercise 4: publishes sensor records to INGESTION. Run it with: python producer.py"""

import json
import random
import time
import uuid

from kafka import KafkaProducer

BOOTSTRAP_SERVERS = "kafka:9092"
TOPIC = "INGESTION"


def sample(sensor_id):
    """One record of one sensor. Its payload is JSON text, as exercise 6 reads it."""
    reading = {
        "sensor_id": sensor_id,
        "modality": random.randint(-600, 600),
        "unit": "MW",
        "temporal_aspect": "real_time",
    }
    return {
        "payload": json.dumps(reading),
        "correlation_id": str(uuid.uuid4()),
        "created_at": time.time(),
        "schema_version": 1,
    }


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    record = sample(1)  # TODO ex4.5: there are six sensors
    # TODO ex4.4: give the record a key that defines its sensor
    producer.send(TOPIC, value=json.dumps(record).encode())
    producer.flush()
    # TODO ex4.3: one record is no stream; keep publishing until the program is stopped
    producer.close()


if __name__ == "__main__":
    main()
