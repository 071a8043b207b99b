import json
import random
import time
import uuid
from dataclasses import asdict, dataclass


@dataclass
class SensorObj:
    sensor_id: int
    modality: int
    unit: str
    temporal_aspect: str


@dataclass
class PackageObj:
    payload: SensorObj
    correlation_id: str
    created_at: float
    schema_version: int

    def to_bytes(self) -> bytes:
        # the payload travels as a string, it is a JSON document of its own
        as_dict = asdict(self)
        as_dict["payload"] = json.dumps(as_dict["payload"])
        return json.dumps(as_dict).encode("utf-8")


def new_package(sensor_id: int) -> PackageObj:
    sensor = SensorObj(
        sensor_id=sensor_id,
        modality=random.randint(-600, 600),
        unit="MW",
        temporal_aspect="real_time",
    )
    return PackageObj(
        payload=sensor,
        correlation_id=str(uuid.uuid4()),
        created_at=time.time(),
        schema_version=1,
    )


def read_package(raw: bytes) -> PackageObj:
    fields = json.loads(raw.decode("utf-8"))
    fields["payload"] = SensorObj(**json.loads(fields["payload"]))
    return PackageObj(**fields)
