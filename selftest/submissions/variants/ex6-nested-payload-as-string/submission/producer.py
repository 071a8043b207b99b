import asyncio
import json
import random
import uuid
from datetime import datetime, timezone

from aiokafka import AIOKafkaProducer

SENSORS = (1, 2, 3, 4, 5, 6)


def reading(sensor):
    measurement = dict(sensor_id=sensor, modality=random.randrange(-600, 601), unit="MW", temporal_aspect="real_time")
    return dict(
        payload=measurement,
        correlation_id=uuid.uuid4().hex,
        created_at=datetime.now(timezone.utc).timestamp(),
        schema_version=1,
    )


async def publish(producer, sensor):
    while True:
        await producer.send_and_wait("INGESTION", json.dumps(reading(sensor)).encode(), key=b"%d" % sensor)
        await asyncio.sleep(1)


async def main():
    async with AIOKafkaProducer(bootstrap_servers="kafka:9092") as producer:
        await asyncio.gather(*(publish(producer, sensor) for sensor in SENSORS))


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
