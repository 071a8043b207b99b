"""``apache/hadoop``: ``CORE-SITE.XML_name`` and ``HDFS-SITE.XML_name`` are settings; ``hdfs namenode`` or ``datanode``.

``ENSURE_NAMENODE_DIR`` formats that folder if it is not there. The official image uses ``sudo`` at its start.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import standin

CLASSES = {
    "namenode": "org.apache.hadoop.hdfs.server.namenode.NameNode",
    "datanode": "org.apache.hadoop.hdfs.server.datanode.DataNode",
}


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "hdfs"]
    if "NoNewPrivs:\t1" in Path("/proc/self/status").read_text():
        standin.refuse('sudo: The "no new privileges" flag is set, which prevents sudo from running as root.')
    log4j = standin.work(root="WARN", loggers={"org.apache.hadoop.util.NativeCodeLoader": "ERROR"})
    for server in ("hdfs", "datanode", "static"):  # or Jetty unpacks web pages from the jar: half of the start
        Path("src/main/webapps", server).mkdir(parents=True, exist_ok=True)
    settings = [
        ("-D", f"{name.split('_', 1)[1]}={value}")
        for name, value in os.environ.items()
        if name.startswith(("CORE-SITE.XML_", "HDFS-SITE.XML_"))
    ]
    command = [*standin.COMMANDS["hdfs"], log4j, CLASSES[words[0]], *(word for pair in settings for word in pair)]
    ensured = os.environ.get("ENSURE_NAMENODE_DIR")
    if words[0] == "namenode" and ensured and not Path(ensured).exists():
        subprocess.run([*command, "-format", "-force", "-nonInteractive"], check=True)
    standin.become(command)


main()
