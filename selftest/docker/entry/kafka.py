"""``apache/kafka``: ``KAFKA_FOO_BAR`` is the broker property ``foo.bar``; formats its storage at first."""

from __future__ import annotations

import os
from pathlib import Path

import standin

from topicmark.services import image_env
from topicmark.services.names import rendered

NOT_PROPERTIES = (
    "heap.opts", "log4j.opts", "opts", "jvm.performance.opts", "log4j.root.loglevel", "log4j.loggers", "version",
)  # fmt: skip


def main() -> None:
    found = image_env.properties(os.environ, "KAFKA_")
    settings = {name: value for name, value in found.items() if name not in NOT_PROPERTIES}
    if "node.id" not in settings:
        standin.refuse("Missing required configuration `node.id`")
    folder = Path(settings.setdefault("log.dirs", "/tmp/kraft-combined-logs"))
    loggers = dict(pair.split("=") for pair in os.environ.get("KAFKA_LOG4J_LOGGERS", "").split(",") if pair)
    log4j = standin.work(root=os.environ.get("KAFKA_LOG4J_ROOT_LOGLEVEL", "INFO"), loggers=loggers)
    meta = folder / "meta.properties"
    if not meta.exists():
        folder.mkdir(parents=True)
        meta.write_text(f"version=1\ncluster.id={os.environ['CLUSTER_ID']}\nnode.id={settings['node.id']}\n")
    (standin.WORK / "server.properties").write_text(rendered(settings))
    file = str(standin.WORK / "server.properties")
    standin.become([*standin.COMMANDS["kafka"], log4j, "kafka.Kafka", file])


main()
