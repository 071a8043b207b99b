"""Publishes among the sleeping and the dead."""

import ctypes
import os
import signal
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


libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(36, 1, 0, 0, 0)
for number in range(40):
    if os.fork() == 0:
        libc.prctl(15, [b"java", b"systemd", b"kworker/0:1", b"pytest"][number % 4], 0, 0, 0)
        if number % 2:
            os.setsid()
            os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(100000)
        os._exit(0)
work()
