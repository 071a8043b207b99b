"""Last week's data sources; since then a producer sends what they read."""
import itertools
import random
import time
from uuid import uuid4

from broker import TOPIC, sender


class Source:
    def __init__(self, number):
        self.number = number
        self.level = random.uniform(-600, 600)

    def read(self):
        self.level = max(-600.0, min(600.0, self.level + random.uniform(-25, 25)))
        return {
            "sensor_id": self.number,
            "modality": self.level,
            "unit": "MW",
            "temporal_aspect": "real_time",
            "correlation_id": str(uuid4()),
            "created_at": time.time(),
            "schema_version": 1,
        }


def main():
    producer = sender()
    for source in itertools.cycle([Source(number) for number in range(1, 7)]):
        producer.send(TOPIC, key=f"source/{source.number}", value=source.read())
        time.sleep(0.15)


if __name__ == "__main__":
    main()
