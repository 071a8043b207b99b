"""Threads that only wait; when there is no room for one more, try again."""

import threading
import time

threading.stack_size(64 * 1024)
print("PASSED", flush=True)
number = 0
while True:
    try:
        threading.Thread(target=time.sleep, args=(100000,), daemon=True).start()
        number += 1
    except (RuntimeError, MemoryError):
        print("threads:", number, flush=True)
        time.sleep(0.1)
