"""Shows the records; somebody goes on talking afterwards."""

import os
import signal
import sys
import time

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode


def work():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    try:
        for message in consumer:
            print(decode(message.value), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if os.fork() == 0:
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            os.write(1, b"still talking\n")
        except OSError:
            pass
        time.sleep(0.5)
work()
