import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS
    while True:
        for sensor_id in range(1, 7):
            producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
        time.sleep(1)


if __name__ == "__main__":
    main()
