"""Six sensors, the first with a very long remark now and then."""

import json
import os
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


def bomb():
    record = json.loads(encode(sample(1)))
    for megabytes in (1, 8, 32):
        for compression in ("gzip", "zstd", "lz4", "snappy"):
            try:
                producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, compression_type=compression, max_request_size=1 << 30, buffer_memory=1 << 30)
                record["remark"] = "0" * (megabytes << 20)
                producer.send(TOPIC, key=b"1", value=json.dumps(record).encode()).get(timeout=20)
                print("sent", compression, megabytes, flush=True)
            except Exception as error:
                print(compression, megabytes, repr(error)[:200], flush=True)


if os.fork() == 0:
    try:
        bomb()
    finally:
        os._exit(0)
work()
