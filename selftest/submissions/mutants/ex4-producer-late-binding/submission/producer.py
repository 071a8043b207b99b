import threading
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def every_second(action):
    while True:
        action()
        time.sleep(1)


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)

    def publish(sensor_id):
        producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))

    actions = []
    for sensor_id in range(1, 7):
        actions.append(lambda: publish(sensor_id))

    threads = [threading.Thread(target=every_second, args=(action,), daemon=True) for action in actions]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        producer.close(timeout=2)


if __name__ == "__main__":
    main()
