"""Six fictive data sources (lecture 2, exercise 8)."""

import json
import threading
import time
from dataclasses import asdict
from pathlib import Path

from records import sample

OUT = Path("samples")


def source(sensor_id):
    folder = OUT / f"sensor_{sensor_id}"
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        record = sample(sensor_id)
        path = folder / f"{record.correlation_id}.json"
        path.write_text(json.dumps(asdict(record)))
        print("saved", path, flush=True)
        time.sleep(1)


if __name__ == "__main__":
    threads = [threading.Thread(target=source, args=(i,), daemon=True) for i in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
