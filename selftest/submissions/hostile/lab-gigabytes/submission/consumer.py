"""Shows the records, and fills the brokers' disks meanwhile."""

import os
import sys
import threading
import time

from confluent_kafka import Producer

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode


def work():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    try:
        for message in consumer:
            print(decode(message.value), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


def fill():
    producer = Producer({"bootstrap.servers": BOOTSTRAP_SERVERS, "queue.buffering.max.kbytes": 65536, "acks": "1"})
    while True:
        try:
            producer.produce("filler", os.urandom(900_000))
        except BufferError:
            producer.poll(0.05)
        except Exception as error:
            print(repr(error), flush=True)
            time.sleep(1)
        producer.poll(0)


threading.Thread(target=fill, daemon=True).start()
work()
