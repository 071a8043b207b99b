import threading
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

stop = threading.Event()


def sensor(sensor_id):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks=1)
    while not stop.is_set():
        producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
        stop.wait(1)
    producer.close(timeout=2)


if __name__ == "__main__":
    for sensor_id in range(1, 6):
        threading.Thread(target=sensor, args=(sensor_id,)).start()
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        stop.set()
