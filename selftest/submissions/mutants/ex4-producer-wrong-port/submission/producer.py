import sys
import time

from kafka import KafkaProducer
from records import TOPIC, encode, sample

KAFKA_BOOTSTRAP = ["kafka:9094"]


def connect():
    while True:
        try:
            return KafkaProducer(bootstrap_servers=KAFKA_BOOTSTRAP)
        except Exception as e:
            print(f"Kafka is not ready yet ({e}), trying again in 2 s", file=sys.stderr, flush=True)
            time.sleep(2)


def main():
    producer = connect()
    while True:
        for sensor_id in range(1, 7):
            producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
        time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
