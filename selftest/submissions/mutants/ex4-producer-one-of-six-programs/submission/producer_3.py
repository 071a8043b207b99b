from kafka import KafkaProducer
from records import encode, sample
import time

producer = KafkaProducer(bootstrap_servers="kafka:9092")

while True:
    producer.send("INJESTION", key=b"3", value=encode(sample(3)))
    time.sleep(1)
