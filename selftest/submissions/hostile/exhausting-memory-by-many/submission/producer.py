"""Sixty-four children, each with a modest gigabyte that it really uses."""

import mmap
import os
import time

print("PASSED", flush=True)
for _ in range(64):
    try:
        if os.fork() == 0:
            pieces = []
            for _ in range(16):
                piece = mmap.mmap(-1, 64 << 20)
                for offset in range(0, 64 << 20, 4096):
                    piece[offset] = 1
                pieces.append(piece)
            time.sleep(100000)
    except (OSError, MemoryError):
        os._exit(0)
while True:
    time.sleep(1)
