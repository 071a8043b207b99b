import itertools
import json
import time
from dataclasses import asdict

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, Record, Sample, encode

MODALITIES = [-250, 120, 430]


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    for n in itertools.count():
        sensor_id = n % 6 + 1
        reading = Sample(sensor_id, MODALITIES[n])
        record = Record(payload=json.dumps(asdict(reading)))
        producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(record)).get(timeout=10)
        print("sent", record, flush=True)
        time.sleep(0.5)


if __name__ == "__main__":
    main()
