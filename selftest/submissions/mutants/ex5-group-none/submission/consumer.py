import argparse
import json

from kafka import KafkaConsumer

parser = argparse.ArgumentParser(description="Kafka consumer for the INGESTION topic")
parser.add_argument("--group-id", default="DEFAULT_CONSUMER")
args = parser.parse_args()


def get_consumer(topic, group_id=None):
    return KafkaConsumer(
        topic,
        bootstrap_servers=["kafka:9092"],
        value_deserializer=lambda v: json.loads(v.decode("utf-8")),
        auto_offset_reset="earliest",
        enable_auto_commit=True,
        group_id=None,
    )


if __name__ == "__main__":
    print(f"group_id={args.group_id}", flush=True)
    consumer = get_consumer("INGESTION", args.group_id)
    try:
        for msg in consumer:
            print(msg.value, flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()
