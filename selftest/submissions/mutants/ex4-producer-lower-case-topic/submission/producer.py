import threading
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, encode, sample

TOPIC_NAME = "ingestion"


def produce(sensor_id):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    try:
        while True:
            value = encode(sample(sensor_id))
            producer.send(TOPIC_NAME, key=str(sensor_id).encode(), value=value)
            print(f"sensor {sensor_id} -> {TOPIC_NAME}", flush=True)
            time.sleep(1)
    finally:
        producer.close(timeout=1)


def main():
    for sensor_id in range(1, 7):
        threading.Thread(target=produce, args=(sensor_id,), daemon=True).start()
    try:
        while True:
            time.sleep(0.1)
    except KeyboardInterrupt:
        pass


main()
