# Opgave 4: en enkelt sensor. Start programmet seks gange, fx
#   for i in 1 2 3 4 5 6; do python sensor.py --sensor-id $i & done
import argparse
import json
import random
import time
import uuid

from kafka import KafkaProducer
from kafka.errors import KafkaError

BROKERE = [
    "kafka-controller-0.kafka-controller-headless.gruppe12.svc.cluster.local:9092",
    "kafka-controller-1.kafka-controller-headless.gruppe12.svc.cluster.local:9092",
    "kafka-controller-2.kafka-controller-headless.gruppe12.svc.cluster.local:9092",
]


def lav_maaling(sensor_id):
    maaling = {}
    maaling["payload"] = {
        "sensor_id": sensor_id,
        "modality": random.randint(-600, 600),
        "unit": "MW",
        "temporal_aspect": "real_time",
    }
    maaling["correlation_id"] = str(uuid.uuid4())
    maaling["created_at"] = time.time()
    maaling["schema_version"] = 1
    return maaling


parser = argparse.ArgumentParser()
parser.add_argument("--sensor-id", type=int, choices=range(1, 7), required=True)
parser.add_argument("--interval", type=float, default=1.5)
args = parser.parse_args()

noegle = "sensor_" + str(args.sensor_id)
producer = KafkaProducer(bootstrap_servers=BROKERE, acks="all")
print("sensor", args.sensor_id, "er startet, noegle:", noegle)

try:
    while True:
        maaling = lav_maaling(args.sensor_id)
        try:
            producer.send("INGESTION", key=noegle.encode("utf-8"), value=json.dumps(maaling).encode("utf-8"))
        except KafkaError as e:
            print("kunne ikke sende:", e)
        time.sleep(args.interval)
except KeyboardInterrupt:
    print("sensor", args.sensor_id, "stopper")
    producer.close(timeout=3)
