"""One reading a second, of whichever meter the lot falls on."""
import json
import random
import uuid
from datetime import datetime, timezone
from time import sleep

from confluent_kafka import Producer

METERS = list(range(1, 7))
grid = Producer({"bootstrap.servers": "kafka:9092", "client.id": "grid", "linger.ms": 5})


def reading(meter):
    measured = {"sensor_id": meter, "modality": round(random.gauss(0, 250), 3), "unit": "MW", "temporal_aspect": "real_time"}
    return {
        "payload": json.dumps(measured),
        "correlation_id": str(uuid.uuid4()),
        "created_at": datetime.now(timezone.utc).timestamp(),
        "schema_version": 1,
    }


def report(error, message):
    print(error or f"{message.topic()}[{message.partition()}]@{message.offset()}", flush=True)


try:
    while True:
        meter = random.choice(METERS)
        grid.produce("INGESTION", key=f"meter-{meter}", value=json.dumps(reading(meter)), on_delivery=report)
        grid.poll(0)
        sleep(1)
except KeyboardInterrupt:
    grid.flush(5)
