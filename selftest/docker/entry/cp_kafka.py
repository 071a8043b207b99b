"""The scripts of ``confluentinc/cp-kafka`` that testcontainers' own KafkaContainer calls: for comparison only.

``configure`` makes ``/etc/kafka/kafka.properties`` of the environment, ``storage`` is Kafka's storage tool, ``launch``
the broker with the options of Kafka's own start script.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import standin

from topicmark.services import image_env
from topicmark.services.names import rendered

SETTINGS = Path("/etc/kafka/kafka.properties")
OPTIONS = (
    "-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true",
)  # fmt: skip


def main(what: str, *arguments: str) -> None:
    if what == "configure":
        SETTINGS.parent.mkdir(parents=True, exist_ok=True)
        found = {"log.dirs": "/var/lib/kafka/data", **image_env.properties(os.environ, "KAFKA_")}
        SETTINGS.write_text(rendered(found))
        return
    java, *_ = standin.COMMANDS["kafka"]
    classpath = standin.COMMANDS["kafka"][standin.COMMANDS["kafka"].index("-cp") + 1]
    if what == "storage":
        standin.become([java, "-cp", classpath, "kafka.tools.StorageTool", *arguments])
    standin.become([java, *OPTIONS, standin.work(root="INFO"), "-cp", classpath, "kafka.Kafka", str(SETTINGS)])


main(*sys.argv[1:])
