"""``cp-ksqldb-server``: ``KSQL_FOO_BAR`` is the property ``foo.bar``. The embedded ksqlDB in the real one's place."""

from __future__ import annotations

import os

import standin

from topicmark.services.image_env import Unstartable, first_listener, properties, require


def main() -> None:
    standin.work()
    try:
        require(os.environ, ["KSQL_BOOTSTRAP_SERVERS"])
        settings = properties(os.environ, "KSQL_")
        listener = first_listener(settings.get("listeners") or "http://0.0.0.0:8088")
    except Unstartable as reason:
        standin.refuse(str(reason))
    os.environ["PYTHONPATH"] = os.pathsep.join(standin.COMMANDS["path"])
    standin.become([
        *standin.COMMANDS["python"], "-m", "topicmark.ksqldb", "--bootstrap", settings["bootstrap.servers"],
        "--listen", f"{listener.host or '0.0.0.0'}:{listener.port}", "--cache", "/tmp/ksqldb-cache", "--detached",
        "--service-id", settings.get("ksql.service.id", "default_"),
    ])  # fmt: skip


main()
