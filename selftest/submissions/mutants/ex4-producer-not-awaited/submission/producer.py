import asyncio

from aiokafka import AIOKafkaProducer

from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


async def sensor(producer, sensor_id):
    while True:
        producer.send(TOPIC, value=encode(sample(sensor_id)), key=str(sensor_id).encode())
        await asyncio.sleep(1)


async def main():
    async with AIOKafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS) as producer:
        await asyncio.gather(*[sensor(producer, i) for i in range(1, 7)])


if __name__ == "__main__":
    asyncio.run(main())
