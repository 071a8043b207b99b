"""Publishes; a child tries to trace whatever it did not start."""

import ctypes
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


def trace_everybody():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    for process in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        if process in (os.getpid(), os.getppid()):
            continue
        if libc.ptrace(0x4206, process, None, None) == 0:
            print("seized", process, flush=True)
        try:
            with open(f"/proc/{process}/mem", "r+b", buffering=0) as memory, open(f"/proc/{process}/maps") as maps:
                start = int(maps.readline().split("-")[0], 16)
                memory.seek(start)
                block = memory.read(4)
                memory.seek(start)
                memory.write(block)
                print("wrote into", process, flush=True)
        except (OSError, ValueError) as error:
            print(process, error, flush=True)
    for process in range(2, 40000):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            continue
        except PermissionError:
            print("LOOT somebody else's process:", process, flush=True)


if os.fork() == 0:
    try:
        trace_everybody()
    finally:
        os._exit(0)
os.wait()
work()
