"""A lab with a table to import: what it takes, what programs reach of it, and which labs cannot have one."""

from __future__ import annotations

import pytest

from topicmark.backends import Ability
from topicmark.backends.attached import AttachedLab
from topicmark.backends.attachment import Attachment
from topicmark.backends.endpoints import endpoints
from topicmark.backends.needs import Needs
from topicmark.backends.plan import LabPlan
from topicmark.provision import jarset, postgresql, toolchain
from topicmark.sandbox import Level
from topicmark.services.employees import random_employees
from topicmark.services.hdfs import HdfsSpec
from topicmark.services.kafka import KafkaSpec

TABLE = Needs(hdfs=True, table=random_employees(3))


def doors(needs: Needs) -> dict[str, tuple[object, ...]]:
    plan = LabPlan(KafkaSpec(subnet="127.77.1"), HdfsSpec("127.77.1"), needs)
    return {
        one.label: (one.names, one.literal, one.port, one.targets) for one in endpoints(plan, (), on_localhost=False)
    }


def test_programs_reach_the_database_by_its_name_and_the_datanodes_by_their_addresses() -> None:
    found = doors(TABLE)
    assert found["postgresql"] == (("postgresql",), None, 5432, [("127.77.1.50", 15432)])
    assert found["datanode-2:9866"] == ((), "127.77.1.23", 9866, [("127.77.1.23", 9866)])


def test_without_a_table_there_is_neither() -> None:
    assert not [label for label in doors(Needs(hdfs=True)) if label.startswith(("postgresql", "datanode"))]


def test_only_who_asks_for_a_table_fetches_what_it_takes() -> None:
    assert {"postgresql", "sqoop"} <= set(TABLE.parts)
    sets = toolchain.sets(TABLE.parts)
    assert {"sqoop", postgresql.jars()} <= set(sets)
    assert not {"sqoop", "flume", postgresql.jars()} & set(toolchain.sets())


@pytest.mark.parametrize(("machine", "artifact"), [("x86_64", "linux-amd64"), ("aarch64", "linux-arm64v8")])
def test_there_is_a_server_for_each_machine(monkeypatch: pytest.MonkeyPatch, machine: str, artifact: str) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    (jar,) = jarset.sets()[postgresql.jars()].jars
    assert jar.artifact == f"embedded-postgres-binaries-{artifact}"
    assert postgresql.version() == "16.4"


def test_a_lab_that_others_run_has_no_table() -> None:
    lab = AttachedLab(Attachment(), level=Level.NAMESPACES, needs=Needs(), allow_writes=True)
    unable = lab.unable(Ability.IMPORT)
    assert unable is not None
    assert "embedded" in str(unable)
