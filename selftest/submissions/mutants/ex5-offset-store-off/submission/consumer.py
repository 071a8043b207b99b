import json
import sys

from confluent_kafka import Consumer, KafkaException

conf = {
    "bootstrap.servers": "kafka:9092",
    "group.id": sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER",
    "auto.offset.reset": "earliest",
    "enable.auto.commit": True,
    "auto.commit.interval.ms": 1000,
    "enable.auto.offset.store": False,
}


def consume_loop(consumer, topics):
    try:
        consumer.subscribe(topics)
        while True:
            msg = consumer.poll(timeout=1.0)
            if msg is None:
                continue
            if msg.error():
                raise KafkaException(msg.error())
            print(json.loads(msg.value()), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


consume_loop(Consumer(conf), ["INGESTION"])
