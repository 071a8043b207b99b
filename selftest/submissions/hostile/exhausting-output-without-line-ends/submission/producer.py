"""One line without an end."""

import os

print("PASSED", end="", flush=True)
while True:
    for piece in (b"9" * 65536, b"\x00" * 65536, b'{"a":' * 13000, b"\x1b[1;31" * 10000, b"\xff\xed\xa0" * 20000):
        os.write(1, piece)
