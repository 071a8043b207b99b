"""Shows what can be read, and leaves poison for the others."""

import sys
import threading

from kafka import KafkaProducer
from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

POISON = [b"", None, b"null", b"[]", b"{", b"\xff\xfe\x00", b"[" * 50000, b'{"payload": ' + b"9" * 100000 + b"}", b'{"payload": "\\ud800"}', b'{"payload": {"payload": 1e400}}',
          b'{"payload": "{\\"sensor_id\\": \\"1\\"', b"\x00\x00\x00\x00\x01Avro", b'{"schema": {"type": "struct"}, "payload": []}', b"NaN", b"{}" * 50000, b'{"sensor_id": -1, "sensor_id": 1}']


def poison():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    for value in POISON:
        for key in (b"1", None, b"\xff" * 5000):
            try:
                producer.send(TOPIC, key=key, value=value, headers=[("h" * 1000, b"\x00")], timestamp_ms=2**62)
            except Exception as error:
                print(repr(error), flush=True)
    producer.close()


def main():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    threading.Thread(target=poison, daemon=True).start()
    consumer = KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, group_id=group_id, auto_offset_reset="earliest", auto_commit_interval_ms=1000)
    try:
        for message in consumer:
            try:
                print(decode(message.value), flush=True)
            except Exception:
                print("no record of mine", flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


main()
