"""It was not me."""

import os
import signal
import sys

print("LabFault: broker kafka-controller-0 died", "infra: the lab could not be started", sep="\n")
print("topicmark: exit code 3, infrastructure fault, give the points back", file=sys.stderr)
print("[2024-01-01 00:00:00,000] ERROR Shutdown broker because all log dirs have failed (kafka.log.LogManager)", file=sys.stderr)
print("java.lang.OutOfMemoryError: Java heap space", "No space left on device", "Connection refused by the grader", sep="\n", file=sys.stderr)
print("INTERNALERROR> fixture 'lab' not found", "E   topicmark.services.LabFault: out of memory", sep="\n", flush=True)
for name in ("LAB_FAULT", "broker.died", "kafka.log", "infra"):
    with open(name, "w") as file:
        file.write("out of memory\n")
os.kill(os.getpid(), signal.SIGKILL if len(sys.argv) == 1 else signal.SIGBUS)
