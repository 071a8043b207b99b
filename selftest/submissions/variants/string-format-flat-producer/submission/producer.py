"""Six wind turbines, flat JSON, one thread with a round robin over the turbines."""
import itertools
import json
import random
import time
from datetime import datetime, timezone

from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers=["kafka:9092"],
    key_serializer=lambda turbine: str(turbine).encode(),
    value_serializer=lambda record: json.dumps(record, separators=(",", ":")).encode(),
)

try:
    for turbine in itertools.cycle(range(1, 7)):
        producer.send("INGESTION", key=turbine, value={
            "sensor_id": turbine,
            "power": round(random.gauss(2.1, 0.4), 3),
            "unit": "MW",
            "at": datetime.now(timezone.utc).isoformat(),
        })
        time.sleep(1 / 6)
except KeyboardInterrupt:
    producer.close()
