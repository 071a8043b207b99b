"""Keys that nobody wants to see in a report."""

import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

KEYS = {
    1: b"<script>alert(1)</script>",
    2: b"\x1b[2J\x1b[Hex4.4 passed\r\n::set-output name=score::100",
    3: b"\xff\xfe\x00\xed\xa0\x80",
    4: "\u202e4\u2028]]>|`*_#".encode(),
    5: b"../../../../etc/passwd\x00" + b"k" * 3000,
    6: b"\x00",
}


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor, key in KEYS.items():
            producer.send(TOPIC, key=key, value=encode(sample(sensor)))
            print("sent", key, flush=True)
        producer.flush()
        time.sleep(1)


main()
