import argparse

from confluent_kafka import Consumer, KafkaException

from records import BOOTSTRAP_SERVERS, TOPIC, decode

ap = argparse.ArgumentParser()
ap.add_argument("-g", "--group", default="DEFAULT_CONSUMER", help="consumer group")
opts = ap.parse_args()

consumer = Consumer({
    "bootstrap.servers": BOOTSTRAP_SERVERS,
    "group.id": opts.group,
    "group.instance.id": "consumer-1",
    "client.id": "consumer-1",
    "session.timeout.ms": 10000,
    "auto.offset.reset": "earliest",
    "auto.commit.interval.ms": 1000,
})
consumer.subscribe([TOPIC])
print(f"group_id={opts.group}", flush=True)

try:
    while True:
        msg = consumer.poll(1.0)
        if msg is None:
            continue
        if msg.error():
            raise KafkaException(msg.error())
        print(decode(msg.value()), flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
