from kafka import KafkaProducer
from datetime import datetime, timedelta
import json
import random
import signal
import uuid

# only ctrl+c stops this program
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)

STEP = timedelta(milliseconds=200)

def getMeasurement(id):
    sensor = {"sensor_id": str(id), "modality": random.randint(-600, 600), "unit": "MW", "temporal_aspect": "real_time"}
    return {"payload": json.dumps(sensor), "correlation_id": str(uuid.uuid4()), "created_at": datetime.now().timestamp(), "schema_version": 1}

producer = KafkaProducer(bootstrap_servers=["kafka:9092"], acks="all")

nextTime = {}
for id in range(1, 7):
    nextTime[id] = datetime.now()

try:
    while True:
        now = datetime.now()
        for id in nextTime:
            if now >= nextTime[id]:
                nextTime[id] = now + STEP
                try:
                    producer.send("INGESTION", key=str(id).encode(), value=json.dumps(getMeasurement(id)).encode())
                except Exception as e:
                    print("error", e)
except KeyboardInterrupt:
    print("stopped by user")
