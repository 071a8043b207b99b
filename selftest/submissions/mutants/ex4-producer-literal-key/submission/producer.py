import threading, time
from kafka import KafkaProducer
from records import *

producer = KafkaProducer(
    bootstrap_servers=BOOTSTRAP_SERVERS,
    key_serializer=lambda k: k.encode("utf-8"),
    value_serializer=encode,
)

def run(sensor_id):
    while True:
        producer.send(TOPIC, key="sensor_id", value=sample(sensor_id))
        time.sleep(1)

def main():
    for sensor_id in range(1, 7):
        t = threading.Thread(target=run, args=(sensor_id,))
        t.daemon = True
        t.start()
    while True:
        try:
            time.sleep(1)
        except KeyboardInterrupt:
            break
    producer.close(timeout=3)

if __name__ == '__main__':
    main()
