import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

# three partitions, so three keys
KEYS = {1: b"0", 2: b"0", 3: b"1", 4: b"1", 5: b"2", 6: b"2"}


def main():
    producer = KafkaProducer(bootstrap_servers=[BOOTSTRAP_SERVERS], acks="all")
    try:
        while True:
            for sensor_id, key in KEYS.items():
                producer.send(topic=TOPIC, key=key, value=encode(sample(sensor_id)))
            time.sleep(1)
    except KeyboardInterrupt:
        pass
    producer.flush(timeout=5)


if __name__ == "__main__":
    main()
