import threading
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def run(producer: KafkaProducer, sensor_id: int):
    while True:
        producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
        time.sleep(1)


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    threads = [threading.Thread(target=run, args=(producer, i)) for i in range(1, 7)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
