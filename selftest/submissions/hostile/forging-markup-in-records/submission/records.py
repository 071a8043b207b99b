"""The sensor records of exercise 4: what a sample is, and how it becomes bytes."""

import json
import random
import time
import uuid
from dataclasses import asdict, dataclass, field

BOOTSTRAP_SERVERS = "kafka:9092"
TOPIC = "INGESTION"


@dataclass
class Sample:
    """One reading of one sensor."""

    sensor_id: int
    modality: int
    unit: str = "MW"
    temporal_aspect: str = "real_time"


@dataclass
class Record:
    """A sample on its way: the payload is JSON text, as ksqlDB expects it in exercise 6."""

    payload: str
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: float = field(default_factory=time.time)
    schema_version: int = 1
    remark: str = ""


def sample(sensor_id: int) -> Record:
    """A record with a random reading of the sensor."""
    return Record(payload=json.dumps(asdict(Sample(sensor_id, random.randint(-600, 600)))))


def encode(record: Record) -> bytes:
    return json.dumps(asdict(record)).encode()


def decode(value: bytes) -> Record:
    return Record(**json.loads(value))
