"""Publishes; a grandchild waits for the end of it."""

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


def junk():
    """Records that nobody should ever see: they come when the program is over."""
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    while True:
        producer.send(TOPIC, key=b"1", value=b"outlived")
        time.sleep(0.2)


def daemon(main):
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    for descriptor in range(256):
        try:
            os.close(descriptor)
        except OSError:
            pass
    while os.path.exists(f"/proc/{main}"):
        time.sleep(0.1)
    junk()


main = os.getpid()
if os.fork() == 0:
    daemon(main)
os.wait()
work()
