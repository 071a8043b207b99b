import argparse
import asyncio

from aiokafka import AIOKafkaConsumer

from kafka_setup import SERVERS, TOPIC


async def consume(group: str) -> None:
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=SERVERS,
        group_id=group,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    print("group:", group, flush=True)
    try:
        async for msg in consumer:
            print(f"p{msg.partition} #{msg.offset:<6} {msg.value.decode()}", flush=True)
    finally:
        # also commits the offsets
        await consumer.stop()


if __name__ == "__main__":
    cli = argparse.ArgumentParser()
    cli.add_argument("-g", "--group", default="ingestion-readers", help="consumer group (default: %(default)s)")
    options = cli.parse_args()
    try:
        asyncio.run(consume(options.group))
    except KeyboardInterrupt:
        print("stopped")
