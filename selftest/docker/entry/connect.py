"""``cp-kafka-connect``: ``CONNECT_FOO_BAR`` is the worker's property ``foo.bar``; plugins where the hub puts them.

With the plugin that ``confluent-hub`` of this image "installs", the worker has the project's own HDFS sink on its class
path, where its archive of classes helps.
"""

from __future__ import annotations

import os
from pathlib import Path

import standin

from topicmark.services.connect_env import HUB_COMPONENTS, Unstartable, offers_hub_components, worker_properties
from topicmark.services.names import rendered

LAUNCHER = "topicmark.connect.LabWorker"


def main() -> None:
    log4j = standin.work()
    try:
        settings = worker_properties(os.environ)
    except Unstartable as reason:
        standin.refuse(str(reason))
    hub = Path(HUB_COMPONENTS)
    offered = offers_hub_components(settings)
    ours = offered and (hub / "topicmark-sink").exists()
    settings = {"listeners": "http://:8083", **settings, "plugin.discovery": "service_load" if ours else "hybrid_warn"}
    settings.pop("plugin.path", None)
    if offered and not ours and hub.is_dir():
        settings["plugin.path"] = HUB_COMPONENTS
    (standin.WORK / "worker.properties").write_text(rendered(settings))
    user = os.environ.get("HADOOP_USER_NAME", "")
    standin.become([
        *standin.COMMANDS["connect" if ours else "connect-bare"], "-Dtopicmark.detached=true", log4j,
        *([f"-DHADOOP_USER_NAME={user}"] if user else []), LAUNCHER, str(standin.WORK / "worker.properties"),
    ])  # fmt: skip


main()
