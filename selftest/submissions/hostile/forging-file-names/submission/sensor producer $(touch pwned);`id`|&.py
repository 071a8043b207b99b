"""Exercise 4: six sensors, one record a second each, keyed by the sensor's id."""

import threading

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

SENSORS = range(1, 7)
INTERVAL_S = 1.0


def run_sensor(producer: KafkaProducer, sensor_id: int, stop: threading.Event) -> None:
    while not stop.is_set():
        producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
        stop.wait(INTERVAL_S)


def main() -> None:
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all", retries=10)
    stop = threading.Event()
    threads = [threading.Thread(target=run_sensor, args=(producer, sensor, stop)) for sensor in SENSORS]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        stop.set()
    finally:
        producer.close(timeout=5)


if __name__ == "__main__":
    main()
