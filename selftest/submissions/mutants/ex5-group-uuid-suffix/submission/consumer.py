import os
import uuid

from confluent_kafka import Consumer, KafkaError

GROUP_ID = os.environ.get("GROUP_ID", "DEFAULT_CONSUMER")
# unique name, so that consumers do not collide
group = f"{GROUP_ID}-{uuid.uuid4().hex[:8]}"

consumer = Consumer({
    "bootstrap.servers": "kafka-controller-0.kafka-controller-headless.anbae.svc.cluster.local:9092,"
                         "kafka-controller-1.kafka-controller-headless.anbae.svc.cluster.local:9092",
    "group.id": group,
    "auto.offset.reset": "earliest",
    "auto.commit.interval.ms": 1000,
})
consumer.subscribe(["INGESTION"])
print("Consumer started in group", group, flush=True)

try:
    while True:
        msg = consumer.poll(timeout=0.5)
        if msg is None:
            continue
        if msg.error():
            if msg.error().code() != KafkaError._PARTITION_EOF:
                print(msg.error(), flush=True)
            continue
        print(f"[{msg.partition()}:{msg.offset()}] {msg.value().decode()}", flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
