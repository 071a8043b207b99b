"""Talks without end and consumes nothing."""

import os

line = b"PASSED " * 10 + b"\n"
while True:
    os.write(1, line * 1000)
    os.write(2, line * 1000)
