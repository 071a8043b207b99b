import time

from kafka import KafkaProducer

from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)

try:
    while True:
        for sensor_id in [1, 2, 3, 4, 5, 6]:
            producer.send(TOPIC, encode(sample(sensor_id)))
        producer.flush()
        time.sleep(1)
except KeyboardInterrupt:
    print("bye")
finally:
    producer.close()
