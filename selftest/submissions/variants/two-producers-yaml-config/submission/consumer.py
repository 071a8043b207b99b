import asyncio
import json
from pathlib import Path

import mini_yaml
from aiokafka import AIOKafkaConsumer

config = mini_yaml.lees(Path(__file__).resolve().parent / "config.yaml")


async def main():
    consumer = AIOKafkaConsumer(
        config["kafka", "topic"],
        bootstrap_servers=config["kafka", "bootstrap"],
        group_id=config["kafka", "consumer", "group.id"],
        auto_offset_reset=config["kafka", "consumer", "auto.offset.reset"],
        auto_commit_interval_ms=1500,
    )
    print("groep", config["kafka", "consumer", "group.id"])
    await consumer.start()
    try:
        async for bericht in consumer:
            gegevens = json.loads(bericht.value)
            gegevens["payload"] = json.loads(gegevens["payload"])
            print(str(gegevens))
    finally:
        await consumer.stop()


try:
    asyncio.run(main())
except (KeyboardInterrupt, asyncio.CancelledError):
    print("gestopt")
