"""A buoy that reports its waves."""

import json
import random
import time
from datetime import datetime, timezone

from kafka import KafkaProducer

TOPIC = "swell"


def measure(buoy: int) -> dict:
    return {"buoy": buoy, "height_m": round(random.uniform(0.1, 4.0), 1), "measured_at": datetime.now(timezone.utc).timestamp()}


def main() -> None:
    producer = KafkaProducer(bootstrap_servers="harbour:9092")
    while True:
        sample = measure(random.randint(1, 6))
        producer.send(TOPIC, key=str(sample["buoy"]).encode(), value=json.dumps(sample).encode())
        time.sleep(1)


if __name__ == "__main__":
    main()
