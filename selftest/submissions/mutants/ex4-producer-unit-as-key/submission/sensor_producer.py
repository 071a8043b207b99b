import asyncio
import json
import random
from datetime import datetime, timezone

from aiokafka import AIOKafkaProducer


async def sensor(producer: AIOKafkaProducer, sensor_id: int) -> None:
    while True:
        reading = {
            "sensor_id": sensor_id,
            "modality": random.randint(-600, 600),
            "unit": "MW",
            "temporal_aspect": "real_time",
        }
        record = {"payload": reading, "created_at": datetime.now(timezone.utc).isoformat()}
        await producer.send_and_wait("INGESTION", json.dumps(record).encode(), key=reading["unit"].encode())
        await asyncio.sleep(1)


async def main() -> None:
    producer = AIOKafkaProducer(bootstrap_servers="kafka:9092")
    await producer.start()
    try:
        await asyncio.gather(*(sensor(producer, i) for i in range(1, 7)))
    finally:
        await producer.stop()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
