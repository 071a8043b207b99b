"""Sent, says the log."""

import itertools
import time

from records import TOPIC, encode, sample

for offset in itertools.count():
    for sensor in range(1, 7):
        print(f"sent to {TOPIC} partition={sensor % 3} offset={offset} key={sensor} value={encode(sample(sensor)).decode()}", flush=True)
    time.sleep(1)
