"""What travels through Kafka."""
from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from uuid import uuid4


@dataclass(frozen=True)
class PowerReading:
    sensor_id: int
    modality: int
    unit: str = "MW"
    temporal_aspect: str = "real_time"


@dataclass
class Envelope:
    payload: PowerReading
    correlation_id: str = field(default_factory=lambda: str(uuid4()))
    created_at: float = field(default_factory=time.time)
    schema_version: int = 1

    def to_bytes(self) -> bytes:
        # the payload goes as a string inside the JSON because ksqlDB reads it as STRING later
        body = asdict(self)
        body["payload"] = json.dumps(body["payload"])
        return json.dumps(body).encode("utf-8")

    @classmethod
    def from_bytes(cls, raw: bytes) -> Envelope:
        body = json.loads(raw.decode("utf-8"))
        body["payload"] = PowerReading(**json.loads(body["payload"]))
        return cls(**body)
