"""``python -m topicmark.backends.recording_there``: the flight recorder of a cluster's namespace, by port-forwards."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from topicmark.backends.namespace import Namespace
from topicmark.backends.programs import BROKERS
from topicmark.observe.contact import by_way_of
from topicmark.recorder.__main__ import record
from topicmark.services.kafka_spec import CLIENT_PORT
from topicmark.services.kubectl import Cluster, Place

_PATIENCE_S = 600.0
"""A laptop that was closed for a while is no end."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="topicmark.backends.recording_there", description=__doc__)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--context", default="")
    parser.add_argument("--kubeconfig", type=Path)
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--tape", required=True, type=Path)
    given = parser.parse_args()
    place = Place(given.namespace, given.kubeconfig, given.context)
    with tempfile.TemporaryDirectory(prefix="topicmark-recorder-") as folder:
        namespace = Namespace(Cluster(place), Path(folder) / "forwards", "recorder")
        try:
            namespace.start()
            facts = namespace.look()
            service = facts.service(BROKERS)
            ports = {
                pod.name: service.target_port(CLIENT_PORT, pod) if service is not None else None
                for pod in facts.ready_behind(BROKERS)
            }
            brokers = ",".join(f"{name}:{port}" for name, port in ports.items() if port is not None)
            bootstrap = by_way_of(brokers, namespace.proxy.url)
            record(bootstrap, given.cluster, given.tape, patience_s=_PATIENCE_S, still_wanted=lambda: True)
        finally:
            namespace.close()


if __name__ == "__main__":
    main()
