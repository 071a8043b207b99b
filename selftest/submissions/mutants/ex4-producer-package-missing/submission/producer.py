import time

import schedule
from kafka import KafkaProducer

from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)


def job(sensor_id):
    producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))


for sensor_id in range(1, 7):
    schedule.every(1).seconds.do(job, sensor_id)

while True:
    schedule.run_pending()
    time.sleep(0.1)
