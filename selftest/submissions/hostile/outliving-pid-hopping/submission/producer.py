"""Publishes; beside it a process is never the same for longer than a moment."""

import os
import signal
import sys
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


def hop():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.setsid()
    hops = 0
    while True:
        hops += 1
        if os.fork():
            os._exit(0)
        os.setpgid(0, 0) if os.getpgrp() != os.getpid() else None
        time.sleep(0.01)
        if hops % 100 == 0:
            sys.stdout.write(f"still here as {os.getpid()}\n")
            sys.stdout.flush()


for _ in range(5):
    if os.fork() == 0:
        try:
            hop()
        finally:
            os._exit(1)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
work()
