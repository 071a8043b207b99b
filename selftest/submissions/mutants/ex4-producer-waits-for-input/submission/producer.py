import threading
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def sensor_loop(producer, sensor_id):
    while True:
        producer.send(TOPIC, key=f"{sensor_id}".encode(), value=encode(sample(sensor_id)))
        time.sleep(1)


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    input("Press Enter to start the six sensors ... ")
    for sensor_id in range(1, 7):
        threading.Thread(target=sensor_loop, args=(producer, sensor_id), daemon=True).start()
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        producer.close()


if __name__ == "__main__":
    main()
