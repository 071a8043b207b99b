"""Programs in the grader's own container: its names lead to the lab while a sandbox is open, and no longer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from topicmark.model import LabFault, UsageError
from topicmark.run import Run, Settings
from topicmark.sandbox import Endpoint, Level, Mount, Sandbox, contained, level
from topicmark.sandbox.network import plan


@pytest.fixture(autouse=True)
def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "hosts"
    file.write_text("127.0.0.1 localhost\n")
    monkeypatch.setattr(contained, "HOSTS", file)
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.1\n")
    monkeypatch.setattr(contained, "RESOLVER", tmp_path / "resolv.conf")
    return file


@pytest.fixture
def service() -> Iterator[int]:
    """A service of a lab that says hello; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    with listener.accept()[0] as connection:
                        connection.sendall(b"hello")
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def asked(server: str, name: str) -> str:
    """The address that a name server gives for a name."""
    labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
    query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + b"\x00\x00\x01\x00\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.sendto(query, (server, 53))
        return socket.inet_ntoa(client.recv(512)[-4:])


def test_names_lead_to_the_lab_while_the_sandbox_is_open(hosts: Path, service: int, tmp_path: Path) -> None:
    resolver = tmp_path / "resolv.conf"
    endpoint = Endpoint("kafka", ["kafka", "kafka.lab"], 9092, [("127.0.0.1", service)], [r"kafka\.[a-z]+"])
    with Sandbox(level=Level.CONTAINED, endpoints=[endpoint], folder=tmp_path / "one") as first:
        with Sandbox(level=Level.CONTAINED, endpoints=[endpoint], folder=tmp_path / "two"):
            lines = [line.split()[:2] for line in hosts.read_text().splitlines()]
            assert [name for _, name in lines] == ["kafka", "kafka.lab", "kafka", "kafka.lab", "localhost"]
            servers = [line.split()[1] for line in resolver.read_text().splitlines() if line.startswith("nameserver")]
            assert len(servers) == 3
            assert servers[2] == "192.0.2.1"
            assert {asked(server, "kafka.mhansen") for server in servers[:2]} <= {line[0] for line in lines}
            addresses = {address for address, name in lines if name == "kafka"}
            assert len(addresses) == 2, "each sandbox has addresses of its own"
            for address in addresses:
                with socket.create_connection((address, 9092), timeout=10) as connection:
                    assert connection.recv(5) == b"hello"
        assert hosts.read_text().count("kafka.lab") == 1
        assert any("without namespaces" in remark for remark in first.remarks)
    assert hosts.read_text() == "127.0.0.1 localhost\n"
    assert resolver.read_text() == "nameserver 192.0.2.1\n"


def test_what_programs_look_for_is_linked(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    target = tmp_path / "opt" / "java"
    for source in (tmp_path / "one", tmp_path / "two", tmp_path / "two"):
        contained.show([Mount(source, target), Mount(source, source)])
        assert target.readlink() == source
    with pytest.raises(LabFault, match="one cannot be made for programs: File exists"):
        contained.show([Mount(tmp_path / "two", tmp_path / "one")])


def test_a_port_that_is_taken_is_told() -> None:
    network = plan([Endpoint("kafka", ["kafka"], 9092, [("127.0.0.1", 1)], literal=None, on_localhost=True)])
    with socket.create_server(("127.0.0.1", 9092)):
        offered = contained.offer(network)
    for one in offered.sockets:
        one.close()
    offered.names.remove()
    assert [remark for remark in offered.remarks if remark.startswith("127.0.0.1:9092 could not be offered")]


def test_it_is_for_containers_without_namespaces_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "handed-in").mkdir()
    (tmp_path / "handed-in" / "answers.toml").touch()
    monkeypatch.setattr(contained, "why_not", lambda: "")
    monkeypatch.setattr(level, "_try", lambda: (None, "The kernel refuses."))
    asked = Settings(tmp_path / "handed-in", untrusted=True, contained=True)
    assert Run(asked).level is Level.CONTAINED
    monkeypatch.setattr(contained, "why_not", lambda: "the grader is not root in it")
    with pytest.raises(UsageError, match="--contained: the grader is not root in it"):
        Run(asked)
    with pytest.raises(UsageError, match="cannot be held safely"):
        Run(Settings(tmp_path / "handed-in", untrusted=True))
