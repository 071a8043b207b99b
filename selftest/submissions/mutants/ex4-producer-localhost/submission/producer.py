import time

from kafka import KafkaProducer
from records import TOPIC, encode, sample


def main():
    producer = KafkaProducer(bootstrap_servers=["localhost:9092"], acks="all")
    try:
        while True:
            for sensor_id in range(1, 7):
                producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
            time.sleep(1)
    except KeyboardInterrupt:
        pass
    finally:
        producer.close()


if __name__ == "__main__":
    main()
