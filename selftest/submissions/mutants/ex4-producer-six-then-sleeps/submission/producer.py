import threading
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def produce(producer, sensor_id):
    producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
    producer.flush()


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    timers = [threading.Timer(1.0, produce, [producer, i]) for i in range(1, 7)]
    for timer in timers:
        timer.start()
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        for timer in timers:
            timer.cancel()
        producer.close()


if __name__ == "__main__":
    main()
