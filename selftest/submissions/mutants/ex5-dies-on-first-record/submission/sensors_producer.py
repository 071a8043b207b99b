import json
import random
import time
from datetime import datetime, timezone
from uuid import uuid4

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers="kafka:9092")

while True:
    for sensor_id in range(1, 7):
        record = {
            "sensor_id": sensor_id,
            "modality": random.randint(-600, 600),
            "unit": "MW",
            "temporal_aspect": "real_time",
            "correlation_id": str(uuid4()),
            "created_at": datetime.now(timezone.utc).isoformat(),
        }
        producer.send("INGESTION", key=b"sensor-%d" % sensor_id, value=json.dumps(record).encode())
    producer.flush()
    time.sleep(1)
