"""One process for the group, another for the screen."""

import os
import sys
import uuid

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode


def show():
    for message in KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, group_id=f"screen-{uuid.uuid4()}", auto_offset_reset="earliest"):
        print(decode(message.value), flush=True)


def main():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    if os.fork() == 0:
        show()
    consumer = KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, group_id=group_id, auto_offset_reset="earliest", auto_commit_interval_ms=1000)
    try:
        for _ in consumer:
            pass
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


main()
