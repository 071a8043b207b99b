#!/usr/bin/env python3
"""KAFKA_GROUP_ID=my-group python sensor_consumer.py"""
import json
import os
import signal
import sys

from confluent_kafka import Consumer

import settings

stop = False


def on_sigint(signum, frame):
    global stop
    stop = True


def main():
    group = os.environ.get("KAFKA_GROUP_ID")
    if not group:
        print("Please set KAFKA_GROUP_ID to the consumer group you want to join.", file=sys.stderr)
        sys.exit(2)

    signal.signal(signal.SIGINT, on_sigint)
    consumer = Consumer(
        {
            "bootstrap.servers": settings.BOOTSTRAP,
            "group.id": group,
            "auto.offset.reset": "latest",
        }
    )
    consumer.subscribe(
        [settings.TOPIC],
        on_assign=lambda c, parts: print("assigned:", [p.partition for p in parts], flush=True),
        on_revoke=lambda c, parts: print("revoked:", [p.partition for p in parts], flush=True),
    )
    print("group_id =", group, flush=True)

    try:
        while not stop:
            msg = consumer.poll(0.5)
            if msg is None:
                continue
            if msg.error():
                print("consumer error:", msg.error(), file=sys.stderr, flush=True)
                continue
            record = json.loads(msg.value())
            print(f"[{msg.partition()}:{msg.offset()}] {msg.key().decode()} -> {record}", flush=True)
    finally:
        consumer.close()  # commits what was read and leaves the group


if __name__ == "__main__":
    main()
