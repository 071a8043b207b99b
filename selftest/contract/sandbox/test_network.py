"""What a sandboxed program can reach, shown with real ones. Needs Linux with namespaces; never skips."""

from __future__ import annotations

import socket

import psutil

from selftest.contract.sandbox.programs import (
    CONNECT,
    MIB,
    OURS,
    Runs,
    Server,
    await_output,
)
from topicmark.waiting import eventually


def test_unedited_names_reach_the_lab(run: Runs) -> None:
    headless = "kafka-controller-1.kafka-controller-headless.any-ns.svc.cluster.local:9092"
    seen = run.printed(CONNECT, "kafka:9092", "controller-1:9092", headless, headless.upper(), "localhost:9092")
    lines = seen.splitlines()
    assert [line.split()[1] for line in lines] == ["reached"] * 5, seen
    assert all(line.endswith("broker-1") for line in lines[1:4]), seen


def test_targets_are_tried_in_turn(run: Runs) -> None:
    seen = run.printed(CONNECT, *["kafka:9092"] * 4)
    assert "broker-1" in seen
    assert "broker-2" in seen


def test_nothing_else_is_reached(run: Runs, brokers: list[Server]) -> None:
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(f"\0topicmark-{OURS}")
    abstract.listen()
    with Server("127.0.0.1", "grader") as grader, abstract:
        places = ["1.1.1.1:53", "10.0.0.1:80", f"127.0.0.1:{grader.port}", f"{brokers[0].host}:{brokers[0].port}"]
        seen = run.printed(CONNECT, *places, "example.com:80", "unknown-host:9092", "kafka:9093", "registry:8081")
        assert seen.count("failed") == 8, seen
        seen = run.printed(
            f"""
            import socket
            for family, address in ((socket.AF_UNIX, "\\0topicmark-{OURS}"), (socket.AF_VSOCK, (2, 1))):
                try:
                    socket.socket(family).connect(address)
                    print("reached")
                except OSError as error:
                    print("failed", error)
            """
        )
        assert seen.count("failed") == 2, seen
        grader.shutdown()


def test_a_dead_target_resets_and_use_is_told(run: Runs) -> None:
    with run.python(CONNECT, "registry:8081", "kafka:9092", "kafkaa:9092") as program:
        program.wait(20)
        use = program.network()
    assert use.refused["registry"] == 1
    assert use.connections["bootstrap"] == 1
    assert "kafkaa" in use.unknown_names


def test_half_close_and_much_data(run: Runs) -> None:
    seen = run.printed(
        """
        import socket, threading, time
        plug = socket.create_connection(("kafka", 9092))
        total = 64 << 20
        def send():
            chunk = bytes(1 << 20)
            for _ in range(64):
                plug.sendall(chunk)
            plug.shutdown(socket.SHUT_WR)
        began = time.monotonic()
        threading.Thread(target=send).start()
        got = -9
        while data := plug.recv(1 << 20):
            got += len(data)
        print("got", got, "of", total, "in", round(time.monotonic() - began, 2))
        """
    )
    assert f"got {64 * MIB} of" in seen, seen
    print(seen)  # noqa: T201 (the measured rate belongs in the report)


def test_connections_are_dropped_with_the_sandbox(run: Runs, brokers: list[Server]) -> None:
    program = run.python(
        """
        import socket, time
        plug = socket.create_connection(("kafka", 9092))
        print("in", flush=True)
        time.sleep(100)
        """
    )
    await_output(program, "in")

    def open_connections() -> int:
        ports = {server.port for server in brokers}
        return sum(
            1
            for one in psutil.net_connections("tcp4")
            if one.status == psutil.CONN_ESTABLISHED and one.laddr and one.laddr.port in ports
        )

    # inside, the forwarder has accepted; the broker may have yet to
    eventually(open_connections, lambda count: count == 1, within=5, describe="one connection")
    program.kill()
    eventually(open_connections, lambda count: count == 0, within=3, describe="no connection to be left")
