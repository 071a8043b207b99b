"""Shows what once was shown."""

import itertools
import sys
import time

print(f"group_id={sys.argv[1] if len(sys.argv) > 1 else 'DEFAULT_CONSUMER'}", flush=True)
with open("recorded.txt") as file:
    lines = file.read().splitlines()
for line in itertools.cycle(lines):
    print(line.replace("@", f"{time.time():.6f}"), flush=True)
    time.sleep(0.3)
