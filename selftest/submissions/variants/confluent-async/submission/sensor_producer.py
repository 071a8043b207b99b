#!/usr/bin/env python3
import json
import random
import signal
import time
from uuid import uuid4

from confluent_kafka import Producer

import settings

running = True
delivered = 0
failed = 0


def on_sigint(signum, frame):
    global running
    running = False


def delivery_report(err, msg):
    global delivered, failed
    if err is not None:
        failed += 1
        print(f"DELIVERY FAILED key={msg.key()}: {err}", flush=True)
        return
    delivered += 1
    if delivered % 100 == 0:
        print(f"{delivered} delivered, {failed} failed", flush=True)


def build_record(sensor):
    return {
        "payload": {
            "sensor_id": int(sensor),
            "modality": random.randrange(-600, 601),
            "unit": "MW",
            "temporal_aspect": "real_time",
        },
        "correlation_id": uuid4().hex,
        "created_at": int(time.time() * 1000),
        "schema_version": 1,
    }


def main():
    signal.signal(signal.SIGINT, on_sigint)
    producer = Producer({"bootstrap.servers": settings.BOOTSTRAP, "client.id": "six-sensors"})

    while running:
        for sensor in settings.SENSORS:
            try:
                producer.produce(
                    settings.TOPIC,
                    key=sensor,
                    value=json.dumps(build_record(sensor)),
                    on_delivery=delivery_report,
                )
            except BufferError:
                # local queue is full, this sample is lost; let librdkafka work
                producer.poll(0.5)
        # serve delivery callbacks for half a second, this is our pause too
        until = time.monotonic() + 0.5
        while running and time.monotonic() < until:
            producer.poll(0.1)

    left = producer.flush(5)
    print(f"bye. {delivered} delivered, {failed} failed, {left} unsent")


if __name__ == "__main__":
    main()
