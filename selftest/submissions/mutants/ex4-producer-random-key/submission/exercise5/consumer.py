import argparse

from confluent_kafka import Consumer

parser = argparse.ArgumentParser()
parser.add_argument("--group-id", default="DEFAULT_CONSUMER")
args = parser.parse_args()

c = Consumer({
    "bootstrap.servers": "kafka:9092",
    "group.id": args.group_id,
    "auto.offset.reset": "earliest",
    "auto.commit.interval.ms": 1000,
})
c.subscribe(["INGESTION"])
print("group", args.group_id, flush=True)
try:
    while True:
        msg = c.poll(1.0)
        if msg is None:
            continue
        if msg.error():
            print("error:", msg.error(), flush=True)
            continue
        print(msg.partition(), msg.offset(), msg.value().decode("utf-8"), flush=True)
except KeyboardInterrupt:
    pass
finally:
    c.close()
