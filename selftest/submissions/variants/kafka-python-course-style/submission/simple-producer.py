import threading
import time

from client import INGESTION_TOPIC, connect_producer
from data_model import new_package

NUMBER_OF_SENSORS = 6


def sensor_thread(sensor_id, producer):
    while True:
        package = new_package(sensor_id)
        producer.send(
            INGESTION_TOPIC,
            key=str(sensor_id).encode("utf-8"),
            value=package.to_bytes(),
        )
        time.sleep(1)


if __name__ == "__main__":
    producer = connect_producer()
    threads = []
    for sensor_id in range(1, NUMBER_OF_SENSORS + 1):
        t = threading.Thread(target=sensor_thread, args=(sensor_id, producer), daemon=True)
        t.start()
        threads.append(t)

    try:
        for t in threads:
            t.join()
    except KeyboardInterrupt:
        print("stopping")
