"""What of a lab a program in the sandbox can reach, and under which names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from topicmark.backends.names import IN_ANY_NAMESPACE, PORTS, SERVICES
from topicmark.backends.plan import LabPlan
from topicmark.sandbox import Endpoint
from topicmark.services.hdfs import DATANODE_PORTS, HTTP_PORT, NAMENODE, RPC_PORT
from topicmark.services.kafka_spec import CLIENT_PORT
from topicmark.services.postgresql import PORT, PostgreSql

_POSTGRESQL_PORT = 5432


def endpoints(plan: LabPlan, aliases: Sequence[str], *, on_localhost: bool) -> list[Endpoint]:
    """``aliases`` are further names of the brokers. ``on_localhost``: as in a broker's pod, beside port-forwards."""
    lab = [*_brokers(plan, aliases, on_localhost), *_components(plan, on_localhost), *_hdfs(plan)]
    return [*lab, _database(plan), *datanodes(plan)] if plan.needs.table else lab


def brokers_behind(plan: LabPlan, host: str, port: int, aliases: Sequence[str]) -> list[tuple[str, int]]:
    """Where a program in a pod gets that names this host and port: addresses of brokers, none if to no broker."""
    return behind(_brokers(plan, aliases, on_localhost=False), host, port)


def behind(doors: Sequence[Endpoint], host: str, port: int) -> list[tuple[str, int]]:
    """The targets of those endpoints that have this name and port."""
    spoken = host.lower().rstrip(".")
    return [
        target
        for door in doors
        if door.port == port and (spoken in door.names or any(re.fullmatch(each, spoken) for each in door.patterns))
        for target in door.targets
    ]


def _brokers(plan: LabPlan, aliases: Sequence[str], on_localhost: bool) -> list[Endpoint]:
    brokers = plan.brokers()
    anyone = Endpoint(
        label="kafka",
        names=("kafka", "kafka-controller-headless", *aliases),
        patterns=(f"kafka{IN_ANY_NAMESPACE}", f"kafka-controller-headless{IN_ANY_NAMESPACE}"),
        port=CLIENT_PORT,
        targets=list(brokers.values()),
        on_localhost=on_localhost,
    )
    each = [
        Endpoint(
            label=f"kafka-controller-{node}",
            names=(
                f"kafka-controller-{node}.kafka-controller-headless.default.svc.cluster.local",
                f"kafka-controller-{node}.kafka-controller-headless",
            ),
            patterns=(rf"kafka-controller-{node}\.kafka-controller-headless{IN_ANY_NAMESPACE}",),
            port=CLIENT_PORT,
            targets=[target],
        )
        for node, target in brokers.items()
    ]
    return [anyone, *each]


def _components(plan: LabPlan, on_localhost: bool) -> list[Endpoint]:
    """At the course's port whatever the student's Service says: what is wrong with that costs exercise 3 alone."""
    return [
        Endpoint(
            label=wanted.name,
            names=(SERVICES[wanted.name],),
            patterns=(f"{re.escape(SERVICES[wanted.name])}{IN_ANY_NAMESPACE}",),
            port=PORTS[wanted.name],
            targets=[(plan.address_of(wanted.name), port) for port in dict.fromkeys((wanted.port, PORTS[wanted.name]))],
            on_localhost=on_localhost,
        )
        for wanted in plan.needs.components
    ]


def _hdfs(plan: LabPlan) -> list[Endpoint]:
    if plan.hdfs is None:
        return []
    address = plan.hdfs.nodes[NAMENODE]
    return [
        Endpoint(
            label=f"{NAMENODE}:{port}",
            names=(NAMENODE,),
            patterns=(f"{NAMENODE}{IN_ANY_NAMESPACE}",),
            port=port,
            targets=[(address, port)],
        )
        for port in (RPC_PORT, HTTP_PORT)
    ]


def _database(plan: LabPlan) -> Endpoint:
    return Endpoint(
        label=PostgreSql.name,
        names=(PostgreSql.name,),
        patterns=(f"{PostgreSql.name}{IN_ANY_NAMESPACE}",),
        port=_POSTGRESQL_PORT,
        targets=[(plan.address_of(PostgreSql.name), PORT)],
    )


def datanodes(plan: LabPlan) -> list[Endpoint]:
    """For whoever reads or writes files by Hadoop's own client: the namenode tells it the datanodes' addresses."""
    nodes = plan.hdfs.nodes if plan.hdfs is not None else {}
    return [
        Endpoint(label=f"{name}:{port}", names=(), port=port, targets=[(address, port)], literal=address)
        for name, address in nodes.items()
        if name != NAMENODE
        for port in DATANODE_PORTS
    ]
