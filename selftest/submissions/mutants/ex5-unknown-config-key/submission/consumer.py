import sys

from confluent_kafka import Consumer

group = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
print(f"group_id={group}", flush=True)

consumer = Consumer({
    "bootstrap.servers": "kafka:9092",
    "group_id": group,
    "auto.offset.reset": "earliest",
})
consumer.subscribe(["INGESTION"])

try:
    while True:
        msg = consumer.poll(1.0)
        if msg is None or msg.error():
            continue
        print(msg.value().decode(), flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
