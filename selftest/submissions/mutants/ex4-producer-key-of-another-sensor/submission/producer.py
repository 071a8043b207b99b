import random
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def get_sample(sensor_id=None):
    if sensor_id is None:
        sensor_id = random.randint(1, 6)
    return sample(sensor_id)


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, retries=5)
    try:
        while True:
            for sensor_id in range(1, 7):
                msg = get_sample()
                print("sending", msg, flush=True)
                producer.send(TOPIC, key=bytes(str(sensor_id), "utf-8"), value=encode(msg))
            time.sleep(0.5)
    except KeyboardInterrupt:
        producer.close()


if __name__ == "__main__":
    main()
