import argparse
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def publish(producer, sensor_id=1):
    producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sensor-id", type=int, required=True, choices=range(1, 7))
    args = parser.parse_args()
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    print(f"sensor {args.sensor_id} starts", flush=True)
    try:
        while True:
            publish(producer)
            time.sleep(1)
    except KeyboardInterrupt:
        producer.close()


if __name__ == "__main__":
    main()
