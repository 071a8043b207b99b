# Vejrstationer: nøglen er stationens nummer, målingen ligger indlejret.
import json
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

from confluent_kafka import Producer

BROKER = os.getenv("KAFKA_BROKER", "kafka:9092")
stop = False


def station(producer, number):
    sequence = 0
    while not stop:
        sequence += 1
        message = {
            "sensor_id": number,
            "sequence": sequence,
            "measured": {"wind": {"speed": round(random.uniform(0, 30), 1), "from": random.randrange(360)}, "valid": True},
            "clocks": [time.time(), time.monotonic()],
            "note": None,
        }
        producer.produce("INGESTION", key=str(number), value=json.dumps(message, ensure_ascii=False))
        producer.poll(0)
        time.sleep(0.5)


def main():
    global stop
    producer = Producer({"bootstrap.servers": BROKER, "enable.idempotence": True})
    with ThreadPoolExecutor(6) as pool:
        for number in range(1, 7):
            pool.submit(station, producer, number)
        try:
            while True:
                time.sleep(1)
        except KeyboardInterrupt:
            stop = True
    producer.flush(5)


if __name__ == "__main__":
    main()
