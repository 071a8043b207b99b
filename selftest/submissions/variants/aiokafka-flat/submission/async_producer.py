import asyncio
import itertools
import json
import random
import uuid
from datetime import datetime, timezone

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from kafka_setup import SERVERS, TOPIC, ensure_topic


async def sensor(sensor_id: str, producer: AIOKafkaProducer) -> None:
    """Publish a sample about every second, until cancelled."""
    await asyncio.sleep(random.random())  # the sensors shall not all talk at once
    for sample_no in itertools.count():
        sample = {
            "sensor_id": sensor_id,
            "modality": round(random.gauss(0, 200), 3),
            "unit": "MW",
            "temporal_aspect": "real_time",
            "correlation_id": str(uuid.uuid4()),
            "created_at": datetime.now(timezone.utc).isoformat(),
            "sample_no": sample_no,
        }
        try:
            await producer.send_and_wait(
                TOPIC,
                key=sensor_id.encode(),
                value=json.dumps(sample).encode(),
            )
        except KafkaError as error:
            print(f"sensor {sensor_id}: {error!r}, going on")
        await asyncio.sleep(1)


async def main() -> None:
    await ensure_topic()
    async with AIOKafkaProducer(bootstrap_servers=SERVERS, enable_idempotence=True) as producer:
        tasks = [asyncio.create_task(sensor(str(number), producer)) for number in range(1, 7)]
        print("publishing, Ctrl+C to stop")
        await asyncio.gather(*tasks)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
