"""A real HDFS, started and stopped, broken and reset, and read through a redirect."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from pathlib import Path

import psutil
import pytest
import requests

from selftest.processes import dies_with_its_parent
from topicmark.model import LabFault
from topicmark.observe.hdfs import HdfsEntry, HdfsView
from topicmark.provision.toolchain import ensure
from topicmark.services.base import Service
from topicmark.services.hdfs import DATANODE_PORTS, HTTP_PORT, RPC_PORT, HdfsCluster, HdfsSpec
from topicmark.services.subnet import claim
from topicmark.waiting import eventually

READY_S = 60
HOSTS = range(20, 24)
PORTS = (RPC_PORT, HTTP_PORT, *DATANODE_PORTS)
COMMITTED = "/topics/INGESTION/partition=0/INGESTION+0+0000000000+0000000002.json"


@pytest.fixture(scope="module")
def toolchain():
    ensure(["hdfs"])


@pytest.fixture
def launch(toolchain, tmp_path):
    """Start a file system on a subnet of its own; everything is gone after the test."""
    made = []

    def start(*, detached: bool = False, **spec) -> HdfsCluster:
        subnet = claim(HOSTS, PORTS)
        cluster = HdfsCluster(
            HdfsSpec(subnet.prefix, **spec), tmp_path / f"hdfs-{len(made)}", marker="selftest", detached=detached
        )
        made.append((cluster, subnet))
        cluster.start()
        return cluster

    yield start
    for cluster, subnet in reversed(made):
        cluster.stop()
        subnet.release()


@pytest.fixture(scope="module")
def shared(toolchain, tmp_path_factory):
    with claim(HOSTS, PORTS) as subnet:
        one = HdfsCluster(HdfsSpec(subnet.prefix), tmp_path_factory.mktemp("hdfs"), marker="selftest")
        one.start()
        one.await_ready(READY_S)
        yield one
        one.stop()


@pytest.fixture
def cluster(shared):
    """One file system for many tests: empty before each, and its nodes run again after it."""
    shared.reset()
    yield shared
    states = shared.statuses()
    if states["namenode"] == "stopped":
        shared.start_namenode()
    for number in range(3):
        if states[f"datanode-{number}"] == "stopped":
            shared.start_datanode(number)


@pytest.fixture
def files(cluster):
    with contextlib.closing(cluster.view()) as view:
        yield view


def test_a_ready_file_system_is_whole_and_small(cluster):
    assert isinstance(cluster, Service)
    health = cluster.await_ready(READY_S)
    assert (health.is_operational, health.live_datanodes) == (True, 3)
    assert cluster.probe()
    assert cluster.died() is None
    assert cluster.statuses() == dict.fromkeys(("namenode", "datanode-0", "datanode-1", "datanode-2"), "running")
    assert cluster.rss_bytes() < 300_000_000


def test_names_and_addresses_for_other_jvms(cluster):
    subnet = cluster.spec.subnet
    names = cluster.host_names()
    assert cluster.rpc_url == "hdfs://namenode:9000"
    assert names["namenode"] == names["namenode.default.svc.cluster.local"] == f"{subnet}.20"
    assert [names[f"datanode-{number}"] for number in range(3)] == [f"{subnet}.{21 + number}" for number in range(3)]


def test_a_file_goes_to_a_datanode_by_its_address_and_comes_back(cluster, files):
    asked = requests.put(
        f"{cluster.webhdfs_url}/webhdfs/v1/x?op=CREATE&user.name=root", allow_redirects=False, timeout=10
    )
    addresses = [address for name, address in cluster.spec.nodes.items() if name != "namenode"]
    assert asked.status_code == 307
    assert any(asked.headers["Location"].startswith(f"http://{address}:9864/") for address in addresses)
    files.write(COMMITTED, b'{"id":1}\n' * 3)
    assert files.read(COMMITTED) == b'{"id":1}\n' * 3
    # a file may be closed when one datanode has told the namenode of its copy
    eventually(lambda: files.replicas(COMMITTED), lambda copies: copies == 3, within=20, describe="three copies")


def test_the_tree_is_sorted_and_says_what_is_in_it(files):
    temporary = "/topics/+tmp/INGESTION/partition=0/0a_tmp.json"
    files.write(COMMITTED, b"abc\n")
    files.write(temporary, b"")
    tree = files.tree("/topics")
    assert [entry.path for entry in tree] == sorted(entry.path for entry in tree)
    assert [entry.path for entry in tree if not entry.is_folder] == [temporary, COMMITTED]
    by_path = {entry.path: entry for entry in tree}
    modified_ms = by_path[COMMITTED].modified_ms
    assert by_path[COMMITTED] == HdfsEntry(COMMITTED, False, 4, 3, 0o644, modified_ms)
    assert by_path["/topics/+tmp"].is_folder
    assert (by_path["/topics/+tmp"].length_bytes, by_path["/topics/+tmp"].mode) == (0, 0o755)
    assert files.tree(COMMITTED) == [by_path[COMMITTED]]
    assert files.read(temporary) == b""


@pytest.mark.parametrize("name", ["a+b", "+", "50%", "%2B", "a b", "q?x=1&y", "h#i", "æøå", "a=b;c,d", "'\"", "[x]"])
def test_any_name_is_the_same_there_and_back(files, name):
    path = f"/{name}/{name}"
    files.write(path, name.encode())
    assert [entry.path for entry in files.tree()] == [f"/{name}", path]
    assert files.exists(path)
    assert files.read(path) == name.encode()
    assert files.delete(path)
    assert not files.exists(path)


def test_what_is_not_there_is_an_answer(files):
    assert not files.exists("/none")
    assert files.tree("/none") == []
    assert not files.delete("/none")
    with pytest.raises(FileNotFoundError):
        files.read("/none")
    with pytest.raises(FileNotFoundError):
        files.append("/none", b"x")


def test_what_cannot_be_done_is_a_fault_of_hdfs(files):
    files.write("/full/file", b"x")
    with pytest.raises(LabFault, match="full"):
        files.delete("/full")
    with pytest.raises(LabFault):
        files.write("/full/file/below", b"x")
    assert files.delete("/full", recursive=True)
    assert not files.exists("/full/file")


@pytest.mark.parametrize("path", ["", "relative", "hdfs://namenode:9000/x"])
def test_a_path_that_is_not_absolute_is_refused(files, path):
    with pytest.raises(ValueError, match="begins with /"):
        files.exists(path)


def test_nobody_there_is_a_fault_and_not_a_missing_file(cluster):
    nobody = HdfsView(f"http://{cluster.spec.subnet}.99:9870", within_s=2)
    for ask in (nobody.exists, nobody.tree, nobody.read, nobody.delete):
        with pytest.raises(LabFault, match="no answer"):
            ask("/")
    with pytest.raises(LabFault, match="no answer"):
        nobody.health()


def test_without_one_datanode_files_are_read_written_and_appended(cluster, files):
    files.write("/log", b"one\n")
    for round_, number in enumerate((0, 2)):
        cluster.stop_datanode(number)
        assert cluster.statuses()[f"datanode-{number}"] == "stopped"
        assert cluster.died() is None
        assert not cluster.probe()
        assert files.read("/log") == b"one\n" + b"more\n" * round_
        files.append("/log", b"more\n")
        files.write(f"/new-{number}", b"new\n")
        cluster.start_datanode(number)
        assert cluster.probe()
        eventually(
            lambda: files.replicas("/log"), lambda copies: copies == 3, within=20, describe="the log on three datanodes"
        )
    assert files.read("/log") == b"one\n" + b"more\n" * 2
    assert files.read("/new-0") == b"new\n"


def test_without_the_namenode_nothing_works_and_everything_comes_back(cluster, files):
    files.write("/kept", b"kept")
    cluster.stop_namenode()
    assert cluster.died() == "namenode is stopped"
    assert not cluster.probe()
    with pytest.raises(LabFault, match="no answer"):
        files.read("/kept")
    with pytest.raises(LabFault, match="namenode is stopped"):
        cluster.await_ready(5)
    cluster.start_namenode()
    assert cluster.died() is None
    assert cluster.probe()
    assert files.read("/kept") == b"kept"


def test_reset_deletes_all_and_restores_the_root(cluster, files):
    root = f"{cluster.webhdfs_url}/webhdfs/v1/?user.name=root&op="
    files.write(COMMITTED, b"x")
    files.write("/user/root/.Trash/x", b"x")
    requests.put(f"{root}SETPERMISSION&permission=700", timeout=10).raise_for_status()
    cluster.reset()
    assert files.tree() == []
    status = requests.get(f"{root}GETFILESTATUS", timeout=10).json()["FileStatus"]
    assert (status["permission"], status["childrenNum"]) == ("755", 0)
    cluster.reset()
    files.write("/again", b"x")
    assert [entry.path for entry in files.tree()] == ["/again"]


def test_reset_takes_an_open_file_from_its_writer(cluster, files):
    asked = requests.put(
        f"{cluster.webhdfs_url}/webhdfs/v1/open?op=CREATE&user.name=root", allow_redirects=False, timeout=10
    )
    pieces = iter([b"x" * 100_000, b"y"])

    def slowly():
        yield next(pieces)
        eventually(lambda: files.exists("/open"), bool, within=10, describe="the file that is being written")
        cluster.reset()
        yield next(pieces)

    answer = requests.put(asked.headers["Location"], data=slowly(), timeout=30)
    assert not answer.ok
    assert files.tree() == []


def test_two_file_systems_do_not_see_one_another(launch, files):
    other = launch(datanodes=1)
    assert other.await_ready(READY_S).live_datanodes == 1
    with contextlib.closing(other.view()) as theirs:
        theirs.write("/only-there", b"x", replication=1)
        assert [entry.path for entry in theirs.tree()] == ["/only-there"]
    assert files.tree() == []


def test_a_jvm_that_dies_is_noticed_and_goes_on_with_its_data(launch):
    cluster = launch(datanodes=1)
    cluster.await_ready(READY_S)
    with contextlib.closing(cluster.view()) as view:
        view.write("/kept", b"kept", replication=1)
    assert cluster.pid is not None
    os.kill(cluster.pid, signal.SIGKILL)
    with pytest.raises(LabFault, match="signal 9"):
        cluster.await_ready(READY_S)
    assert cluster.died() == "the JVM was killed by signal 9"
    cluster.start()
    cluster.await_ready(READY_S)
    with contextlib.closing(cluster.view()) as view:
        assert view.read("/kept") == b"kept"


def test_a_port_that_is_taken_is_told_with_the_log(launch):
    first = launch(datanodes=1)
    first.await_ready(READY_S)
    second = HdfsCluster(first.spec, first.folder.parent / "second", marker="selftest")
    second.start()
    try:
        with pytest.raises(LabFault, match="in use") as caught:
            second.await_ready(READY_S)
    finally:
        second.stop()
    assert "did not start" in caught.value.log
    assert first.probe()


def test_a_disk_that_is_nearly_full_is_told(cluster, monkeypatch):
    usage = shutil.disk_usage(cluster.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100 << 20))
    assert "100 MB left" in str(cluster.died())


def test_nothing_is_left_when_the_parent_is_killed(toolchain, tmp_path):
    script = (
        "from topicmark.services.hdfs import *; from topicmark.services.subnet import claim\n"
        "subnet, folder = claim(range(20, 24), (RPC_PORT, HTTP_PORT, *DATANODE_PORTS)), Path(sys.argv[1])\n"
        "service = HdfsCluster(HdfsSpec(subnet.prefix), folder, marker=sys.argv[1])\n"
        "service.start(); service.await_ready(60)"
    )
    assert dies_with_its_parent(script, tmp_path)


def test_a_detached_file_system_is_found_again(launch):
    first = launch(datanodes=1, detached=True)
    first.await_ready(READY_S)
    again = HdfsCluster.reattach(first.folder)
    assert again.await_ready(READY_S).live_datanodes == 1
    assert again.spec == first.spec
    again.stop()
    assert first.died() is not None
    with pytest.raises(LabFault, match="no longer runs"):
        HdfsCluster.reattach(first.folder)


def test_stop_and_clean_leave_nothing(launch):
    cluster = launch(datanodes=1)
    cluster.await_ready(READY_S)
    assert cluster.data_bytes() > 0
    pid = cluster.pid
    cluster.stop()
    cluster.stop()
    cluster.clean()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert not Path(cluster.folder).exists()


@pytest.mark.parametrize("datanodes", [0, 10])
def test_datanodes_without_an_address_are_refused(datanodes):
    with pytest.raises(ValueError, match="datanodes"):
        HdfsSpec(datanodes=datanodes)
