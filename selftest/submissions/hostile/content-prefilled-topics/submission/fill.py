"""Sensor records of yesterday, in the topics of tomorrow."""

import json
import time
import uuid

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers="kafka:9092")
for sensor in range(1, 7):
    for number in range(1000):
        sample = {"sensor_id": sensor, "modality": number - 500, "unit": "MW", "temporal_aspect": "real_time"}
        record = {"payload": json.dumps(sample), "correlation_id": str(uuid.uuid4()), "created_at": time.time(), "schema_version": 1}
        producer.send(f"SENSOR_ID_{sensor}", key=str(sensor).encode(), value=json.dumps(record).encode())
producer.close()
