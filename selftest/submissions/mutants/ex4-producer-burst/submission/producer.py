import json
import random
from datetime import datetime

from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers="kafka:9092",
    value_serializer=lambda v: json.dumps(v).encode("utf-8"),
    key_serializer=lambda k: str(k).encode("utf-8"),
)

for i in range(1000):
    sensor_id = random.randint(1, 6)
    producer.send(
        "INGESTION",
        key=sensor_id,
        value={
            "sensor_id": sensor_id,
            "modality": round(random.uniform(-600, 600), 2),
            "unit": "MW",
            "temporal_aspect": "real_time",
            "timestamp": datetime.now().isoformat(),
        },
    )

producer.flush()
print("Sent 1000 messages")
