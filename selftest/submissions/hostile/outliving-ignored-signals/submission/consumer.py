"""Shows and commits each record, and does not want to go."""

import signal
import sys

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode


def main():
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    consumer = KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, group_id=group_id, auto_offset_reset="earliest", enable_auto_commit=False)
    while True:
        for messages in consumer.poll(timeout_ms=200).values():
            for message in messages:
                print(decode(message.value), flush=True)
        consumer.commit()


main()
