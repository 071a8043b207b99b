import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)

for i in range(3):
    for sensor_id in range(1, 7):
        producer.send(TOPIC, key=str(sensor_id).encode("utf-8"), value=encode(sample(sensor_id)))
    print("round", i + 1, "sent")
    time.sleep(1)

producer.flush()
producer.close()
print("done")
