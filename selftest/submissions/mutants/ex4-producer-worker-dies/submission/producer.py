import itertools
import threading
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

latest = [None] * 10  # the last ten samples, for a plot


def worker(producer):
    for n in itertools.count():
        sensor_id = n % 6 + 1
        record = sample(sensor_id)
        latest[n] = record
        producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(record))
        time.sleep(0.2)


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    threading.Thread(target=worker, args=(producer,), daemon=True).start()
    try:
        while True:
            time.sleep(60)
    except KeyboardInterrupt:
        producer.close()


if __name__ == "__main__":
    main()
