import json
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from confluent_kafka import Producer

conf = {"bootstrap.servers": "kafka:9092", "client.id": "sensors"}
p = Producer(conf)


def delivery_report(err, msg):
    if err is not None:
        print("failed:", err)
    else:
        print(f"{msg.topic()}[{msg.partition()}]@{msg.offset()} key={msg.key()}")


def sensor(sid):
    while True:
        message = {
            "sensor_id": sid,
            "modality": random.randint(-600, 600),
            "unit": "MW",
            "temporal_aspect": "real_time",
            "created_at": time.time(),
        }
        p.produce("INGESTION", key=str(uuid.uuid4()), value=json.dumps(message), callback=delivery_report)
        p.poll(0)
        time.sleep(0.5)


with ThreadPoolExecutor(max_workers=6) as pool:
    for sid in range(1, 7):
        pool.submit(sensor, sid)
