import time

from confluent_kafka import Producer
from records import TOPIC, encode, sample

# as printed by `helm install`
CONFIG = {
    "bootstrap.servers": "kafka:9092",
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "SCRAM-SHA-256",
    "sasl.username": "user1",
    "sasl.password": "Ck9vT2hJb1",
}


def main():
    producer = Producer(CONFIG)
    try:
        while True:
            for sensor_id in range(1, 7):
                producer.produce(TOPIC, key=str(sensor_id), value=encode(sample(sensor_id)))
            producer.poll(1)
    except KeyboardInterrupt:
        producer.flush(1)


if __name__ == "__main__":
    main()
