"""How long a whole lab takes until it is ready, beside each of its services alone, and the memory of it all.

    .venv/bin/python bench/lab.py [--rounds 5]

The cases take turns within one run. A service that needs Kafka (Connect, the registry) is started together with it:
alone it would never be ready. Ready is what the lab itself waits for: brokers that agree and have coordinators, a file
written to HDFS and read back, a worker that lists its plugins, a registry that keeps a schema.
"""

from __future__ import annotations

import argparse
import statistics
import time

import psutil

from topicmark.backends.embedded import EmbeddedLab
from topicmark.backends.needs import Needs, Wanted
from topicmark.provision import toolchain
from topicmark.sandbox import Level

CONNECT, REGISTRY = Wanted.of_the_course("connect"), Wanted.of_the_course("registry")
ALL = "Kafka, HDFS, Connect, registry"
CASES = {
    "Kafka": Needs(),
    "HDFS (and Kafka)": Needs(hdfs=True),
    "Connect (and Kafka)": Needs(components=(CONNECT,)),
    "registry (and Kafka)": Needs(components=(REGISTRY,)),
    ALL: Needs(hdfs=True, components=(CONNECT, REGISTRY)),
}


def measured(needs: Needs) -> tuple[float, float]:
    """Seconds until ready, and the megabytes that the lab's processes then have resident."""
    began = time.monotonic()
    lab = EmbeddedLab.new(level=Level.NAMESPACES, needs=needs)
    try:
        lab.start()
        lab.await_all()
        took_s = time.monotonic() - began
        family = psutil.Process().children(recursive=True)
        return took_s, sum(one.memory_info().rss for one in family) / 2**20
    finally:
        lab.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="How long a whole lab takes until it is ready.")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    toolchain.ensure(progress=True)
    seconds: dict[str, list[float]] = {name: [] for name in CASES}
    megabytes: dict[str, list[float]] = {name: [] for name in CASES}
    for number in range(rounds):
        for name, needs in CASES.items():
            took_s, resident_mb = measured(needs)
            seconds[name].append(took_s)
            megabytes[name].append(resident_mb)
        print(f"round {number + 1}:", ", ".join(f"{name} {seconds[name][-1]:.2f} s" for name in CASES))
    print(f"{'':32} {'s: min':>8} {'median':>8} {'max':>8} {'MB: median':>12}")
    for name in CASES:
        walls = seconds[name]
        print(
            f"{name:32} {min(walls):8.2f} {statistics.median(walls):8.2f} {max(walls):8.2f} "
            f"{statistics.median(megabytes[name]):12.0f}"
        )
    slowest = [max(seconds[name][number] for name in CASES if name != ALL) for number in range(rounds)]
    ratios = [whole / alone for whole, alone in zip(seconds[ALL], slowest, strict=True)]
    print(f"whole lab / slowest of the others, round by round: median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
