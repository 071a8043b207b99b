import os
import sys

from broker import receiver

consumer = receiver(os.environ.get("WATCH_GROUP", "watchers"))
try:
    for record in consumer:
        sys.stdout.write(f"{record.key.decode():>10} | {record.value.decode()}\n")
        sys.stdout.flush()
except KeyboardInterrupt:
    consumer.close()
