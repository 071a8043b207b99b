"""Publishes, and replaces every file of its folder by something that blocks its reader."""

import os
import socket
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


for name in [*os.listdir("."), "results.json", "producer.log", "stdout", "stderr", "core", "pid", "exitcode"]:
    try:
        if os.path.lexists(name):
            os.unlink(name)
        os.mkfifo(name)
    except OSError:
        pass
listener = socket.socket(socket.AF_UNIX)
listener.bind("control.sock")
listener.listen()
os.makedirs("locked/deeper", exist_ok=True)
os.chmod("locked", 0)
os.chmod(".", 0o500)
work()
