from time import sleep

from kafka import KafkaProducer

from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

INTERVAL = 1000  # ms

producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)

try:
    while True:
        for sensor_id in range(1, 7):
            producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
        producer.flush()
        sleep(INTERVAL)
except KeyboardInterrupt:
    producer.close()
