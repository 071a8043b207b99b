"""Six honest sensors whose texts are hard to print."""

import itertools
import json
import os
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

TEXTS = itertools.cycle([
    "\u202edessap\u202c", "\u2066failed\u2069\u2067passed", "ex4.3 \u200bfailed\u200d", "a\x00b", "\x01\x02\x03\x0b\x0c\x1f",
    "\x80\x85\x9b31m", "\u2028::set-output name=score::100", "\u2029", "\ud800", "\udfff\ud800", "\ufffe\uffff", "\U0010ffff",
    "e" + "\u0301" * 500, "\ufeffpassed", "\u0430\u0440\u0440", "\U000e0041\U000e0042", "\u115f\u3164", "x" * 5000 + "\u202e",
])


def main():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            record = json.loads(encode(sample(sensor)))
            record["remark"] = text = next(TEXTS)
            producer.send(TOPIC, key=str(sensor).encode(), value=json.dumps(record).encode())
            os.write(1, b"sent " + text.encode("utf-8", "surrogatepass") + b"\xff\xfe\xc0\xaf\xed\xa0\x80\n")
        producer.flush()
        time.sleep(1)


main()
